package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Reads the ops `constexpr_*` as encodings of tensors, in the form of either set of ops.
final class ConstantRaising {
  private final Source source;
  private final Map<String, Tensor> encoded;
  private final Map<String, Mil.Value> masks;

  private ConstantRaising(
      Source source, Map<String, Tensor> encoded, Map<String, Mil.Value> masks) {
    this.source = source;
    this.encoded = encoded;
    this.masks = masks;
  }

  static void raise(Source source, Map<String, Tensor> encoded, Map<String, Mil.Value> masks) {
    var raising = new ConstantRaising(source, encoded, masks);
    switch (source.type()) {
      case "constexpr_affine_dequantize" -> raising.put(raising.perChannel());
      case "constexpr_blockwise_shift_scale" -> raising.put(raising.inBlocks());
      case "constexpr_lut_to_dense" ->
          raising.put(source.has("shape") ? raising.flatPalette() : raising.palette());
      case "constexpr_sparse_to_dense" -> raising.put(raising.sparse());
      case "constexpr_cast" -> raising.put(raising.widened());
      case "constexpr_sparse_blockwise_shift_scale" -> raising.sparseCodes();
      case "constexpr_lut_to_sparse" -> raising.sparseIndices();
      default -> throw source.refused("this op is not known");
    }
  }

  private void put(Encoding encoding) {
    Mil.Var out = source.result();
    DataType type = source.real(out);
    if (!type.isFloat()) {
      boolean looked = encoding instanceof Encoding.Palette || encoding instanceof Encoding.Vectors;
      if (type != DataType.INT8 || !looked) {
        throw source.refused("it makes %s, not reals", out.type().text());
      }
      // Codes that are looked up: a scale follows, which makes them reals.
      type = DataType.FLOAT32;
    }
    encoded.put(out.name(), new Tensor(type, out.dims(), encoding));
  }

  private InputException contradicts(String format, Object... args) {
    return InputException.at(source.where(), format, args);
  }

  private static Storage bytes(Mil.Value value) {
    return Constants.bytes(value.content());
  }

  /// The name that a parameter is bound to where that is a compressed constant; else empty.
  private String compressed(String parameter) {
    var bindings = source.operation.inputs().getOrDefault(parameter, List.of());
    return !bindings.isEmpty()
            && bindings.getFirst() instanceof Mil.Binding.Name(var name)
            && (encoded.containsKey(name) || masks.containsKey(name))
        ? name
        : "";
  }

  private Mil.Value value(String parameter) {
    if (!compressed(parameter).isEmpty()) {
      throw source.refused("its parameter '%s' is compressed itself", parameter);
    }
    return source.fixed(parameter);
  }

  private Tensor reals(Mil.Value value, List<Long> dims) {
    if (!value.type().isFloat()) {
      throw source.refused("scales of type %s", value.type().text());
    }
    if (value.elements() != Mil.elements(dims)) {
      throw contradicts("%d scales do not make %s", value.elements(), dims);
    }
    return Tensor.dense(value.type().graphType().orElseThrow(), dims, bytes(value));
  }

  /// Zero points in the type of the codes; zeros where there are none.
  private Tensor zeros(String parameter, DataType codes, List<Long> dims) {
    int count = Math.toIntExact(Mil.elements(dims));
    int[] all = new int[count];
    if (source.has(parameter)) {
      Mil.Value value = source.fixed(parameter);
      if (value.elements() != count) {
        throw contradicts("%d zero points do not make %s", value.elements(), dims);
      }
      if (value.type().graphType().filter(codes::equals).isPresent()) {
        return Tensor.dense(codes, dims, bytes(value));
      }
      if (!value.type().isFloat()) {
        throw contradicts("codes are %s, zero points %s", codes.text(), value.type().text());
      }
      float[] given =
          Tensor.dense(value.type().graphType().orElseThrow(), dims, bytes(value)).floats();
      for (int i = 0; i < count; i++) {
        all[i] = Math.round(given[i]);
        if (all[i] != given[i]) {
          throw source.refused("the zero point %s is no whole number", given[i]);
        }
      }
    }
    return Tensor.dense(codes, dims, Storage.packed(codes.bits(), all));
  }

  private static List<Long> ones(int rank) {
    List<Long> dims = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      dims.add(1L);
    }
    return dims;
  }

  private DataType codes(Mil.Value data) {
    return switch (data.type()) {
      case INT4 -> DataType.INT4;
      case UINT4 -> DataType.UINT4;
      case INT8 -> DataType.INT8;
      case UINT8 -> DataType.UINT8;
      default -> throw source.refused("codes of type %s", data.type().text());
    };
  }

  private void sameDims(List<Long> data, List<Long> result) {
    if (!data.equals(result)) {
      throw contradicts("codes of %s cannot make %s", data, result);
    }
  }

  private Encoding perChannel() {
    Mil.Value data = value("quantized_data");
    sameDims(data.dims(), source.result().dims());
    Mil.Value scale = value("scale");
    List<Long> grid = ones(data.dims().size());
    int axis = source.axis(source.integer("axis"), Math.max(1, grid.size()));
    if (scale.elements() > 1) {
      if (scale.elements() != data.dims().get(axis)) {
        throw contradicts("%d scales for axis %d of %s", scale.elements(), axis, data.dims());
      }
      grid.set(axis, scale.elements());
    }
    DataType codes = codes(data);
    Mil.Value zero = source.fixed("zero_point");
    if (zero.elements() == 1 && scale.elements() > 1) {
      throw source.refused("one zero point for %d scales", scale.elements());
    }
    return new Encoding.Affine(
        codes, bytes(data), reals(scale, grid), zeros("zero_point", codes, grid));
  }

  private void requireGrid(List<Long> grid, List<Long> dims) {
    boolean fits = grid.size() == dims.size();
    for (int i = 0; fits && i < dims.size(); i++) {
      fits = grid.get(i) > 0 && dims.get(i) % grid.get(i) == 0;
    }
    if (!fits) {
      throw contradicts("groups %s do not divide %s", grid, dims);
    }
  }

  private Encoding inBlocks() {
    Tensor values = encoded.get(compressed("data"));
    if (values != null) {
      source.var("data");
      return scaled(values);
    }
    Mil.Value data = value("data");
    if (data.type().isFloat()) {
      sameDims(data.dims(), source.result().dims());
      return scaled(Tensor.dense(data.type().graphType().orElseThrow(), data.dims(), bytes(data)));
    }
    sameDims(data.dims(), source.result().dims());
    Mil.Value scale = value("scale");
    requireGrid(scale.dims(), data.dims());
    DataType codes = codes(data);
    return new Encoding.Affine(
        codes, bytes(data), reals(scale, scale.dims()), zeros("offset", codes, scale.dims()));
  }

  /// Scales over values that are reals already.
  private Encoding scaled(Tensor values) {
    if (source.has("offset")) {
      throw source.refused("an offset to values that are %s", values.how());
    }
    sameDims(values.dims(), source.result().dims());
    Mil.Value scale = value("scale");
    requireGrid(scale.dims(), values.dims());
    Tensor typed = new Tensor(source.real(source.result()), values.dims(), values.encoding());
    return new Encoding.Scaled(typed, reals(scale, scale.dims()));
  }

  private static int bits(long entries) {
    return 63 - Long.numberOfLeadingZeros(entries);
  }

  private int paletteBits(long entries) {
    int bits = bits(Math.max(1, entries));
    if (entries != 1L << bits || !List.of(1, 2, 3, 4, 6, 8).contains(bits)) {
      throw contradicts("a table of %d entries fits no number of bits", entries);
    }
    return bits;
  }

  /// Up to iOS 17: one table, indices packed into bytes.
  private Encoding flatPalette() {
    List<Long> dims = source.longs("shape");
    sameDims(dims, source.result().dims());
    Mil.Value table = value("lut");
    int bits = paletteBits(table.elements());
    Mil.Value indices = value("indices");
    requireBits(indices, Mil.elements(dims), bits);
    List<Long> tableDims = ones(dims.size());
    tableDims.add(table.elements());
    return new Encoding.Palette(bits, bytes(indices), reals(table, tableDims));
  }

  private void requireBits(Mil.Value packed, long count, int bits) {
    if (packed.type() != MilType.UINT8
        || packed.elements() != Math.ceilDiv(Math.multiplyExact(count, bits), 8)) {
      throw contradicts(
          "%s bytes of type %s do not hold %d codes of %d bits",
          packed.elements(), packed.type().text(), count, bits);
    }
  }

  /// From iOS 18 on: tables in groups, of numbers or of vectors.
  private Encoding palette() {
    Mil.Value indices = value("indices");
    int rank = indices.dims().size();
    Tensor table = table(rank);
    requireGrid(table.dims().subList(0, rank), indices.dims());
    int bits = indexBits(indices, table);
    long width = table.dims().getLast();
    if (width == 1) {
      if (source.has("vector_axis")) {
        source.integer("vector_axis");
      }
      sameDims(indices.dims(), source.result().dims());
      return new Encoding.Palette(bits, bytes(indices), shorter(table));
    }
    if (!source.has("vector_axis")) {
      throw contradicts("a table of vectors of %d without their axis", width);
    }
    int axis = source.axis(source.integer("vector_axis"), rank);
    List<Long> dims = new ArrayList<>(indices.dims());
    dims.set(axis, Math.multiplyExact(dims.get(axis), width));
    sameDims(dims, source.result().dims());
    return new Encoding.Vectors(bits, bytes(indices), table, axis);
  }

  private int indexBits(Mil.Value indices, Tensor table) {
    long entries = table.dims().get(table.rank() - 2);
    int bits = paletteBits(entries);
    if (indices.type() != MilType.unsigned(bits)) {
      throw contradicts("indices of type %s into tables of %d", indices.type().text(), entries);
    }
    return bits;
  }

  /// The tables: groups along each axis, entries, elements of an entry.
  private Tensor table(int rank) {
    List<Long> dims = source.var("lut").dims();
    if (dims.size() != rank + 2 || dims.contains(0L)) {
      throw contradicts("a table of %s for indices of %d axes", dims, rank);
    }
    Tensor table = encoded.get(compressed("lut"));
    if (table == null) {
      Mil.Value plain = source.fixed("lut");
      if (plain.type() != MilType.INT8) {
        return reals(plain, dims);
      }
      List<Long> one = ones(dims.size());
      return new Tensor(
          DataType.FLOAT32,
          dims,
          new Encoding.Affine(
              DataType.INT8,
              bytes(plain),
              Tensor.ofFloats(one, 1),
              Tensor.dense(DataType.INT8, one, Storage.packed(8, 0))));
    }
    if (!(table.encoding() instanceof Encoding.Affine)) {
      throw source.refused("a table that is %s", table.how());
    }
    return table;
  }

  /// A table of numbers without its last axis, which is 1.
  private static Tensor shorter(Tensor table) {
    List<Long> dims = table.dims().subList(0, table.rank() - 1);
    return switch (table.encoding()) {
      case Encoding.Affine(var codes, var data, var scale, var zero) -> {
        var grid = scale.dims().subList(0, dims.size());
        yield new Tensor(
            table.dtype(),
            dims,
            new Encoding.Affine(codes, data, scale.withDims(grid), zero.withDims(grid)));
      }
      case Encoding.Dense _,
          Encoding.Palette _,
          Encoding.Vectors _,
          Encoding.Scaled _,
          Encoding.Sparse _ ->
          table.withDims(dims);
    };
  }

  private static long ones(Storage mask, long count) {
    long ones = 0;
    byte[] bytes = mask.toArray();
    for (int i = 0; i < bytes.length; i++) {
      int tail = i == bytes.length - 1 && count % 8 != 0 ? (1 << count % 8) - 1 : 0xff;
      ones += Integer.bitCount(bytes[i] & tail);
    }
    return ones;
  }

  private void requireOnes(Storage mask, long count, long values) {
    long ones = ones(mask, count);
    if (ones != values) {
      throw contradicts("the mask has %d ones, there are %d values", ones, values);
    }
  }

  private Encoding sparse() {
    List<Long> dims = source.result().dims();
    long count = Mil.elements(dims);
    Mil.Value mask;
    if (source.has("shape")) {
      sameDims(source.longs("shape"), dims);
      mask = value("mask");
      requireBits(mask, count, 1);
    } else {
      mask = mask("mask");
      sameDims(mask.dims(), dims);
    }
    String name = compressed("nonzero_data");
    if (!name.isEmpty()) {
      Tensor values = encoded.get(name);
      Mil.Var stream = source.var("nonzero_data");
      if (values == null || !(values.encoding() instanceof Encoding.Sparse inner)) {
        throw source.refused("values between zeros that are made elsewhere");
      }
      if (!values.dims().equals(dims) || !inner.mask().equals(bytes(mask))) {
        throw contradicts("'%s' has another mask", stream.name());
      }
      return inner;
    }
    Mil.Value plain = source.fixed("nonzero_data");
    requireOnes(bytes(mask), count, plain.elements());
    return new Encoding.Sparse(
        bytes(mask), plain.elements(), reals(plain, List.of(plain.elements())).encoding());
  }

  private Mil.Value mask(String parameter) {
    Mil.Value mask = masks.get(compressed(parameter));
    if (mask == null) {
      mask = value(parameter);
    } else {
      source.var(parameter);
    }
    if (mask.type() != MilType.UINT1) {
      throw contradicts("the mask is %s, expected uint1", mask.type().text());
    }
    return mask;
  }

  /// Two results, the mask and the values, for a `constexpr_sparse_to_dense` to put together. Under
  /// the name of the values stands what that op will make.
  private void pair(Mil.Value mask, long count, Encoding values) {
    if (source.operation.outputs().size() != 2) {
      throw contradicts("it has %d results, expected 2", source.operation.outputs().size());
    }
    requireOnes(bytes(mask), Mil.elements(mask.dims()), count);
    Mil.Var out = source.operation.outputs().get(1);
    masks.put(source.result().name(), mask);
    encoded.put(
        out.name(),
        new Tensor(source.real(out), mask.dims(), new Encoding.Sparse(bytes(mask), count, values)));
  }

  private void sparseCodes() {
    Mil.Value mask = mask("data_mask");
    Mil.Value scale = value("scale");
    if (!compressed("nonzero_data").isEmpty()) {
      throw source.refused("scales over values between zeros that are encoded themselves");
    }
    Mil.Value data = value("nonzero_data");
    List<Long> grid = scale.elements() == 1 ? ones(1) : scale.dims();
    if (scale.elements() > 1) {
      requireGrid(grid, mask.dims());
    }
    DataType codes = codes(data);
    pair(
        mask,
        data.elements(),
        new Encoding.Affine(codes, bytes(data), reals(scale, grid), zeros("offset", codes, grid)));
  }

  private void sparseIndices() {
    Mil.Value mask = mask("indices_mask");
    Mil.Value indices = value("indices_nonzero_data");
    int rank = mask.dims().size();
    Tensor table = table(rank);
    if (table.dims().getLast() != 1) {
      throw source.refused("vectors between zeros");
    }
    if (source.has("vector_axis")) {
      source.integer("vector_axis");
    }
    int bits = indexBits(indices, table);
    requireGrid(table.dims().subList(0, rank), mask.dims());
    Tensor entries = shorter(table);
    boolean single = entries.elements() == 1L << bits;
    pair(
        mask,
        indices.elements(),
        new Encoding.Palette(
            bits, bytes(indices), single ? entries.withDims(List.of(1L, 1L << bits)) : entries));
  }

  private Encoding widened() {
    Mil.Value half = value("source_val");
    String to = source.text("output_dtype");
    if (half.type() != MilType.FLOAT16 || !to.equals("fp32")) {
      throw source.refused("a constant of %s as %s", half.type().text(), to);
    }
    sameDims(half.dims(), source.result().dims());
    return new Encoding.Dense(DataType.FLOAT16, bytes(half));
  }
}
