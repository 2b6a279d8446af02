package dev.inward.coreml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Product;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Weights keep their encodings: the codes that come back are those of the graph, bit for bit.
final class EncodingTest {
  record Weight(String name, Tensor tensor, Target least) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Long> DIMS = List.of(8L, 4L, 1L, 3L);

  private static int[] codes(int count, int least, int most, long seed) {
    var random = new Random(seed);
    return IntStream.range(0, count).map(_ -> random.nextInt(least, most + 1)).toArray();
  }

  private static Tensor scales(Long... dims) {
    var random = new Random(5);
    float[] all = new float[(int) Stream.of(dims).mapToLong(d -> d).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < all.length; i++) {
      all[i] = 0.01f + random.nextFloat() / 50;
    }
    return Tensor.ofFloats(List.of(dims), all);
  }

  private static Tensor affine(DataType type, boolean shifted, Long... grid) {
    int least = type.isSigned() ? -(1 << type.bits() - 1) : 0;
    int most = least + (1 << type.bits()) - 1;
    Tensor scale = scales(grid);
    int[] zeros = shifted ? codes((int) scale.elements(), least, most, 9) : new int[0];
    int[] all = codes(96, least, most, 7);
    return shifted
        ? Tensor.affine(
            DIMS,
            type,
            all,
            scale,
            Tensor.dense(type, scale.dims(), Storage.packed(type.bits(), zeros)))
        : Tensor.affine(DIMS, type, all, scale);
  }

  private static Tensor table(Long... dims) {
    var random = new Random(11);
    float[] all = new float[(int) Stream.of(dims).mapToLong(d -> d).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < all.length; i++) {
      all[i] = random.nextFloat() - 0.5f;
    }
    return Tensor.ofFloats(List.of(dims), all);
  }

  private static Tensor palette(int bits, Tensor table) {
    return new Tensor(
        DataType.FLOAT32,
        DIMS,
        new Encoding.Palette(bits, Storage.packed(bits, codes(96, 0, (1 << bits) - 1, 3)), table));
  }

  private static Storage mask(int ones) {
    int[] bits = new int[96];
    for (int i = 0; i < ones; i++) {
      bits[i * 3 % 96 + i / 32] = 1;
    }
    return Storage.packed(1, bits);
  }

  private static Tensor sparse(Tensor values) {
    return new Tensor(
        DataType.FLOAT32, DIMS, new Encoding.Sparse(mask((int) values.elements()), values));
  }

  static Stream<Weight> weights() {
    List<Weight> all = new ArrayList<>();
    for (var type : List.of(DataType.INT8, DataType.UINT8)) {
      for (boolean shifted : List.of(false, true)) {
        String name = type.text() + (shifted ? "_shifted" : "");
        all.add(
            new Weight(name + "_per_tensor", affine(type, shifted, 1L, 1L, 1L, 1L), Target.IOS16));
        all.add(
            new Weight(name + "_per_channel", affine(type, shifted, 8L, 1L, 1L, 1L), Target.IOS16));
        all.add(
            new Weight(name + "_in_blocks", affine(type, shifted, 8L, 2L, 1L, 1L), Target.IOS18));
      }
    }
    for (var type : List.of(DataType.INT4, DataType.UINT4)) {
      all.add(
          new Weight(
              type.text() + "_per_channel", affine(type, true, 8L, 1L, 1L, 1L), Target.IOS18));
      all.add(
          new Weight(
              type.text() + "_in_blocks", affine(type, false, 4L, 2L, 1L, 1L), Target.IOS18));
    }
    for (int bits : new int[] {1, 2, 3, 4, 6, 8}) {
      all.add(
          new Weight(
              "palette_" + bits,
              palette(bits, table(1L, 1L, 1L, 1L, 1L << bits)),
              bits == 3 ? Target.IOS18 : Target.IOS16));
      all.add(
          new Weight(
              "palette_" + bits + "_groups",
              palette(bits, table(4L, 1L, 1L, 1L, 1L << bits)),
              Target.IOS18));
    }
    Tensor int8Table =
        Tensor.affine(
            List.of(2L, 1L, 1L, 1L, 16L),
            DataType.INT8,
            codes(32, -128, 127, 13),
            scales(2L, 1L, 1L, 1L, 1L));
    all.add(new Weight("palette_int8_table", palette(4, int8Table), Target.IOS18));
    all.add(new Weight("sparse", sparse(table(24L)), Target.IOS16));
    all.add(
        new Weight(
            "sparse_int8",
            sparse(Tensor.affine(List.of(24L), DataType.INT8, codes(24, -128, 127, 1), scales(1L))),
            Target.IOS18));
    all.add(
        new Weight(
            "sparse_palette",
            sparse(
                new Tensor(
                    DataType.FLOAT32,
                    List.of(24L),
                    new Encoding.Palette(2, Storage.packed(2, codes(24, 0, 3, 2)), table(1L, 4L)))),
            Target.IOS18));
    all.add(
        new Weight(
            "sparse_int8_per_channel",
            sparse(
                24, affineValues(DataType.INT8, 24, scales(8L, 1L, 1L, 1L), /* shifted= */ false)),
            Target.IOS18));
    all.add(
        new Weight(
            "sparse_int4_in_blocks_shifted",
            sparse(
                24, affineValues(DataType.INT4, 24, scales(4L, 2L, 1L, 1L), /* shifted= */ true)),
            Target.IOS18));
    all.add(
        new Weight(
            "sparse_palette_groups",
            sparse(
                24,
                new Encoding.Palette(
                    3, Storage.packed(3, codes(24, 0, 7, 2)), table(2L, 1L, 1L, 1L, 8L))),
            Target.IOS18));
    all.add(
        new Weight(
            "sparse_palette_int8_table",
            sparse(
                24,
                new Encoding.Palette(
                    4,
                    Storage.packed(4, codes(24, 0, 15, 2)),
                    Tensor.affine(
                        List.of(1L, 16L),
                        DataType.INT8,
                        codes(16, -128, 127, 13),
                        scales(1L, 1L)))),
            Target.IOS18));
    for (int axis : new int[] {0, 1, 3}) {
      int width = axis == 3 ? 3 : 2;
      List<Long> indices = new ArrayList<>(DIMS);
      indices.set(axis, DIMS.get(axis) / width);
      int count = 96 / width;
      all.add(
          new Weight(
              "vectors_along_axis_" + axis,
              new Tensor(
                  DataType.FLOAT32,
                  DIMS,
                  new Encoding.Vectors(
                      4,
                      Storage.packed(4, codes(count, 0, 15, 21)),
                      table(axis == 0 ? 2L : 4L, 1L, 1L, 1L, 16L, (long) width),
                      axis)),
              Target.IOS18));
    }
    all.add(
        new Weight(
            "palette_with_scale_per_channel",
            new Tensor(
                DataType.FLOAT32,
                DIMS,
                new Encoding.Scaled(
                    palette(4, table(1L, 1L, 1L, 1L, 16L)), scales(8L, 1L, 1L, 1L))),
            Target.IOS18));
    return all.stream();
  }

  private static Encoding affineValues(DataType type, int count, Tensor scale, boolean shifted) {
    int least = -(1 << type.bits() - 1);
    int[] zeros =
        shifted
            ? codes((int) scale.elements(), least, -least - 1, 17)
            : new int[(int) scale.elements()];
    return new Encoding.Affine(
        type,
        Storage.packed(type.bits(), codes(count, least, -least - 1, 15)),
        scale,
        Tensor.dense(type, scale.dims(), Storage.packed(type.bits(), zeros)));
  }

  private static Tensor sparse(int count, Encoding values) {
    return new Tensor(DataType.FLOAT32, DIMS, new Encoding.Sparse(mask(count), count, values));
  }

  private static Graph convolution(Tensor weight) {
    var window =
        new Windowed.Window(List.of(), List.of(), List.of(), List.of(), Windowed.AutoPad.EXPLICIT);
    return Graph.builder("conv")
        .input("x", TensorType.of(DataType.FLOAT32, 1, 4, 5, 6))
        .constant("w", weight)
        .node(new Windowed.Conv(window, 1), List.of("x", "w"), "y")
        .output("y")
        .build();
  }

  private static Stream<Target> from(Target least) {
    return Stream.of(Target.values()).filter(t -> t.atLeast(least));
  }

  @ParameterizedTest
  @MethodSource("weights")
  void weightInAFloat32Package_comesBackAsItWas(Weight weight) {
    Graph graph = convolution(weight.tensor());
    from(weight.least())
        .forEach(target -> {
          var path = Packages.path("encoded-" + weight.name() + "-fp32-" + target);
          var options = Options.DEFAULT.precision(Options.Precision.FLOAT32).target(target);
          var written = CoreMl.write(graph, path, options);
          Graph read = CoreMl.read(path);

          assertThat(read.constants().get("w")).isEqualTo(weight.tensor());
          var op = new OpCase("conv", graph, -1, 1, target);
          Packages.sameOutputs(graph, read, written.names(), op.inputs(), 1e-6);
        });
  }

  @ParameterizedTest
  @MethodSource("weights")
  void weightInAFloat16Package_keepsItsCodes(Weight weight) {
    Graph graph = convolution(weight.tensor());
    from(weight.least())
        .forEach(target -> {
          var path = Packages.path("encoded-" + weight.name() + "-fp16-" + target);
          CoreMl.write(graph, path, Options.DEFAULT.target(target));
          Tensor read = CoreMl.read(path).constant("w").orElseThrow();

          assertThat(read.dtype()).isEqualTo(DataType.FLOAT16);
          assertThat(stream(read.encoding())).isEqualTo(stream(weight.tensor().encoding()));
          float[] before = weight.tensor().floats();
          float[] after = read.floats();
          for (int i = 0; i < before.length; i++) {
            // The scale or the table is rounded to float16, at most 2^-11 of it.
            // Two of them, and the product, where a palette has scales of its own.
            assertThat(Math.abs(after[i] - before[i]))
                .isLessThanOrEqualTo(Math.abs(before[i]) * 0x1.01p-10f);
          }
        });
  }

  /// The bits that are codes, indices or masks.
  private static List<Storage> stream(Encoding encoding) {
    return switch (encoding) {
      case Encoding.Dense _ -> List.of();
      case Encoding.Affine(_, var data, _, var zero) ->
          List.of(data, ((Encoding.Dense) zero.encoding()).data());
      case Encoding.Palette(_, var indices, var table) -> joined(indices, table);
      case Encoding.Vectors vectors -> joined(vectors.indices(), vectors.table());
      case Encoding.Scaled(var values, _) -> stream(values.encoding());
      case Encoding.Sparse(var mask, _, var values) -> {
        List<Storage> all = new ArrayList<>(List.of(mask));
        all.addAll(stream(values));
        yield all;
      }
    };
  }

  private static List<Storage> joined(Storage first, Tensor rest) {
    List<Storage> all = new ArrayList<>(List.of(first));
    all.addAll(stream(rest.encoding()));
    return all;
  }

  @ParameterizedTest
  @MethodSource("weights")
  void targetThatLacksTheEncoding_isRefusedByName(Weight weight) {
    Graph graph = convolution(weight.tensor());
    Stream.of(Target.values())
        .filter(t -> !t.atLeast(weight.least()))
        .forEach(target ->
            assertThatThrownBy(() ->
                    CoreMl.write(graph, Packages.path("refused"), Options.DEFAULT.target(target)))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("constant 'w'")
                .hasMessageContaining("the target is " + target.title()));
    assertThat(CoreMl.write(graph, Packages.path("lowest"), Options.DEFAULT).target())
        .isEqualTo(weight.least());
  }

  @Test
  void matrixOfLinear_isTransposedInItsCodes() {
    var matrix =
        Tensor.affine(List.of(4L, 3L), DataType.INT8, codes(12, -128, 127, 4), scales(1L, 3L));
    Graph graph =
        Graph.builder("linear")
            .input("x", TensorType.of(DataType.FLOAT32, 2, 4))
            .constant("w", matrix)
            .node(new Product.MatMul(), List.of("x", "w"), "y")
            .output("y")
            .build();
    for (var target : List.of(Target.IOS16, Target.IOS18)) {
      var path = Packages.path("linear-int8-" + target);
      CoreMl.write(
          graph, path, Options.DEFAULT.precision(Options.Precision.FLOAT32).target(target));
      Graph read = CoreMl.read(path);

      assertThat(read.nodes()).hasSize(1);
      assertThat(read.nodes().getFirst().op()).isEqualTo(new Product.MatMul());
      assertThat(read.constant(read.nodes().getFirst().operand(1))).contains(matrix);
    }
  }

  @Test
  void float32StoredAsFloat16_staysSoInAFloat32Package() {
    var half = Tensor.half(DIMS, table(96L).floats());
    for (var target : List.of(Target.IOS16, Target.IOS17, Target.IOS18)) {
      var path = Packages.path("half-" + target);
      CoreMl.write(
          convolution(half),
          path,
          Options.DEFAULT.precision(Options.Precision.FLOAT32).target(target));

      assertThat(CoreMl.read(path).constants().get("w")).isEqualTo(half);
    }
  }

  @Test
  void channelOfZerosWithScaleZero_getsScaleOne() {
    int[] values = codes(96, -128, 127, 7);
    java.util.Arrays.fill(values, 12, 24, 0);
    float[] scale = scales(8L, 1L, 1L, 1L).floats();
    scale[1] = 0;
    scale[2] = 0;
    var weight =
        Tensor.affine(DIMS, DataType.INT8, values, Tensor.ofFloats(List.of(8L, 1L, 1L, 1L), scale));
    var path = Packages.path("zero-channel");
    CoreMl.write(convolution(weight), path, Options.DEFAULT);
    Tensor read = CoreMl.read(path).constant("w").orElseThrow();

    var affine = (Encoding.Affine) read.encoding();
    // Channel 2 has codes other than zero: there the scale of zero is what makes it zeros.
    assertThat(affine.scale().floats()[1]).isEqualTo(1);
    assertThat(affine.scale().floats()[2]).isEqualTo(0);
    assertThat(affine.data()).isEqualTo(((Encoding.Affine) weight.encoding()).data());
    for (int i = 12; i < 36; i++) {
      assertThat(Math.abs(read.floats()[i])).isEqualTo(0);
    }
  }

  @Test
  void scaleTooSmallForFloat16_isRaisedAndNoted() {
    float[] scale = scales(8L, 1L, 1L, 1L).floats();
    scale[3] = 1e-9f;
    var weight =
        Tensor.affine(
            DIMS,
            DataType.INT8,
            codes(96, -128, 127, 7),
            Tensor.ofFloats(List.of(8L, 1L, 1L, 1L), scale));
    var path = Packages.path("small-scale");
    var written = CoreMl.write(convolution(weight), path, Options.DEFAULT);
    Tensor read = CoreMl.read(path).constant("w").orElseThrow();

    assertThat(((Encoding.Affine) read.encoding()).scale().floats()[3]).isEqualTo(0x1p-24f);
    assertThat(written.notes())
        .containsExactly(
            "'w': 1 of 8 scales are too small for all digits of float16; the worst moves by"
                + " 5860.46 %");
  }

  @Test
  void codesOfSixteenBits_areRefused() {
    var weight =
        Tensor.affine(DIMS, DataType.INT16, codes(96, -300, 300, 7), scales(1L, 1L, 1L, 1L));

    assertThatThrownBy(
            () -> CoreMl.write(convolution(weight), Packages.path("refused"), Options.DEFAULT))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("constant 'w': Core ML has no weights with codes of type int16");
  }
}
