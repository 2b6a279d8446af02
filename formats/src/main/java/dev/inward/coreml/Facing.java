package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.base.Spelling;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Dim;
import dev.inward.graph.Shape;
import dev.inward.graph.TensorType;
import dev.inward.graph.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Writes the inputs and outputs of a program as its face asks for them.
final class Facing {
  private final Lowering lowering;
  private final Face face;
  private final List<Model.Feature> inputs = new ArrayList<>();
  private final List<Model.Feature> outputs = new ArrayList<>();
  private Optional<Mil.Classifier> classifier = Optional.empty();

  Facing(Lowering lowering) {
    this.lowering = lowering;
    this.face = lowering.options.face();
  }

  List<Model.Feature> inputs() {
    return List.copyOf(inputs);
  }

  List<Model.Feature> outputs() {
    return List.copyOf(outputs);
  }

  Optional<Mil.Classifier> classifier() {
    return classifier;
  }

  /// @throws InputException where the face speaks of what the graph does not have
  /// @throws UnsupportedException where the graph has a shape that the format cannot say
  void check() {
    List<String> in = lowering.graph.inputs().stream().map(Value::name).toList();
    List<String> all = Stream.concat(in.stream(), lowering.graph.outputs().stream()).toList();
    known(face.types().keySet(), all, "input or output");
    known(face.images().keySet(), all, "input or output");
    known(face.extents().keySet(), in, "input");
    known(face.descriptions().keySet(), all, "input or output");
    face.classes().ifPresent(c -> known(Set.of(c.output()), lowering.graph.outputs(), "output"));
    checkKept();
    face.extents().forEach((name, extents) -> check(input(name), extents));
    face.images().keySet().stream()
        .filter(face.types()::containsKey)
        .findFirst()
        .ifPresent(both -> {
          throw InputException.at("'" + both + "'", "is asked for as an image and as an array");
        });
    lowering.graph.inputs().stream()
        .filter(i -> !face.extents().containsKey(i.name()) && !i.type().shape().isStatic())
        .findFirst()
        .ifPresent(i -> {
          throw UnsupportedException.at(
                  "input '" + i.name() + "'",
                  "its shape %s is not fixed, and no range is given for it",
                  i.type().shape())
              .hint(
                  "bind it with --shape, such as --shape %s=%s",
                  i.name(), example(i.type().shape()));
        });
    Stream.concat(in.stream(), lowering.graph.nodes().stream().flatMap(n -> n.out().stream()))
        .filter(o -> !o.isEmpty())
        .forEach(this::checkShape);
    noteEqualExtents();
  }

  private static void known(Collection<String> named, List<String> all, String what) {
    for (String name : named) {
      if (!all.contains(name)) {
        throw InputException.at("'" + name + "'", "the model has no %s of that name", what)
            .hint("%s", Spelling.hint(name, all));
      }
    }
  }

  /// What is to stay float32 must be there, as a node or as an op.
  private void checkKept() {
    Set<String> names = new TreeSet<>();
    lowering
        .graph
        .nodes()
        .forEach(node -> {
          names.add(node.name());
          names.add(node.op().name());
        });
    for (String kept : lowering.options.keepFloat32()) {
      if (names.stream().noneMatch(kept::equalsIgnoreCase)) {
        throw InputException.at(
                "'" + kept + "'", "is neither a node of the simplified model nor an op of it")
            .hint(
                "%s",
                Spelling.nearest(kept, names)
                    .map(near -> "did you mean '" + near + "'?")
                    .orElse("inward inspect MODEL --nodes lists them"));
      }
    }
  }

  private Value input(String name) {
    return lowering.graph.inputs().stream()
        .filter(i -> i.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static void check(Value input, Face.Extents extents) {
    Shape shape = input.type().shape();
    List<List<Long>> shapes =
        switch (extents) {
          case Face.Extents.Enumerated(var all) -> all;
          case Face.Extents.Ranges _ -> List.of(extents.usual());
        };
    for (List<Long> one : shapes) {
      boolean fits = shape.ranked() && shape.rank() == one.size();
      for (int axis = 0; fits && axis < one.size(); axis++) {
        fits =
            !(shape.dim(axis) instanceof Dim.Known(var size))
                || size == one.get(axis)
                    && !(extents instanceof Face.Extents.Ranges(var axes)
                        && !axes.get(axis).fixed());
      }
      if (!fits) {
        throw InputException.at(
                "input '" + input.name() + "'",
                "the model states %s, the shapes asked for are %s",
                shape,
                extents)
            .hint("only an extent that the model names, such as 'batch', can vary");
      }
    }
  }

  private void checkShape(String name) {
    Shape shape = lowering.graph.typeOf(name).shape();
    String where = (lowering.graph.isInput(name) ? "input '" : "value '") + name + "'";
    if (!shape.ranked()) {
      throw UnsupportedException.at(where, "not even its number of axes is known")
          .hint("bind the shapes of the inputs to numbers with --shape");
    }
    if (shape.rank() > 5) {
      throw UnsupportedException.at(
          where, "its shape %s has more than the 5 axes that Core ML has", shape);
    }
    if (shape.dims().stream().anyMatch(d -> d.is(0))) {
      throw UnsupportedException.at(
          where, "its shape %s has no elements; Core ML has no empty values", shape);
    }
  }

  private static String example(Shape shape) {
    return shape.ranked()
        ? String.join(
            "x",
            shape.dims().stream()
                .map(d -> d instanceof Dim.Known(var size) ? Long.toString(size) : "1")
                .toList())
        : "1x128";
  }

  /// Extents of one name are equal in the graph; the package cannot say so.
  private void noteEqualExtents() {
    Map<Dim, List<String>> shared = new LinkedHashMap<>();
    for (Value input : lowering.graph.inputs()) {
      input.type().shape().dims().stream()
          .filter(Dim.Symbol.class::isInstance)
          .distinct()
          .forEach(d -> shared.computeIfAbsent(d, _ -> new ArrayList<>()).add(input.name()));
    }
    shared.forEach((dim, names) -> {
      if (names.size() > 1) {
        lowering.note("inputs %s must have the same extent '%s'", String.join(", ", names), dim);
      }
    });
  }

  /// What an app sees of a type where it does not ask for another.
  static MilType usual(MilType inside, Options options) {
    return inside.isFloat()
        ? options.interfaceType() == Options.Precision.FLOAT16 ? MilType.FLOAT16 : MilType.FLOAT32
        : MilType.INT32;
  }

  private MilType outside(String name, MilType inside) {
    Face.Colour colour = face.images().get(name);
    if (colour != null) {
      return colour == Face.Colour.GRAY_FLOAT16
          ? from(Target.IOS16, MilType.FLOAT16, "images of float16 exist")
          : MilType.FLOAT32;
    }
    if (face.classes().filter(c -> c.output().equals(name)).isPresent()) {
      return MilType.FLOAT32;
    }
    Face.Element asked = face.types().get(name);
    MilType type =
        asked == null
            ? usual(inside, lowering.options)
            : switch (asked) {
              case FLOAT16 -> MilType.FLOAT16;
              case FLOAT32, FLOAT64 -> MilType.FLOAT32;
              case INT32 -> MilType.INT32;
              case INT8 -> from(Target.IOS26, MilType.INT8, "int8 inputs and outputs exist");
            };
    return type == MilType.FLOAT16
        ? from(Target.IOS16, type, "float16 inputs and outputs exist")
        : type;
  }

  private MilType from(Target least, MilType type, String what) {
    if (!lowering.body.target.atLeast(least)) {
      throw new NeedsTarget(
          least,
          UnsupportedException.of("%s from %s on", what, least.title())
              .hint("write for target %s, or ask for another type", least.title()));
    }
    return type;
  }

  private static Face.Element element(MilType type) {
    return switch (type) {
      case FLOAT16 -> Face.Element.FLOAT16;
      case FLOAT32 -> Face.Element.FLOAT32;
      case INT8 -> Face.Element.INT8;
      default -> Face.Element.INT32;
    };
  }

  Mil.Var input(Value input) {
    MilType inside = lowering.milType(input.name(), lowering.precision());
    MilType outside = outside(input.name(), inside);
    List<Long> dims = lowering.dims(input.name());
    List<Long> shown = dims.isEmpty() ? List.of(1L) : dims;
    String name = lowering.facingName(input.name());
    var facing = new Mil.Var(name, outside, shown);
    Mil.Var value = facing;
    if (dims.isEmpty()) {
      lowering.note(
          "input '%s' is a scalar in the graph and has one axis of extent 1 here", input.name());
      value =
          lowering
              .body
              .call("squeeze", name + "_scalar")
              .in("x", value)
              .ints("axes", 0)
              .gives(outside, dims);
    }
    if (inside != outside) {
      value = lowering.cast(value, inside, name + "_to_" + inside.text());
    }
    lowering.define(input.name(), value);
    if (inside.isFloat() && outside.isFloat() && dims.equals(shown)) {
      lowering.define(input.name(), facing);
    }
    inputs.add(feature(name, input.name(), shownInput(input, outside, shown)));
    return facing;
  }

  private Model.Feature feature(String name, String original, Model.Shown shown) {
    return new Model.Feature(name, face.descriptions().getOrDefault(original, ""), shown);
  }

  private Model.Shown shownInput(Value input, MilType outside, List<Long> dims) {
    List<Face.Extents> extents =
        Optional.ofNullable(face.extents().get(input.name())).stream().toList();
    List<Long> usual = extents.isEmpty() ? dims : extents.getFirst().usual();
    Face.Colour colour = face.images().get(input.name());
    if (colour == null) {
      return new Model.Shown.Array(element(outside), usual, extents);
    }
    checkImage("input '" + input.name() + "'", input.type(), usual, colour);
    return new Model.Shown.Image(
        colour, usual.get(2), usual.get(3), extents.stream().map(Facing::ofImage).toList());
  }

  private static Face.Extents ofImage(Face.Extents extents) {
    return switch (extents) {
      case Face.Extents.Enumerated(var all) ->
          new Face.Extents.Enumerated(all.stream().map(s -> s.subList(2, 4)).toList());
      case Face.Extents.Ranges(var axes) -> new Face.Extents.Ranges(axes.subList(2, 4));
    };
  }

  private static void checkImage(
      String where, TensorType type, List<Long> dims, Face.Colour colour) {
    if (dims.size() != 4 || dims.get(0) != 1 || dims.get(1) != colour.channels()) {
      throw InputException.at(
              where, "is %s; an image in %s is [1x%dxHxW]", type, colour.text(), colour.channels())
          .hint("bind the batch to 1 with --shape, or choose gray, rgb or bgr by its channels");
    }
  }

  Mil.Var output(String output) {
    MilType inside =
        lowering.isMade(output)
            ? lowering.made(output).type()
            : lowering.milType(output, lowering.precision());
    Mil.Var value = lowering.value(output, inside);
    MilType outside = outside(output, inside);
    String name = lowering.facingName(output);
    boolean input = lowering.graph.isInput(output);
    Mil.Var out = value;
    if (!value.name().equals(name) || input) {
      out = renamed(output, value, outside, name, input);
    }
    show(output, out);
    return out;
  }

  private Mil.Var renamed(
      String output, Mil.Var made, MilType outside, String facing, boolean input) {
    Mil.Var value = made;
    String name = facing;
    if (input) {
      name = lowering.names.fresh(output + "_out");
      lowering.note("output '%s' is an input too, and is called '%s' here", output, name);
    }
    if (lowering.dims(output).isEmpty()) {
      lowering.note(
          "output '%s' is a scalar in the graph and has one axis of extent 1 here", output);
      value =
          lowering
              .body
              .call("expand_dims", name + "_vector")
              .in("x", value)
              .ints("axes", 0)
              .gives(value.type(), List.of(1L));
    }
    var out = new Mil.Var(name, outside, value.dims());
    return value.type() == outside
        ? lowering.body.call("identity", name).in("x", value).as(out)
        : lowering.body.call("cast", name).in("x", value).text("dtype", outside.text()).as(out);
  }

  private void show(String output, Mil.Var out) {
    var classes = face.classes().filter(c -> c.output().equals(output));
    if (classes.isPresent()) {
      classify(classes.get(), out);
      return;
    }
    Face.Colour colour = face.images().get(output);
    if (colour != null) {
      checkImage("output '" + output + "'", lowering.graph.typeOf(output), out.dims(), colour);
      outputs.add(
          feature(
              out.name(),
              output,
              new Model.Shown.Image(colour, out.dims().get(2), out.dims().get(3), List.of())));
      return;
    }
    List<Long> dims = Mil.isKnown(out.dims()) ? out.dims() : List.of();
    outputs.add(
        feature(out.name(), output, new Model.Shown.Array(element(out.type()), dims, List.of())));
  }

  private void classify(Face.Classes classes, Mil.Var out) {
    List<Long> dims = out.dims();
    boolean row = dims.size() == 1 || dims.size() == 2 && dims.getFirst() == 1;
    if (!row || dims.getLast() != classes.labels().size()) {
      throw InputException.at(
              "output '" + classes.output() + "'",
              "is %s, the labels are %d",
              lowering.graph.typeOf(classes.output()),
              classes.labels().size())
          .hint("a classifier gives one probability a label: [N] or [1xN]");
    }
    String label = lowering.names.fresh(classes.label());
    String dictionary = lowering.names.fresh(classes.probabilities());
    outputs.add(feature(label, "", new Model.Shown.Label(classes.numbered())));
    outputs.add(
        feature(dictionary, classes.output(), new Model.Shown.Probabilities(classes.numbered())));
    classifier =
        Optional.of(
            new Mil.Classifier(
                out.name(), classes.labels(), classes.numbered(), label, dictionary));
  }
}
