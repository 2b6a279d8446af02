package dev.inward.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Encodings built from codes, decoded, reshaped and transposed; decoding is checked against the
/// definition, element by element.
final class EncodedTensorTest {
  private static final List<Integer> SWAP = List.of(1, 0);

  private static int[] codes(Random random, DataType type, int count) {
    int low = type.isSigned() ? -1 << (type.bits() - 1) : 0;
    return random.ints(count, low, low + (1 << type.bits())).toArray();
  }

  /// A random affine tensor: some axes cut between all elements, some in blocks, some not at all.
  private static Tensor affine(Random random, DataType type) {
    List<Long> dims = new ArrayList<>();
    List<Long> grid = new ArrayList<>();
    int rank = random.nextInt(1, 5);
    for (int axis = 0; axis < rank; axis++) {
      int groups = random.nextInt(1, 4);
      int block = random.nextInt(1, 4);
      dims.add((long) groups * block);
      grid.add(random.nextInt(3) == 0 ? 1L : groups);
    }
    int count = (int) dims.stream().mapToLong(d -> d).reduce(1, (a, b) -> a * b);
    int groups = (int) grid.stream().mapToLong(d -> d).reduce(1, (a, b) -> a * b);
    float[] scale = new float[groups];
    for (int i = 0; i < groups; i++) {
      scale[i] = random.nextFloat(0.01f, 2);
    }
    Tensor zero =
        Tensor.dense(type, grid, Storage.packed(type.bits(), codes(random, type, groups)));
    return Tensor.affine(
        dims, type, codes(random, type, count), Tensor.ofFloats(grid, scale), zero);
  }

  /// `scale * (code - zero)` with the block of each element found by division, bit by bit.
  private static float[] defined(Tensor tensor) {
    var affine = (Encoding.Affine) tensor.encoding();
    List<Long> grid = affine.scale().dims();
    float[] scale = affine.scale().floats();
    float[] out = new float[(int) tensor.elements()];
    for (int i = 0; i < out.length; i++) {
      long rest = i;
      long group = 0;
      long stride = 1;
      for (int axis = tensor.rank() - 1; axis >= 0; axis--) {
        long size = tensor.dims().get(axis);
        group += rest % size / (size / grid.get(axis)) * stride;
        stride *= grid.get(axis);
        rest /= size;
      }
      long code = code(affine.codes(), affine.data(), i);
      long zero = code(affine.codes(), dense(affine.zeroPoint()), (int) group);
      out[i] = scale[(int) group] * (code - zero);
    }
    return out;
  }

  private static Storage dense(Tensor tensor) {
    return ((Encoding.Dense) tensor.encoding()).data();
  }

  private static long code(DataType type, Storage data, int index) {
    var bytes = data.bytes();
    long out = 0;
    for (int b = 0; b < type.bits(); b++) {
      int bit = index * type.bits() + b;
      out |= (long) (bytes.get(ValueLayout.JAVA_BYTE, bit / 8) >> bit % 8 & 1) << b;
    }
    boolean negative = type.isSigned() && (out >> (type.bits() - 1) & 1) == 1;
    return negative ? out - (1L << type.bits()) : out;
  }

  @ParameterizedTest
  @EnumSource(names = {"INT4", "UINT4", "INT8", "UINT8", "INT16", "UINT16"})
  void decoding_isTheDefinition(DataType type) {
    for (int seed = 0; seed < 200; seed++) {
      Tensor tensor = affine(new Random(seed), type);

      assertThat(tensor.floats()).as("seed %d: %s", seed, tensor).isEqualTo(defined(tensor));
    }
  }

  @Test
  void rowsLongerThanAChunk_decodeTheSame() {
    var random = new Random(7);
    for (DataType type : List.of(DataType.INT4, DataType.INT8, DataType.UINT16)) {
      for (long block : new long[] {1, 3, 9999}) {
        List<Long> dims = List.of(2L, 9999L);
        List<Long> grid = List.of(2L, 9999 / block);
        float[] scale = new float[(int) (2 * 9999 / block)];
        for (int i = 0; i < scale.length; i++) {
          scale[i] = i + 1;
        }
        int[] codes = codes(random, type, 2 * 9999);
        Tensor tensor = Tensor.affine(dims, type, codes, Tensor.ofFloats(grid, scale));

        assertThat(tensor.floats()).as("%s in %d", type, block).isEqualTo(defined(tensor));
      }
    }
  }

  @Test
  void wideCodes_doNotOverflow() {
    Tensor zero = Tensor.dense(DataType.INT32, List.of(1L), Storage.packed(32, Integer.MIN_VALUE));
    Tensor tensor =
        Tensor.affine(
            List.of(2L),
            DataType.INT32,
            new int[] {Integer.MAX_VALUE, -1},
            Tensor.ofFloats(List.of(1L), 1),
            zero);

    assertThat(tensor.floats()).containsExactly(0x1p32f, 0x1p31f);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 6, 8})
  void packedIndices_comeBackAsTheirEntries(int bits) {
    for (int seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      int[] indices = random.ints(5000, 0, 1 << bits).toArray();
      float[] table = new float[1 << bits];
      for (int i = 0; i < table.length; i++) {
        table[i] = random.nextFloat();
      }
      var tensor =
          new Tensor(
              DataType.FLOAT32,
              List.of(5000L),
              new Encoding.Palette(
                  bits,
                  Storage.packed(bits, indices),
                  Tensor.ofFloats(List.of(1L, 1L << bits), table)));
      float[] expected = new float[5000];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = table[indices[i]];
      }

      assertThat(tensor.floats()).as("seed %d", seed).isEqualTo(expected);
    }
  }

  @Test
  void packedCodes_fillBytesFromTheLowestBit() {
    assertThat(Storage.packed(3, 1, 2, 3, 4, 5, 6, 7, 0).toArray())
        .containsExactly(0xd1, 0x58, 0x1f);
    assertThat(Storage.packed(4, -8, -1, 7).toArray()).containsExactly(0xf8, 0x07);
    assertThat(Storage.packed(32, -2).toArray()).containsExactly(0xfe, 0xff, 0xff, 0xff);
    assertThat(Storage.packed(5).size()).isZero();
    assertThatThrownBy(() -> Storage.packed(0, 1)).hasMessage("codes have 1 to 32 bits, got 0");
  }

  @Test
  void transposition_movesWhatIsDecoded() {
    for (int seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      Tensor tensor = affine(random, seed % 2 == 0 ? DataType.INT4 : DataType.INT8);
      List<Integer> permutation =
          new ArrayList<>(IntStream.range(0, tensor.rank()).boxed().toList());
      Collections.shuffle(permutation, random);
      Tensor moved = tensor.transposed(permutation);
      Tensor plain = Tensor.ofFloats(tensor.dims(), tensor.floats()).transposed(permutation);

      assertThat(moved.floats()).as("seed %d", seed).isEqualTo(plain.floats());
      assertThat(moved.dims()).isEqualTo(plain.dims());
      assertThat(moved.storedBytes()).isEqualTo(tensor.storedBytes());
      List<Integer> back =
          permutation.stream().map(a -> 0).collect(java.util.stream.Collectors.toList());
      for (int i = 0; i < permutation.size(); i++) {
        back.set(permutation.get(i), i);
      }
      assertThat(moved.transposed(back)).as("seed %d", seed).isEqualTo(tensor);
    }
  }

  @Test
  void slabs_moveWhatIsDecoded_orStayWhereTheyShareAScale() {
    int moved = 0;
    for (int seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      Tensor tensor = affine(random, seed % 2 == 0 ? DataType.INT4 : DataType.INT8);
      int axis = random.nextInt(tensor.rank());
      int size = Math.toIntExact(tensor.dims().get(axis));
      int[] order = random.ints(random.nextInt(1, 5), 0, size).toArray();
      var picked = tensor.picked(axis, order);
      Tensor plain = Tensor.ofFloats(tensor.dims(), tensor.floats());

      if (picked.isPresent()) {
        moved++;
        assertThat(picked.get().floats())
            .as("seed %d", seed)
            .isEqualTo(plain.picked(axis, order).orElseThrow().floats());
        assertThat(picked.get().dims().get(axis)).isEqualTo(order.length);
      } else {
        long groups = ((Encoding.Affine) tensor.encoding()).scale().dims().get(axis);
        assertThat(groups).as("seed %d", seed).isGreaterThan(1).isLessThan(size);
      }
    }
    assertThat(moved).isGreaterThan(100);
  }

  @Test
  void slabs_areAsByHand() {
    assertThat(Tensor.ofFloats(List.of(3L, 2L), 0, 1, 2, 3, 4, 5).picked(0, 2, 0, 2))
        .contains(Tensor.ofFloats(List.of(3L, 2L), 4, 5, 0, 1, 4, 5));
    var palette =
        new Tensor(
            DataType.FLOAT32,
            List.of(2L, 3L),
            new Encoding.Palette(
                1,
                Storage.packed(1, 0, 1, 0, 1, 1, 0),
                Tensor.ofFloats(List.of(2L, 1L, 2L), 1, 2, 3, 4)));
    assertThat(palette.floats()).containsExactly(1, 2, 1, 4, 4, 3);
    assertThat(palette.picked(0, 1, 0).orElseThrow().floats()).containsExactly(4, 4, 3, 1, 2, 1);
    Tensor values =
        Tensor.affine(
            List.of(3L), DataType.INT8, new int[] {1, 2, 3}, Tensor.ofFloats(List.of(1L), 0.5f));
    var sparse =
        new Tensor(
            DataType.FLOAT32,
            List.of(2L, 3L),
            new Encoding.Sparse(Storage.packed(1, 0, 1, 1, 1, 0, 0), values));
    assertThat(sparse.picked(1, 2, 0).orElseThrow().floats()).containsExactly(1, 0, 0, 1.5f);
  }

  @Test
  void denseTransposition_isAsByHand() {
    assertThat(Tensor.ofFloats(List.of(2L, 3L), 0, 1, 2, 3, 4, 5).transposed(SWAP))
        .isEqualTo(Tensor.ofFloats(List.of(3L, 2L), 0, 3, 1, 4, 2, 5));
    assertThat(Tensor.ofLongs(List.of(1L, 2L), 7, 8).transposed(SWAP))
        .isEqualTo(Tensor.ofLongs(List.of(2L, 1L), 7, 8));
    assertThat(Tensor.half(List.of(2L, 2L), 1, 2, 3, 4).transposed(SWAP))
        .isEqualTo(Tensor.half(List.of(2L, 2L), 1, 3, 2, 4));
    assertThatThrownBy(() -> Tensor.scalar(1f).transposed(SWAP))
        .hasMessage("[1, 0] does not permute 0 axes");
  }

  @Test
  void paletteAndSparse_transposeToo() {
    var palette =
        new Tensor(
            DataType.FLOAT32,
            List.of(2L, 3L),
            new Encoding.Palette(
                1,
                Storage.packed(1, 0, 1, 0, 1, 1, 0),
                Tensor.ofFloats(List.of(2L, 1L, 2L), 1, 2, 3, 4)));
    assertThat(palette.transposed(SWAP).floats()).containsExactly(1, 4, 2, 4, 1, 3);

    Tensor values =
        Tensor.affine(
            List.of(3L), DataType.INT8, new int[] {1, 2, 3}, Tensor.ofFloats(List.of(1L), 0.5f));
    var sparse =
        new Tensor(
            DataType.FLOAT32,
            List.of(2L, 3L),
            new Encoding.Sparse(Storage.packed(1, 0, 1, 1, 1, 0, 0), values));
    assertThat(sparse.floats()).containsExactly(0, 0.5f, 1, 1.5f, 0, 0);
    assertThat(sparse.transposed(SWAP).floats()).containsExactly(0, 1.5f, 0.5f, 0, 1, 0);

    var grouped =
        new Tensor(
            DataType.FLOAT32,
            List.of(2L, 3L),
            new Encoding.Sparse(
                Storage.packed(1, 0, 1, 1, 1, 0, 0),
                3,
                new Encoding.Affine(
                    DataType.INT8,
                    Storage.packed(8, 1, 2, 3),
                    Tensor.ofFloats(List.of(2L, 1L), 0.5f, 4),
                    Tensor.dense(DataType.INT8, List.of(2L, 1L), Storage.packed(8, 0, 1)))));
    assertThat(grouped.floats()).containsExactly(0, 0.5f, 1, 8, 0, 0);
    assertThat(grouped.transposed(SWAP).floats()).containsExactly(0, 8, 0.5f, 0, 1, 0);
    assertThat(grouped.withDims(List.of(2L, 1L, 3L)).floats()).isEqualTo(grouped.floats());
  }

  @Test
  void vectors_areNeighboursAlongTheirAxis() {
    Tensor table = Tensor.ofFloats(List.of(1L, 2L, 2L, 2L), 1, 2, 3, 4, 5, 6, 7, 8);
    // Indices of [2 x 2], one table for each column; vectors run down the first axis.
    var down =
        new Tensor(
            DataType.FLOAT32,
            List.of(4L, 2L),
            new Encoding.Vectors(1, Storage.packed(1, 0, 1, 1, 0), table, 0));
    assertThat(down.floats()).containsExactly(1, 7, 2, 8, 3, 5, 4, 6);
    assertThat(down.transposed(SWAP).floats()).containsExactly(1, 2, 3, 4, 7, 8, 5, 6);
    assertThat(down.withDims(List.of(4L, 1L, 2L)).floats()).isEqualTo(down.floats());
    assertThat(down.reshaped(List.of(8L))).isEmpty();
    assertThat(down.toString())
        .isEqualTo("float32[4x2] palette of 1 bits, 2 tables of vectors of 2");
    assertThatThrownBy(() ->
            new Tensor(
                DataType.FLOAT32,
                List.of(3L, 2L),
                new Encoding.Vectors(1, Storage.packed(1, 0, 1, 1, 0), table, 0)))
        .hasMessage("vectors of 2 along axis 0 do not divide [3, 2]");
  }

  @Test
  void scaled_multipliesWhatIsEncoded() {
    var inner = Tensor.ofFloats(List.of(2L, 2L), 1, 2, 3, 4);
    var scaled =
        new Tensor(
            DataType.FLOAT32,
            List.of(2L, 2L),
            new Encoding.Scaled(inner, Tensor.ofFloats(List.of(2L, 1L), 10, -1)));
    assertThat(scaled.floats()).containsExactly(10, 20, -3, -4);
    assertThat(scaled.transposed(SWAP).floats()).containsExactly(10, -3, 20, -4);
    assertThat(scaled.withDims(List.of(2L, 2L, 1L)).floats()).containsExactly(10, 20, -3, -4);
    assertThat(scaled.toString()).isEqualTo("float32[2x2] dense, scaled per channel (axis 0)");
  }

  @Test
  void reshape_keepsTheElementsOrSaysNo() {
    int possible = 0;
    for (int seed = 0; seed < 500; seed++) {
      var random = new Random(seed);
      Tensor tensor = affine(random, DataType.UINT4);
      List<Long> other = new ArrayList<>();
      long rest = tensor.elements();
      while (rest > 1) {
        long part = random.nextLong(1, rest + 1);
        if (rest % part == 0) {
          other.add(part);
          rest /= part;
        }
      }
      var reshaped = tensor.reshaped(other);
      if (reshaped.isPresent()) {
        possible++;
        assertThat(reshaped.get().floats()).as("seed %d", seed).isEqualTo(tensor.floats());
      }
    }
    assertThat(possible).isBetween(100, 499);
  }

  @Test
  void reshapeThatSplitsABlock_isRefused() {
    Tensor tensor =
        Tensor.affine(
            List.of(2L, 6L),
            DataType.INT8,
            new int[12],
            Tensor.ofFloats(List.of(2L, 2L), 1, 2, 3, 4));

    assertThat(tensor.withDims(List.of(2L, 2L, 3L)).how()).isEqualTo("int8 in blocks of 1x1x3");
    assertThat(tensor.withDims(List.of(12L)).how()).isEqualTo("int8 in blocks of 3");
    assertThat(tensor.reshaped(List.of(3L, 4L))).isEmpty();
    assertThat(tensor.reshaped(List.of(5L))).isEmpty();
    assertThatThrownBy(() -> tensor.withDims(List.of(3L, 4L)))
        .hasMessage("float32[2x6] int8 in blocks of 1x3 does not reshape to [3, 4] while encoded");
    Tensor whole =
        Tensor.affine(
            List.of(4L, 3L), DataType.INT8, new int[12], Tensor.ofFloats(List.of(1L, 1L), 2));
    assertThat(whole.withDims(List.of(2L, 6L, 1L)).how()).isEqualTo("int8 per tensor");
  }

  @Test
  void half_roundsToEvenAndSaturates() {
    Tensor half =
        Tensor.half(
            List.of(7L),
            1 + 0x1p-11f,
            1 + 3 * 0x1p-11f,
            1e6f,
            -70000f,
            Float.POSITIVE_INFINITY,
            0x1p-24f,
            Float.NaN);

    assertThat(half.dtype()).isEqualTo(DataType.FLOAT32);
    assertThat(half.floats())
        .containsExactly(
            1, 1 + 0x1p-9f, 65504, -65504, Float.POSITIVE_INFINITY, 0x1p-24f, Float.NaN);
    assertThat(half.storedBytes()).isEqualTo(14);
  }

  @Test
  void wrongCodesAndScales_areRefused() {
    Tensor one = Tensor.ofFloats(List.of(1L), 1);

    assertThatThrownBy(() -> Tensor.affine(List.of(1L), DataType.INT4, new int[] {8}, one))
        .hasMessage("code 8 is no int4");
    assertThatThrownBy(() -> Tensor.affine(List.of(2L), DataType.INT4, new int[] {0, 1, 2}, one))
        .hasMessage("int4[2] takes 1 bytes, got 2");
    assertThatThrownBy(() ->
            Tensor.affine(
                List.of(1L), DataType.INT8, new int[] {0}, Tensor.ofFloats(List.of(1L), Float.NaN)))
        .hasMessage("a scale is a finite number, got NaN");
    assertThatThrownBy(() ->
            Tensor.affine(
                List.of(3L), DataType.INT8, new int[3], Tensor.ofFloats(List.of(2L), 1, 1)))
        .hasMessage("a grid of [2] does not divide [3]");
    assertThatThrownBy(() ->
            Tensor.affine(
                List.of(1L),
                DataType.INT8,
                new int[1],
                one,
                Tensor.dense(DataType.UINT8, List.of(1L), Storage.packed(8, 0))))
        .hasMessage("codes of int8 with zero points of uint8");
  }
}
