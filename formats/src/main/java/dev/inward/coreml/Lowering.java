package dev.inward.coreml;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Opaque;
import dev.inward.graph.Product;
import dev.inward.graph.Quantization;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Reduction;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Value;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;

/// Makes a program of a graph: interface, then one op after the other.
final class Lowering {
  final Graph graph;
  final Options options;
  final Body body;
  final Weights weights;
  final Set<String> notes = new LinkedHashSet<>();

  private final Names names = new Names();

  /// The names of inputs and outputs in the program, by their names in the graph.
  private final SequencedMap<String, String> interfaceNames = new LinkedHashMap<>();

  /// Each value of the graph in the types that it has been asked for in; the first is the one that
  /// it was made in.
  private final Map<String, LinkedHashMap<MilType, Mil.Var>> values = new HashMap<>();

  private final Set<String> outputs;

  private Lowering(Graph graph, Options options, Target target) {
    this.graph = graph;
    this.options = options;
    this.body = new Body(target, names);
    this.weights = new Weights(this);
    this.outputs = new HashSet<>(graph.outputs());
  }

  /// A model with what is to be said about it.
  record Result(Model model, SequencedMap<String, String> names, List<String> notes) {}

  /// @throws NeedsTarget where the graph needs a later target
  /// @throws UnsupportedException where it holds what the format cannot say
  static Result run(Graph graph, Options options, Target target) {
    return new Lowering(graph, options, target).run();
  }

  private Result run() {
    requireStatic();
    if (options.interfaceType() == Options.Precision.FLOAT16
        && !body.target.atLeast(Target.IOS16)) {
      throw new NeedsTarget(
          Target.IOS16,
          UnsupportedException.of("float16 inputs and outputs exist from iOS 16 on")
              .hint("write for target iOS 16, or keep the float32 interface"));
    }
    Stream.concat(graph.inputs().stream().map(Value::name), graph.outputs().stream())
        .distinct()
        .forEach(name -> interfaceNames.put(name, names.fresh(name)));
    List<Mil.Var> inputs = graph.inputs().stream().map(this::input).toList();
    graph.nodes().forEach(this::lower);
    List<Mil.Var> results = graph.outputs().stream().map(this::output).toList();
    List<String> ends = results.stream().map(Mil.Var::name).toList();
    var program = new Mil.Program(body.target.opset(), inputs, body.operations(ends), ends);
    return new Result(
        new Model(
            body.target.specification(),
            program,
            features(inputs, graph.inputs().stream().map(Value::name).toList()),
            features(results, graph.outputs()),
            options.metadata()),
        interfaceNames,
        List.copyOf(notes));
  }

  private String facingName(String name) {
    return interfaceNames.getOrDefault(name, name);
  }

  private List<Model.Feature> features(List<Mil.Var> values, List<String> originals) {
    List<Model.Feature> features = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      features.add(
          new Model.Feature(
              values.get(i), options.descriptions().getOrDefault(originals.get(i), "")));
    }
    return features;
  }

  private void requireStatic() {
    Stream<String> all =
        Stream.concat(
            graph.inputs().stream().map(Value::name),
            graph.nodes().stream().flatMap(n -> n.out().stream()).filter(o -> !o.isEmpty()));
    all.forEach(name -> {
      var type = graph.typeOf(name);
      String where = (graph.isInput(name) ? "input '" : "value '") + name + "'";
      if (!type.shape().isStatic()) {
        throw UnsupportedException.at(
                where, "its shape %s is not fixed; a package has fixed shapes", type.shape())
            .hint(
                "bind the inputs' shapes with --shape, such as --shape %s",
                graph.inputs().stream()
                    .filter(i -> !i.type().shape().isStatic())
                    .findFirst()
                    .map(i -> i.name() + "=" + example(i.type()))
                    .orElse("input_ids=1x128"));
      }
      if (type.shape().rank() > 5) {
        throw UnsupportedException.at(
            where, "its shape %s has more than the 5 axes that Core ML has", type.shape());
      }
      if (type.shape().elements().orElse(1) == 0) {
        throw UnsupportedException.at(
            where, "its shape %s has no elements; Core ML has no empty values", type.shape());
      }
    });
  }

  private static String example(TensorType type) {
    return type.shape().dims().stream()
        .map(d -> d instanceof dev.inward.graph.Dim.Known(var size) ? Long.toString(size) : "1")
        .collect(java.util.stream.Collectors.joining("x"));
  }

  private Mil.Var input(Value input) {
    MilType inside = milType(input.name(), precision());
    MilType outside = interfaceType(inside);
    List<Long> dims = dims(input.name());
    List<Long> shown = dims.isEmpty() ? List.of(1L) : dims;
    String name = facingName(input.name());
    var facing = new Mil.Var(name, outside, shown);
    Mil.Var value = facing;
    if (dims.isEmpty()) {
      note("input '%s' is a scalar in the graph and has one axis of extent 1 here", input.name());
      value =
          body.call("squeeze", name + "_scalar")
              .in("x", value)
              .ints("axes", 0)
              .gives(outside, dims);
    }
    if (inside != outside) {
      value = cast(value, inside, name + "_to_" + inside.text());
    }
    define(input.name(), value);
    if (inside.isFloat() && dims.equals(shown)) {
      define(input.name(), facing);
    }
    return facing;
  }

  private Mil.Var output(String output) {
    MilType inside = values.containsKey(output) ? made(output).type() : constantType(output);
    Mil.Var value = value(output, inside);
    MilType outside = interfaceType(inside);
    String name = facingName(output);
    if (value.name().equals(name) && !graph.isInput(output)) {
      return value;
    }
    if (graph.isInput(output)) {
      name = names.fresh(output + "_out");
      note("output '%s' is an input too, and is called '%s' here", output, name);
    }
    if (dims(output).isEmpty()) {
      note("output '%s' is a scalar in the graph and has one axis of extent 1 here", output);
      value =
          body.call("expand_dims", name + "_vector")
              .in("x", value)
              .ints("axes", 0)
              .gives(inside, List.of(1L));
    }
    var out = new Mil.Var(name, outside, value.dims());
    return inside == outside
        ? body.call("identity", name).in("x", value).as(out)
        : body.call("cast", name).in("x", value).text("dtype", outside.text()).as(out);
  }

  private MilType constantType(String constant) {
    return milType(constant, precision());
  }

  /// What an app sees of a type.
  private MilType interfaceType(MilType inside) {
    return inside.isFloat()
        ? options.interfaceType() == Options.Precision.FLOAT16 ? MilType.FLOAT16 : MilType.FLOAT32
        : MilType.INT32;
  }

  private MilType precision() {
    return options.precision() == Options.Precision.FLOAT16 ? MilType.FLOAT16 : MilType.FLOAT32;
  }

  private void lower(Node node) {
    var site = new Site(node, this, realOf(node));
    switch (node.op()) {
      case Elementwise op -> ElementwiseLowering.lower(site, op);
      case Product op -> ProductLowering.lower(site, op);
      case Windowed op -> WindowedLowering.lower(site, op);
      case Normalization op -> NormalizationLowering.lower(site, op);
      case Reduction op -> ReductionLowering.lower(site, op);
      case Movement op -> MovementLowering.lower(site, op);
      case Quantization op -> QuantizationLowering.lower(site, op);
      case Recurrent cell -> RecurrentLowering.lower(site, cell);
      case Opaque(var domain, _, _, _) ->
          throw site.refused(
                  "it is an operator of domain '%s' that is not known",
                  domain.isEmpty() ? "ai.onnx" : domain)
              .hint("export the model with standard operators");
    }
  }

  /// What a node computes its reals in: what the options say, unless it is named among those that
  /// stay float32, is float16 in the graph, or reads a constant that float16 cannot hold. A cast
  /// goes by its result.
  private MilType realOf(Node node) {
    if (!(node.op() instanceof Elementwise.Cast) && isHalf(node)) {
      return MilType.FLOAT16;
    }
    if (precision() == MilType.FLOAT32 || options.keepFloat32().contains(node.name())) {
      return MilType.FLOAT32;
    }
    for (String operand : node.in()) {
      if (weights.exceedsHalf(operand)) {
        note(
            "node '%s' computes in float32: its constant '%s' is beyond float16",
            node.name(), operand);
        return MilType.FLOAT32;
      }
    }
    return MilType.FLOAT16;
  }

  /// Whether the first value of reals that a node speaks of is float16 in the graph.
  private boolean isHalf(Node node) {
    return Stream.concat(node.in().stream(), node.out().stream())
        .filter(v -> !v.isEmpty())
        .flatMap(v -> graph.type(v).stream())
        .map(TensorType::dtype)
        .filter(DataType::isFloat)
        .findFirst()
        .filter(t -> t == DataType.FLOAT16)
        .isPresent();
  }

  /// The type of a value of the graph in the program, for a node that computes in `real`.
  MilType milType(String value, MilType real) {
    var type = graph.typeOf(value);
    return switch (type.dtype()) {
      case FLOAT32 -> real;
      case FLOAT16 -> MilType.FLOAT16;
      case INT64, INT32 -> MilType.INT32;
      case BOOL -> MilType.BOOL;
      case INT8 -> narrow(value, MilType.INT8);
      case UINT8 -> narrow(value, MilType.UINT8);
      case INT16 -> narrow(value, MilType.INT16);
      case UINT16 -> narrow(value, MilType.UINT16);
      case BFLOAT16, FLOAT64, INT4, UINT4, UINT32, UINT64, STRING ->
          throw UnsupportedException.at(
                  "value '" + value + "'", "Core ML has no values of type %s", type.dtype().text())
              .hint("cast to float32 or int32 in the model");
    };
  }

  private MilType narrow(String value, MilType type) {
    if (!body.target.atLeast(Target.IOS17)) {
      throw new NeedsTarget(
          Target.IOS17,
          UnsupportedException.at(
                  "value '" + value + "'",
                  "values of type %s exist from iOS 17 on, the target is %s",
                  type.text(),
                  body.target.title())
              .hint("write for target iOS 17"));
    }
    return type;
  }

  List<Long> dims(String value) {
    var sizes = graph.typeOf(value).shape().sizes();
    return java.util.Arrays.stream(sizes).boxed().toList();
  }

  boolean isOutput(String value) {
    return outputs.contains(value);
  }

  /// A value of the graph; reals in the wanted type, everything else in its own.
  Mil.Var value(String name, MilType wantedReal) {
    MilType wanted = milType(name, wantedReal);
    if (graph.type(name).map(TensorType::dtype).filter(DataType::isFloat).isPresent()) {
      wanted = wantedReal;
    }
    var known = values.computeIfAbsent(name, _ -> new LinkedHashMap<>());
    var found = known.get(wanted);
    if (found != null) {
      return found;
    }
    Mil.Var made;
    if (graph.constant(name).isPresent()) {
      made = weights.tensor(name, graph.constant(name).get(), wanted, "constant '" + name + "'");
    } else {
      made = cast(made(name), wanted, made(name).name() + "_to_" + wanted.text());
    }
    known.put(wanted, made);
    return made;
  }

  /// A value in the type that it was made in; a constant of reals in the given type.
  Mil.Var natural(String name, MilType real) {
    return graph.constant(name).isPresent() ? value(name, real) : made(name);
  }

  private Mil.Var made(String name) {
    return values.getOrDefault(name, new LinkedHashMap<>()).values().iterator().next();
  }

  private Mil.Var cast(Mil.Var value, MilType to, String hint) {
    return body.call("cast", hint).in("x", value).text("dtype", to.text()).gives(to, value.dims());
  }

  /// The value that a node is to make for a result: under the name of the interface where it is an
  /// output as it stands.
  Mil.Var resultVar(String name, MilType real) {
    MilType type = milType(name, real);
    List<Long> dims = dims(name);
    boolean facing = isOutput(name) && interfaceType(type) == type && !dims.isEmpty();
    String chosen =
        facing ? facingName(name) : names.fresh(isOutput(name) ? name + "_" + type.text() : name);
    return new Mil.Var(chosen, type, dims);
  }

  void define(String name, Mil.Var value) {
    values.computeIfAbsent(name, _ -> new LinkedHashMap<>()).put(value.type(), value);
  }

  void note(String format, Object... args) {
    notes.add(format.formatted(args));
  }

  /// Whether a tensor is stored as what it is, uncompressed.
  static boolean isPlain(Tensor tensor) {
    return tensor.encoding() instanceof Encoding.Dense;
  }
}
