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

  final Names names = new Names();
  final Unknowns unknowns = new Unknowns(this);

  /// The names of inputs and outputs in the program, by their names in the graph.
  private final SequencedMap<String, String> interfaceNames = new LinkedHashMap<>();

  /// Each value of the graph in the types that it has been asked for in; the first is the one that
  /// it was made in.
  private final Map<String, LinkedHashMap<MilType, Mil.Var>> values = new HashMap<>();

  /// Names of what stands for a value of the graph.
  private final Set<String> standing = new HashSet<>();

  private final Set<String> outputs;

  private Lowering(Graph graph, Options options, Target target) {
    this.graph = graph;
    this.options = options;
    this.body = new Body(target, names);
    this.weights = new Weights(body, graph::constant, notes::add);
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
    requireKnownOps();
    var facing = new Facing(this);
    facing.check();
    Stream.concat(graph.inputs().stream().map(Value::name), graph.outputs().stream())
        .distinct()
        .forEach(name -> interfaceNames.put(name, names.fresh(name)));
    List<Mil.Var> inputs = graph.inputs().stream().map(facing::input).toList();
    graph.nodes().forEach(this::lower);
    List<Mil.Var> results = graph.outputs().stream().map(facing::output).toList();
    List<String> ends = results.stream().map(Mil.Var::name).toList();
    var classifier = facing.classifier();
    var program =
        new Mil.Program(body.target.opset(), inputs, body.operations(ends), ends, classifier);
    return new Result(
        new Model(
            body.target.specification(),
            program,
            facing.inputs(),
            facing.outputs(),
            options.face().metadata()),
        interfaceNames,
        List.copyOf(notes));
  }

  private void requireKnownOps() {
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Opaque(var domain, _, _, _)) {
        throw new Site(node, this, precision())
            .refused(
                "it is an operator of domain '%s' that is not known",
                domain.isEmpty() ? "ai.onnx" : domain)
            .hint("export the model with standard operators");
      }
    }
  }

  String facingName(String name) {
    return interfaceNames.getOrDefault(name, name);
  }

  MilType precision() {
    return options.precision() == Options.Precision.FLOAT16 ? MilType.FLOAT16 : MilType.FLOAT32;
  }

  private void lower(Node node) {
    if (isShapeArithmetic(node)) {
      return;
    }
    var site = new Site(node, this, realOf(node));
    try {
      lower(site);
    } catch (ArithmeticException | IllegalArgumentException | IndexOutOfBoundsException e) {
      if (node.reads().allMatch(v -> graph.shape(v).isStatic())
          && node.out().stream().allMatch(v -> v.isEmpty() || graph.shape(v).isStatic())) {
        throw e;
      }
      throw site.refused("it needs extents that are known only when the model runs")
          .hint("bind the shapes of the inputs to numbers with --shape");
    }
  }

  /// Whether a node only computes with extents that are known when the model runs: what of it is
  /// needed is computed anew from the extents of the inputs.
  private boolean isShapeArithmetic(Node node) {
    return node.out().size() == 1
        && !isOutput(node.result())
        && unknowns.contents(node.result()).isPresent();
  }

  private void lower(Site site) {
    Node node = site.node;
    switch (node.op()) {
      case Elementwise op -> ElementwiseLowering.lower(site, op);
      case Product op -> ProductLowering.lower(site, op);
      case Windowed op -> WindowedLowering.lower(site, op);
      case Normalization op -> NormalizationLowering.lower(site, op);
      case Reduction op -> ReductionLowering.lower(site, op);
      case Movement op -> MovementLowering.lower(site, op);
      case Quantization op -> QuantizationLowering.lower(site, op);
      case Recurrent cell -> RecurrentLowering.lower(site, cell);
      case Opaque _ -> throw new IllegalStateException("refused before");
    }
  }

  /// What a node computes its reals in: what the options say, unless it is named among those that
  /// stay float32, is float16 in the graph, or reads a constant that float16 cannot hold. A cast
  /// goes by its result.
  private MilType realOf(Node node) {
    if (!(node.op() instanceof Elementwise.Cast) && isHalf(node)) {
      return MilType.FLOAT16;
    }
    if (precision() == MilType.FLOAT32 || options.keepsFloat32(node)) {
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

  /// The extents of a value; one that is known only when the model runs is [Mil#unknown].
  List<Long> dims(String value) {
    return unknowns.dims(graph.typeOf(value).shape());
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
    } else if (known.isEmpty() && unknowns.contents(name).isPresent()) {
      made = unknowns.value(name, wanted);
    } else {
      made = cast(made(name), wanted, made(name).name() + "_to_" + wanted.text());
    }
    known.put(wanted, made);
    standing.add(made.name());
    return made;
  }

  /// A value in the type that it was made in; a constant of reals in the given type.
  Mil.Var natural(String name, MilType real) {
    return graph.constant(name).isPresent() ? value(name, real) : made(name);
  }

  boolean isMade(String name) {
    return values.containsKey(name);
  }

  Mil.Var made(String name) {
    return values.getOrDefault(name, new LinkedHashMap<>()).values().iterator().next();
  }

  Mil.Var cast(Mil.Var value, MilType to, String hint) {
    return body.call("cast", hint).in("x", value).text("dtype", to.text()).gives(to, value.dims());
  }

  /// The value that a node is to make for a result: under the name of the interface where it is an
  /// output as it stands.
  Mil.Var resultVar(String name, MilType real) {
    MilType type = milType(name, real);
    List<Long> dims = dims(name);
    boolean facing =
        isOutput(name)
            && Facing.usual(type, options) == type
            && !options.face().types().containsKey(name)
            && !dims.isEmpty();
    String chosen =
        facing ? facingName(name) : names.fresh(isOutput(name) ? name + "_" + type.text() : name);
    return new Mil.Var(chosen, type, dims);
  }

  /// Defines a result as a value that is there: under the result's name, where its op is the last
  /// and stands for nothing else.
  void alias(String name, Mil.Var value, MilType real) {
    boolean own =
        !standing.contains(value.name())
            && body.endsWith(value)
            && value.type() == milType(name, real)
            && value.dims().equals(dims(name));
    define(name, own ? body.renamed(resultVar(name, real)) : value);
  }

  void define(String name, Mil.Var value) {
    unknowns.offer(name, value);
    standing.add(value.name());
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
