package dev.inward.coreml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Normalization;
import dev.inward.graph.Product;
import dev.inward.graph.Reduction;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Windowed;
import dev.inward.graph.evaluation.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// How a package faces an app is written as asked, and read back as it was written.
final class FaceTest {
  private static final List<String> LABELS = List.of("cat", "dog", "a bird", "\u00e9l\u00e9phant");

  private static Graph picture() {
    return Graph.builder("picture")
        .input("image", TensorType.of(DataType.FLOAT32, 1, 3, 4, 6))
        .constant("axes", Tensor.vector(2, 3))
        .constant("w", OpCase.random(new Random(1), DataType.FLOAT32, List.of(3L, 4L), -1, 1))
        .node(
            new Reduction.Reduce(Reduction.Reduce.Function.MEAN, List.of(2L, 3L), false),
            List.of("image"),
            "mean")
        .node(new Product.MatMul(), List.of("mean", "w"), "logits")
        .node(new Normalization.Softmax(-1), List.of("logits"), "probabilities")
        .output("probabilities")
        .build();
  }

  private static CoreMl.Read written(Graph graph, Options options, String name) {
    var path = Packages.path("face-" + name);
    CoreMl.write(graph, path, options);
    return CoreMl.open(path, Optional.empty());
  }

  private static Options fp32() {
    return Options.DEFAULT.precision(Options.Precision.FLOAT32);
  }

  @Test
  void imageLabelsAndTexts_areReadBack() {
    var face =
        Face.PLAIN
            .images(Map.of("image", Face.Colour.BGR))
            .classes(Face.Classes.of("probabilities", LABELS))
            .descriptions(Map.of("image", "a photo", "probabilities", "what it shows"))
            .metadata(
                new Options.Metadata("A. Person", "MIT", "tells beasts", "3", Map.of("k", "v")));

    var read = written(picture(), fp32().face(face), "classifier");

    assertThat(read.face()).isEqualTo(face);
    assertThat(read.graph().outputs()).containsExactly("probabilities");
    Map<String, Tensor> inputs =
        Map.of(
            "image",
            OpCase.random(new Random(2), DataType.FLOAT32, List.of(1L, 3L, 4L, 6L), 0, 255));
    Packages.sameOutputs(
        picture(),
        read.graph(),
        Map.of("image", "image", "probabilities", "probabilities"),
        inputs,
        2e-6);
  }

  @Test
  void packageOfAReadFace_isTheSameBytes() throws IOException {
    var options =
        fp32()
            .face(
                Face.PLAIN
                    .images(Map.of("image", Face.Colour.RGB))
                    .classes(Face.Classes.of("probabilities", LABELS)))
            .target(Target.IOS16);
    var first = written(picture(), options, "again-1");
    written(first.graph(), fp32().face(first.face()).target(Target.IOS16), "again-2");
    var second = CoreMl.open(Packages.path("face-again-2"), Optional.empty());

    assertThat(second.face()).isEqualTo(first.face());
    String model = "Data/com.apple.CoreML/model.mlmodel";
    written(picture(), options, "again-3");
    assertThat(Files.readAllBytes(Packages.path("face-again-3").resolve(model)))
        .isEqualTo(Files.readAllBytes(Packages.path("face-again-1").resolve(model)));
  }

  @Test
  void numberedLabels_areReadBack() {
    var classes =
        new Face.Classes("probabilities", List.of("3", "1", "-4", "7"), true, "digit", "p");
    var read = written(picture(), fp32().face(Face.PLAIN.classes(classes)), "numbered");

    assertThat(read.face().classes()).contains(classes);
  }

  @Test
  void labelsOfAnotherNumber_areRefused() {
    var face = Face.PLAIN.classes(Face.Classes.of("probabilities", List.of("a", "b", "c")));

    assertThatThrownBy(() -> written(picture(), Options.DEFAULT.face(face), "refused"))
        .isInstanceOf(InputException.class)
        .hasMessage("output 'probabilities': is float32[1x4], the labels are 3");
  }

  @Test
  void imageOfOtherChannels_isRefused() {
    var face = Face.PLAIN.images(Map.of("image", Face.Colour.GRAY));

    assertThatThrownBy(() -> written(picture(), Options.DEFAULT.face(face), "refused"))
        .isInstanceOf(InputException.class)
        .hasMessage("input 'image': is float32[1x3x4x6]; an image in gray is [1x1xHxW]");
  }

  @Test
  void nameThatIsNone_isRefusedWithTheNearest() {
    var face = Face.PLAIN.types(Map.of("imagge", Face.Element.FLOAT16));

    assertThatThrownBy(() -> written(picture(), Options.DEFAULT.face(face), "refused"))
        .isInstanceOf(InputException.class)
        .hasMessage("'imagge': the model has no input or output of that name")
        .extracting(e -> ((InputException) e).hint().orElse(""))
        .isEqualTo("did you mean 'image'?");
  }

  @Test
  void types_areWhatIsAskedFor() {
    var graph =
        Graph.builder("types")
            .input("a", TensorType.of(DataType.FLOAT32, 3))
            .input("b", TensorType.of(DataType.INT64, 3))
            .node(new Elementwise.Cast(DataType.FLOAT32), List.of("b"), "c")
            .node(new Binary(Binary.Function.ADD), List.of("a", "c"), "y")
            .output("y")
            .build();
    var face =
        Face.PLAIN.types(
            Map.of("a", Face.Element.INT32, "b", Face.Element.FLOAT32, "y", Face.Element.INT32));
    var read = written(graph, fp32().face(face), "types");

    assertThat(read.graph().inputs().stream().map(i -> i.type().dtype()))
        .containsExactly(DataType.INT32, DataType.FLOAT32);
    var out =
        Evaluation.run(
            read.graph(),
            Map.of(
                "a",
                Tensor.dense(DataType.INT32, List.of(3L), Constants.whole(MilType.INT32, 1, 2, 3)),
                "b",
                Tensor.ofFloats(List.of(3L), 10, 20, 30)));
    assertThat(out.get("y"))
        .isNotNull()
        .satisfies(y -> assertThat(y.longs()).containsExactly(11, 22, 33));
    assertThat(read.target()).contains(Target.IOS15);
  }

  @Test
  void float16AndInt8AtTheInterface_raiseTheTarget() {
    var half = Face.PLAIN.types(Map.of("image", Face.Element.FLOAT16));
    var eight = Face.PLAIN.types(Map.of("image", Face.Element.INT8));

    assertThat(written(picture(), fp32().face(half), "half").target()).contains(Target.IOS16);
    assertThat(written(picture(), fp32().face(eight), "eight").target()).contains(Target.IOS26);
    assertThatThrownBy(() -> written(picture(), fp32().face(eight).target(Target.IOS18), "refused"))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("int8 inputs and outputs exist from iOS 26 on");
  }

  @Test
  void opThatIsKept_computesInFloat32() {
    var options = Options.DEFAULT.keepFloat32(Set.of("softmax"));
    var program = Lowering.run(picture(), options, Target.IOS15).model().program().operations();

    assertThat(
            program.stream()
                .filter(o -> o.type().equals("softmax"))
                .map(o -> o.outputs().getFirst().type()))
        .containsExactly(MilType.FLOAT32);
    assertThat(
            program.stream()
                .filter(o -> o.type().equals("matmul") || o.type().equals("linear"))
                .map(o -> o.outputs().getFirst().type()))
        .containsExactly(MilType.FLOAT16);
    assertThatThrownBy(() ->
            Lowering.run(picture(), Options.DEFAULT.keepFloat32(Set.of("Sofmax")), Target.IOS15))
        .isInstanceOf(InputException.class)
        .hasMessage("'Sofmax': is neither a node of the simplified model nor an op of it")
        .extracting(e -> ((InputException) e).hint().orElse(""))
        .isEqualTo("did you mean 'Softmax'?");
  }

  private static Graph open() {
    var pads =
        new Windowed.Window(
            List.of(),
            List.of(2L, 2L),
            List.of(),
            List.of(1L, 1L, 1L, 1L),
            Windowed.AutoPad.EXPLICIT);
    return Graph.builder("open")
        .input(
            "x",
            new TensorType(
                DataType.FLOAT32,
                Shape.of(List.of(Dim.of(1), Dim.of(3), Dim.of("height"), Dim.of("width")))))
        .constant(
            "w", OpCase.random(new Random(1), DataType.FLOAT32, List.of(4L, 3L, 3L, 3L), -1, 1))
        .node(new Windowed.Conv(pads, 1), List.of("x", "w"), "c")
        .node(new Unary(Unary.Function.RELU), List.of("c"), "r")
        .constant("last", Tensor.vector(1, 4, -1))
        .node(new Movement.Reshape(false), List.of("r", "last"), "flat")
        .node(new Movement.Transpose(List.of(0L, 2L, 1L)), List.of("flat"), "rows")
        .node(new Normalization.Softmax(-1), List.of("rows"), "y")
        .output("y")
        .build();
  }

  private static void sameAt(Graph original, Graph read, Map<String, List<Long>> shapes) {
    Map<String, Tensor> inputs = new java.util.LinkedHashMap<>();
    Map<String, String> names = new java.util.LinkedHashMap<>();
    original
        .inputs()
        .forEach(i -> {
          names.put(i.name(), i.name());
          inputs.put(
              i.name(),
              OpCase.random(
                  new Random(7), i.type().dtype(), shapes.getOrDefault(i.name(), List.of()), 0, 9));
        });
    original.outputs().forEach(o -> names.put(o, o));
    Packages.sameOutputs(original.bindShapes(shapes), read.bindShapes(shapes), names, inputs, 2e-6);
  }

  @Test
  void enumeratedShapes_areReadBackAndRun() {
    var extents =
        new Face.Extents.Enumerated(
            List.of(List.of(1L, 3L, 8L, 8L), List.of(1L, 3L, 10L, 6L), List.of(1L, 3L, 7L, 9L)));
    var read = written(open(), fp32().face(Face.PLAIN.extents(Map.of("x", extents))), "enumerated");

    assertThat(read.face().extents()).containsExactly(Map.entry("x", extents));
    assertThat(read.graph().inputs().getFirst().type().shape()).hasToString("[1 x 3 x x_2 x x_3]");
    extents.shapes().forEach(shape -> sameAt(open(), read.graph(), Map.of("x", shape)));
  }

  private static Face.Range range(long least, long most) {
    return new Face.Range(least, most < 0 ? OptionalLong.empty() : OptionalLong.of(most));
  }

  @Test
  void rangesOfAnImage_areReadBack() {
    var extents =
        new Face.Extents.Ranges(List.of(range(1, 1), range(3, 3), range(4, 64), range(5, -1)));
    var face =
        Face.PLAIN
            .images(Map.of("x", Face.Colour.RGB))
            .extents(Map.of("x", extents))
            .types(Map.of("y", Face.Element.FLOAT32));
    var read = written(open(), fp32().face(face), "ranges");

    assertThat(read.face()).isEqualTo(face);
    for (long size : List.of(4L, 7L, 30L)) {
      sameAt(open(), read.graph(), Map.of("x", List.of(1L, 3L, size, size + 3)));
    }
  }

  /// Heads split and joined again, a mask that grows, a table cut to length: shapes are computed.
  @Test
  void attentionOverAnOpenSequence_isReadBackAndRuns() {
    var type = new TensorType(DataType.INT64, Shape.of(List.of(Dim.of("batch"), Dim.of("length"))));
    var random = new Random(3);
    var graph =
        Graph.builder("sequence")
            .input("ids", type)
            .input("mask", type)
            .constant("table", OpCase.random(random, DataType.FLOAT32, List.of(10L, 8L), -1, 1))
            .constant(
                "places", OpCase.random(random, DataType.FLOAT32, List.of(1L, 40L, 8L), -1, 1))
            .constant("zero", Tensor.vector(0))
            .constant("one", Tensor.vector(1))
            .constant("index", Tensor.scalar(1L))
            .constant("heads", Tensor.vector(2, 4))
            .constant("width", Tensor.vector(8))
            .constant("far", Tensor.scalar(-30f))
            .node(new Movement.Gather(0), List.of("table", "ids"), "words")
            .node(new Movement.ShapeOf(0, OptionalLong.empty()), List.of("ids"), "shape")
            .node(new Movement.Slice(), List.of("shape", "one", "width"), "length")
            .node(new Movement.Slice(), List.of("places", "zero", "length", "one"), "cut")
            .node(new Binary(Binary.Function.ADD), List.of("words", "cut"), "x")
            .node(new Movement.Concat(0), List.of("shape", "heads"), "split")
            .node(new Movement.Reshape(false), List.of("x", "split"), "parts")
            .node(new Movement.Transpose(List.of(0L, 2L, 1L, 3L)), List.of("parts"), "q")
            .node(new Movement.Transpose(List.of(0L, 2L, 3L, 1L)), List.of("parts"), "k")
            .node(new Product.MatMul(), List.of("q", "k"), "scores")
            .node(new Movement.Unsqueeze(List.of(1L, 2L)), List.of("mask"), "wide")
            .node(new Movement.Slice(), List.of("shape", "zero", "one"), "batch")
            .node(new Movement.Concat(0), List.of("batch", "one", "length", "length"), "square")
            .node(new Movement.Expand(), List.of("wide", "square"), "grown")
            .node(new Elementwise.Cast(DataType.BOOL), List.of("grown"), "kept")
            .node(new Elementwise.Where(), List.of("kept", "scores", "far"), "masked")
            .node(new Normalization.Softmax(-1), List.of("masked"), "weights")
            .node(new Product.MatMul(), List.of("weights", "q"), "mixed")
            .node(new Movement.Transpose(List.of(0L, 2L, 1L, 3L)), List.of("mixed"), "back")
            .node(new Movement.Concat(0), List.of("shape", "width"), "joined")
            .node(new Movement.Reshape(false), List.of("back", "joined"), "y")
            .output("y")
            .build();
    var extents = new Face.Extents.Ranges(List.of(range(1, 4), range(2, 40)));
    var read =
        written(
            graph,
            fp32().face(Face.PLAIN.extents(Map.of("ids", extents, "mask", extents))),
            "sequence");

    for (long length : List.of(2L, 5L, 40L)) {
      sameAt(graph, read.graph(), Map.of("ids", List.of(3L, length), "mask", List.of(3L, length)));
    }
  }

  @Test
  void openExtents_areResizedByFactors() {
    for (var mode :
        List.of(Movement.Resize.Interpolation.NEAREST, Movement.Resize.Interpolation.LINEAR)) {
      var resize =
          new Movement.Resize(
              mode,
              Movement.Resize.Coordinates.ASYMMETRIC,
              Movement.Resize.NearestRounding.FLOOR,
              -0.75f,
              false,
              0,
              false,
              List.of(),
              Movement.Resize.AspectPolicy.STRETCH);
      var graph =
          open().toBuilder()
              .constant("factors", Tensor.ofFloats(List.of(4L), 1, 1, 2, 3))
              .node(resize, List.of("x", "", "factors"), "large")
              .output("large")
              .build();
      var extents =
          new Face.Extents.Ranges(List.of(range(1, 1), range(3, 3), range(4, 64), range(5, 64)));
      var read =
          written(graph, fp32().face(Face.PLAIN.extents(Map.of("x", extents))), "resized-" + mode);

      for (long size : List.of(4L, 9L)) {
        sameAt(graph, read.graph(), Map.of("x", List.of(1L, 3L, size, size + 1)));
      }
    }
  }

  @Test
  void shapeThatTheModelFixes_isRefused() {
    var extents =
        new Face.Extents.Ranges(List.of(range(1, 1), range(3, 3), range(4, 8), range(6, 6)));

    assertThatThrownBy(() ->
            written(
                picture(),
                Options.DEFAULT.face(Face.PLAIN.extents(Map.of("image", extents))),
                "refused"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "input 'image': the model states [1x3x4x6], the shapes asked for are 1x3x4..8x6");
  }
}
