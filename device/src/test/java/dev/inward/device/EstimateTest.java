package dev.inward.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Product;
import dev.inward.graph.Quantization;
import dev.inward.graph.Shape;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EstimateTest {
  private static final DeviceProfile PHONE = (DeviceProfile) Device.named("iPhone 13");
  private static final Elementwise.Unary RELU =
      new Elementwise.Unary(Elementwise.Unary.Function.RELU);

  private static TensorType real(long... sizes) {
    return new TensorType(DataType.FLOAT32, Shape.of(sizes));
  }

  private static Tensor dense(long rows, long columns) {
    return Tensor.ofFloats(List.of(rows, columns), new float[(int) (rows * columns)]);
  }

  private static Tensor int8(long rows, long columns, long scales) {
    var zero = Storage.of(new byte[(int) scales]);
    List<Long> dims = List.of(1L, scales);
    return new Tensor(
        DataType.FLOAT32,
        List.of(rows, columns),
        new Encoding.Affine(
            DataType.INT8,
            Storage.of(new byte[(int) (rows * columns)]),
            Tensor.ofFloats(dims, new float[(int) scales]),
            Tensor.dense(DataType.INT8, dims, zero)));
  }

  private static Graph twoLayers(Tensor first, Tensor second) {
    return Graph.builder("g")
        .input("x", real(128, 64))
        .constant("w1", first)
        .constant("w2", second)
        .node(new Product.MatMul(), List.of("x", "w1"), "a")
        .node(RELU, List.of("a"), "b")
        .node(new Product.MatMul(), List.of("b", "w2"), "y")
        .output("y")
        .build();
  }

  /// What the fit was held to, one segment of the whole model's totals, is what a graph comes to.
  @Test
  void graphOnOneUnit_isItsTotals() {
    var estimate = Estimate.of(twoLayers(dense(64, 256), dense(256, 32)), PHONE);
    double macs = 128.0 * 64 * 256 + 128.0 * 256 * 32;
    double halves = 2 * (64 * 256 + 256 * 32);
    var totals = new Segment(ComputeUnit.NEURAL_ENGINE, macs, 0, halves, false);
    assertThat(estimate.segments()).containsExactly(totals);
    assertThat(estimate.latency().value())
        .isCloseTo(LatencyModel.milliseconds(PHONE.chip(), List.of(totals)), within(1e-12));
    assertThat(estimate.nodeMs().keySet()).containsExactly("a", "b", "y");
    assertThat(estimate.nodeMs().get("b")).isZero();
    assertThat(estimate.energy().low()).isPositive().isLessThan(estimate.energy().value());
  }

  @Test
  void int8Weights_readLessFromA15On() {
    Graph graph = twoLayers(int8(64, 256, 256), int8(256, 32, 32));
    double codes = 64 * 256 + 256 * 32 + 5 * 256 + 5 * 32;
    var segment = Estimate.of(graph, PHONE).segments().getFirst();
    assertThat(segment.bytes()).isEqualTo(codes);
    assertThat(segment.compressed()).isTrue();
    assertThat(segment.int8Macs()).isZero();
    var older = Estimate.of(graph, (DeviceProfile) Device.named("iPhone 12")).segments();
    assertThat(older.getFirst().bytes()).isEqualTo(2.0 * (64 * 256 + 256 * 32));
    assertThat(Estimate.of(graph, PHONE).latency().source().text()).contains(LatencyModel.OUTSIDE);
  }

  @Test
  void quantisedActivations_countAsInt8Work() {
    Graph graph =
        Graph.builder("g")
            .input("x", real(128, 64))
            .constant("w", int8(64, 256, 256))
            .constant("s", Tensor.scalar(0.1f))
            .constant("z", Tensor.dense(DataType.INT8, List.of(), Storage.of(new byte[1])))
            .node(new Quantization.Quantize(DataType.INT8, 0, 0), List.of("x", "s", "z"), "q")
            .node(new Quantization.Dequantize(0, 0), List.of("q", "s", "z"), "d")
            .node(new Product.MatMul(), List.of("d", "w"), "y")
            .output("y")
            .build();
    var segment = Estimate.of(graph, PHONE).segments().getFirst();
    assertThat(segment.int8Macs()).isEqualTo(128.0 * 64 * 256);
    assertThat(segment.macs()).isZero();
  }

  @Test
  void lookup_readsItsRowsOnTheCpuAndCrosses() {
    Graph graph =
        Graph.builder("g")
            .input("ids", new TensorType(DataType.INT64, Shape.of(1, 8)))
            .constant("table", dense(30_000, 16))
            .constant("w", dense(16, 16))
            .node(new Movement.Gather(0), List.of("table", "ids"), "rows")
            .node(new Product.MatMul(), List.of("rows", "w"), "y")
            .output("y")
            .build();
    var estimate = Estimate.of(graph, PHONE);
    assertThat(estimate.segments().stream().map(Segment::unit))
        .containsExactly(ComputeUnit.CPU, ComputeUnit.NEURAL_ENGINE);
    assertThat(estimate.segments().getFirst().bytes()).isEqualTo(8 * 16 * 4.0);
    assertThat(estimate.memory().low()).isGreaterThan(2.0 * 30_000 * 16);
  }

  /// Shape arithmetic of fixed shapes costs nothing and parts no segment.
  @Test
  void arithmeticOfShapes_doesNotRun() {
    Graph graph =
        Graph.builder("g")
            .input("x", real(128, 64))
            .constant("w1", dense(64, 64))
            .constant("w2", dense(64, 64))
            .node(new Product.MatMul(), List.of("x", "w1"), "a")
            .node(new Movement.ShapeOf(0, java.util.OptionalLong.empty()), List.of("a"), "shape")
            .node(new Movement.Reshape(false), List.of("a", "shape"), "b")
            .node(new Product.MatMul(), List.of("b", "w2"), "y")
            .output("y")
            .build();
    var estimate = Estimate.of(graph, PHONE);
    assertThat(estimate.segments()).hasSize(1);
    assertThat(estimate.placement().count()).isEqualTo(Map.of(ComputeUnit.NEURAL_ENGINE, 3));
    assertThat(estimate.placement().nodes().get(1).why())
        .isEqualTo("its results are known before the model runs");
    assertThat(estimate.nodeMs()).containsEntry("shape", 0.0);
  }

  @Test
  void openShape_saysWhatToBind() {
    Graph graph =
        Graph.builder("g")
            .input(
                "x",
                new TensorType(DataType.FLOAT32, Shape.of(List.of(new Dim.Symbol("n"), Dim.of(3)))))
            .node(RELU, List.of("x"), "y")
            .output("y")
            .build();
    assertThatThrownBy(() -> Estimate.of(graph, PHONE)).isInstanceOf(InputException.class);
  }
}
