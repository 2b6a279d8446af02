package dev.inward.coreml;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes constants in the encoding that they have: an encoding of the graph is an op `constexpr_*`
/// of the program, and its codes are the same codes.
///
/// What changes is the type of scales and tables: in a float16 program they are float16. A scale is
/// rounded to the nearest float16 (relative error at most 2^-11; below 6e-5, where float16 has
/// fewer digits, more, which is noted); a scale other than zero never becomes zero. The reals then
/// are those of the rounded scale; the codes are not chosen anew.
final class Weights {
  private final Lowering lowering;
  private final Map<String, Boolean> exceeding = new HashMap<>();

  Weights(Lowering lowering) {
    this.lowering = lowering;
  }

  private Body body() {
    return lowering.body;
  }

  /// Whether a name is a float32 constant with a finite number that float16 cannot hold and that
  /// does not stand for infinity.
  boolean exceedsHalf(String name) {
    var tensor = lowering.graph.constant(name);
    return tensor.isPresent()
        && tensor.get().dtype() == DataType.FLOAT32
        && tensor.get().encoding() instanceof Encoding.Dense(var stored, _)
        && stored != DataType.FLOAT16
        && exceeding.computeIfAbsent(name, _ -> anyBeyond(tensor.get()));
  }

  private static boolean anyBeyond(Tensor tensor) {
    for (float value : tensor.floats()) {
      float size = Math.abs(value);
      if (size > Constants.LARGEST_HALF && size < Constants.AS_GOOD_AS_INFINITE) {
        return true;
      }
    }
    return false;
  }

  /// A constant as a value of the program.
  ///
  /// @param where what to call it in a refusal
  Mil.Var tensor(String name, Tensor tensor, MilType wanted, String where) {
    return switch (tensor.encoding()) {
      case Encoding.Dense(var stored, _)
          when wanted == MilType.FLOAT32 && stored == DataType.FLOAT16 ->
          widened(name, tensor);
      case Encoding.Dense _ -> body().constant(name, Constants.plain(where, tensor, wanted));
      case Encoding.Affine affine -> affine(name, tensor, affine, wanted, where);
      case Encoding.Palette palette -> palette(name, tensor, palette, wanted, where);
      case Encoding.Sparse sparse -> sparse(name, tensor, sparse, wanted, where);
    };
  }

  /// A matrix with rows and columns traded. The codes of a compressed one are moved, not decoded; a
  /// plain one is moved where it is written.
  Mil.Var transposed(String name, Tensor matrix, MilType wanted, String where) {
    String hint = name + "_transposed";
    if (!(matrix.encoding() instanceof Encoding.Dense(var stored, _))
        || wanted == MilType.FLOAT32 && stored == DataType.FLOAT16) {
      return tensor(hint, matrix.transposed(List.of(1, 0)), wanted, where);
    }
    var dims = List.of(matrix.dims().get(1), matrix.dims().get(0));
    return body()
        .constant(
            hint,
            new Mil.Value(
                wanted,
                dims,
                new Mil.Content.Made(() ->
                    Constants.bytes(
                        Constants.plain(where, matrix.transposed(List.of(1, 0)), wanted)
                            .content()))));
  }

  private boolean newest() {
    return body().target.atLeast(Target.IOS18);
  }

  private void needs(Target least, String where, String what) {
    if (!body().target.atLeast(least)) {
      throw new NeedsTarget(
          least,
          UnsupportedException.at(
                  where,
                  "%s exist from %s on, the target is %s",
                  what,
                  least.title(),
                  body().target.title())
              .hint("write for target %s, or encode the weight otherwise", least.title()));
    }
  }

  /// A float32 weight that is stored as float16.
  private Mil.Var widened(String name, Tensor tensor) {
    var half = Constants.plain(name, tensor, MilType.FLOAT16);
    if (!body().target.atLeast(Target.IOS16)) {
      Mil.Var stored = body().constant(name + "_fp16", half);
      return body()
          .call("cast", name)
          .in("x", stored)
          .text("dtype", "fp32")
          .gives(MilType.FLOAT32, tensor.dims());
    }
    return parameters(
        body().call("constexpr_cast", name),
        Map.of(),
        List.of("source_val", "output_dtype"),
        List.of(half, Mil.Value.text("fp32")),
        MilType.FLOAT32,
        tensor.dims());
  }

  /// Up to iOS 17 the parameters are attributes, from iOS 18 on inputs; those in `bound` are
  /// results of another `constexpr_*`.
  private Mil.Var parameters(
      Body.Call call,
      Map<String, Mil.Var> bound,
      List<String> names,
      List<Mil.Value> values,
      MilType type,
      List<Long> dims) {
    bound.forEach(call::in);
    for (int i = 0; i < names.size(); i++) {
      if (newest()) {
        call.literal(names.get(i), values.get(i));
      } else {
        call.attribute(names.get(i), values.get(i));
      }
    }
    return call.gives(type, dims);
  }

  private Mil.Var affine(
      String name, Tensor tensor, Encoding.Affine affine, MilType wanted, String where) {
    MilType codes = codeType(affine.codes(), where);
    if (tensor.rank() == 0) {
      return body().constant(name, Constants.floats(wanted, List.of(), tensor.floats()));
    }
    var split = axesWithGroups(affine.scale());
    boolean blocks =
        split.size() > 1
            || split.size() == 1
                && !affine
                    .scale()
                    .dims()
                    .get(split.getFirst())
                    .equals(tensor.dims().get(split.getFirst()));
    if (codes == MilType.INT4 || codes == MilType.UINT4) {
      needs(Target.IOS18, where, "4-bit codes");
    }
    if (blocks) {
      needs(Target.IOS18, where, "codes in blocks");
    }
    needs(Target.IOS16, where, "compressed weights");
    var data = Mil.Value.of(codes, tensor.dims(), affine.data());
    Mil.Value scale = scale(name, affine, tensor.dims(), wanted);
    if (newest()) {
      var names = new ArrayList<>(List.of("data", "scale"));
      var values = new ArrayList<>(List.of(data, scale));
      if (hasZeroPoint(affine)) {
        names.add("offset");
        values.add(zeroPoint(affine, codes, affine.zeroPoint().dims()));
      }
      return parameters(
          body().call("constexpr_blockwise_shift_scale", name),
          Map.of(),
          names,
          values,
          wanted,
          tensor.dims());
    }
    int axis = split.isEmpty() ? 0 : split.getFirst();
    List<Long> shape = split.isEmpty() ? List.of() : List.of(tensor.dims().get(axis));
    return parameters(
        body().call("constexpr_affine_dequantize", name),
        Map.of(),
        List.of("quantized_data", "zero_point", "scale", "axis"),
        List.of(
            data,
            zeroPoint(affine, codes, shape),
            new Mil.Value(scale.type(), shape, scale.content()),
            Constants.scalar(axis)),
        wanted,
        tensor.dims());
  }

  private static MilType codeType(DataType codes, String where) {
    return switch (codes) {
      case INT8 -> MilType.INT8;
      case UINT8 -> MilType.UINT8;
      case INT4 -> MilType.INT4;
      case UINT4 -> MilType.UINT4;
      case FLOAT32,
          FLOAT16,
          BFLOAT16,
          FLOAT64,
          INT16,
          INT32,
          INT64,
          UINT16,
          UINT32,
          UINT64,
          BOOL,
          STRING ->
          throw UnsupportedException.at(
                  where, "Core ML has no weights with codes of type %s", codes.text())
              .hint("use codes of 8 or 4 bits");
    };
  }

  private static List<Integer> axesWithGroups(Tensor scale) {
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < scale.rank(); i++) {
      if (scale.dims().get(i) > 1) {
        axes.add(i);
      }
    }
    return axes;
  }

  private static boolean hasZeroPoint(Encoding.Affine affine) {
    for (long zero : affine.zeroPoint().longs()) {
      if (zero != 0) {
        return true;
      }
    }
    return false;
  }

  private static Mil.Value zeroPoint(Encoding.Affine affine, MilType codes, List<Long> dims) {
    var encoding = (Encoding.Dense) affine.zeroPoint().encoding();
    return Mil.Value.of(codes, dims, encoding.data());
  }

  /// The scale in the type of the result. A scale of zero becomes one where the codes of its group
  /// all are the zero point, so that no reader divides by it; the reals are zeros before and after.
  private Mil.Value scale(String name, Encoding.Affine affine, List<Long> dims, MilType wanted) {
    float[] scale = affine.scale().floats();
    boolean[] used = new boolean[scale.length];
    for (float s : scale) {
      if (s == 0) {
        markUsed(affine, dims, used);
        break;
      }
    }
    for (int i = 0; i < scale.length; i++) {
      scale[i] = scale[i] == 0 && !used[i] ? 1 : scale[i];
    }
    if (wanted == MilType.FLOAT16) {
      noteRounding(name, scale);
    }
    return Constants.floats(wanted, affine.scale().dims(), scale);
  }

  /// Marks the groups that have a code other than their zero point.
  private static void markUsed(Encoding.Affine affine, List<Long> dims, boolean[] used) {
    var grid = affine.scale().dims();
    long[] zero = affine.zeroPoint().longs();
    int width = affine.codes().bits();
    int fold = 1 << (width - 1);
    long count = Mil.elements(dims);
    for (long i = 0; i < count; i++) {
      long rest = i;
      long group = 0;
      long stride = 1;
      for (int axis = dims.size() - 1; axis >= 0; axis--) {
        long size = dims.get(axis);
        group += rest % size / (size / grid.get(axis)) * stride;
        stride *= grid.get(axis);
        rest /= size;
      }
      int code = Packing.get(affine.data().bytes(), i, width);
      long signed = affine.codes().isSigned() ? (code ^ fold) - fold : code;
      used[(int) group] |= signed != zero[(int) group];
    }
  }

  private void noteRounding(String name, float[] scale) {
    int coarse = 0;
    double worst = 0;
    for (float s : scale) {
      float rounded = Float.float16ToFloat(Constants.half(s));
      double error = s == 0 ? 0 : Math.abs(rounded - s) / Math.abs((double) s);
      if (error > 0x1p-11) {
        coarse++;
        worst = Math.max(worst, error);
      }
    }
    if (coarse > 0) {
      lowering.note(
          "'%s': %d of %d scales are too small for all digits of float16; the worst moves by %.2f %%",
          name, coarse, scale.length, 100 * worst);
    }
  }

  private Mil.Var palette(
      String name, Tensor tensor, Encoding.Palette palette, MilType wanted, String where) {
    int bits = palette.bits();
    boolean plainTable = Lowering.isPlain(palette.table());
    if (palette.table().elements() != 1L << bits) {
      needs(Target.IOS18, where, "palettes in groups");
    }
    if (bits == 3) {
      needs(Target.IOS18, where, "palettes of 3 bits");
    }
    if (!plainTable) {
      needs(Target.IOS18, where, "palettes whose table is compressed");
    }
    needs(Target.IOS16, where, "compressed weights");
    if (tensor.rank() == 0) {
      return body().constant(name, Constants.floats(wanted, List.of(), tensor.floats()));
    }
    if (newest()) {
      List<Long> lutDims = new ArrayList<>(palette.table().dims());
      lutDims.add(1L);
      Map<String, Mil.Var> bound = new HashMap<>();
      List<String> names = new ArrayList<>(List.of("indices"));
      List<Mil.Value> values = new ArrayList<>();
      values.add(Mil.Value.of(MilType.unsigned(bits), tensor.dims(), palette.indices()));
      table(name, palette.table(), lutDims, wanted, where, bound, names, values);
      return parameters(
          body().call("constexpr_lut_to_dense", name), bound, names, values, wanted, tensor.dims());
    }
    return parameters(
        body().call("constexpr_lut_to_dense", name),
        Map.of(),
        List.of("indices", "lut", "shape"),
        List.of(
            Mil.Value.of(MilType.UINT8, List.of(palette.indices().size()), palette.indices()),
            retyped(Constants.plain(where, palette.table(), wanted), List.of(1L << bits)),
            shape(tensor.dims())),
        wanted,
        tensor.dims());
  }

  private static Mil.Value retyped(Mil.Value value, List<Long> dims) {
    return new Mil.Value(value.type(), dims, value.content());
  }

  private static Mil.Value shape(List<Long> dims) {
    return Mil.Value.of(
        MilType.UINT32,
        List.of((long) dims.size()),
        Constants.whole(MilType.UINT32, dims.stream().mapToLong(Long::longValue).toArray()));
  }

  /// The table of a palette, as a value or as the result of an op of its own.
  private void table(
      String name,
      Tensor table,
      List<Long> dims,
      MilType wanted,
      String where,
      Map<String, Mil.Var> bound,
      List<String> names,
      List<Mil.Value> values) {
    switch (table.encoding()) {
      case Encoding.Dense _ -> {
        names.add("lut");
        values.add(retyped(Constants.plain(where, table, wanted), dims));
      }
      case Encoding.Affine(var codes, var data, var scale, var zero) -> {
        List<Long> grid = new ArrayList<>(scale.dims());
        grid.add(1L);
        var wider =
            new Tensor(
                table.dtype(),
                dims,
                new Encoding.Affine(codes, data, scale.withDims(grid), zero.withDims(grid)));
        bound.put("lut", tensor(name + "_lut", wider, wanted, where));
      }
      case Encoding.Palette _, Encoding.Sparse _ ->
          throw UnsupportedException.at(
                  where, "a palette's table is dense or affine, got %s", table)
              .hint("store the table as float or int8");
    }
  }

  private Mil.Var sparse(
      String name, Tensor tensor, Encoding.Sparse sparse, MilType wanted, String where) {
    if (!Lowering.isPlain(sparse.values())) {
      needs(Target.IOS18, where, "sparse weights whose values are compressed");
    }
    needs(Target.IOS16, where, "compressed weights");
    if (tensor.rank() == 0) {
      return body().constant(name, Constants.floats(wanted, List.of(), tensor.floats()));
    }
    var call = body().call("constexpr_sparse_to_dense", name);
    if (!newest()) {
      return parameters(
          call,
          Map.of(),
          List.of("nonzero_data", "mask", "shape"),
          List.of(
              Constants.plain(where, sparse.values(), wanted),
              Mil.Value.of(MilType.UINT8, List.of(sparse.mask().size()), sparse.mask()),
              shape(tensor.dims())),
          wanted,
          tensor.dims());
    }
    var mask = Mil.Value.of(MilType.UINT1, tensor.dims(), sparse.mask());
    List<Mil.Var> pair = sparseParts(name, tensor, sparse, mask, wanted, where);
    if (pair.isEmpty()) {
      return call.literal("nonzero_data", Constants.plain(where, sparse.values(), wanted))
          .literal("mask", mask)
          .gives(wanted, tensor.dims());
    }
    return call.in("nonzero_data", pair.get(1))
        .in("mask", pair.get(0))
        .gives(wanted, tensor.dims());
  }

  /// Mask and decoded values of a sparse tensor whose values are compressed; none where they are
  /// plain.
  private List<Mil.Var> sparseParts(
      String name,
      Tensor tensor,
      Encoding.Sparse sparse,
      Mil.Value mask,
      MilType wanted,
      String where) {
    Storage dataBytes;
    List<Long> count = sparse.values().dims();
    List<Long> ones = tensor.dims().stream().map(_ -> 1L).toList();
    Body.Call call;
    switch (sparse.values().encoding()) {
      case Encoding.Dense _ -> {
        return List.of();
      }
      case Encoding.Affine affine when affine.scale().elements() == 1 -> {
        MilType codes = codeType(affine.codes(), where);
        dataBytes = affine.data();
        call =
            body()
                .call("constexpr_sparse_blockwise_shift_scale", name + "_values")
                .literal("data_mask", mask)
                .literal("nonzero_data", Mil.Value.of(codes, count, dataBytes))
                .literal("scale", retyped(scale(name, affine, count, wanted), ones));
        if (hasZeroPoint(affine)) {
          call.literal("offset", zeroPoint(affine, codes, ones));
        }
      }
      case Encoding.Palette palette when palette.table().elements() == 1L << palette.bits() -> {
        List<Long> lutDims = new ArrayList<>(ones);
        lutDims.add(1L << palette.bits());
        lutDims.add(1L);
        Map<String, Mil.Var> bound = new HashMap<>();
        List<String> names = new ArrayList<>();
        List<Mil.Value> values = new ArrayList<>();
        table(
            name,
            palette.table(),
            List.of(1L, 1L << palette.bits(), 1L),
            wanted,
            where,
            bound,
            names,
            values);
        if (!bound.isEmpty()) {
          throw UnsupportedException.at(
              where, "a sparse palette's table is stored plainly, got %s", palette.table());
        }
        call =
            body()
                .call("constexpr_lut_to_sparse", name + "_values")
                .literal("indices_mask", mask)
                .literal(
                    "indices_nonzero_data",
                    Mil.Value.of(MilType.unsigned(palette.bits()), count, palette.indices()))
                .literal("lut", retyped(values.getFirst(), lutDims));
      }
      case Encoding.Affine _, Encoding.Palette _, Encoding.Sparse _ ->
          throw UnsupportedException.at(
                  where,
                  "the values of a sparse weight have one scale or table, got %s",
                  sparse.values())
              .hint("encode the values per tensor");
    }
    var decodedMask = new Mil.Var(body().names.fresh(name + "_mask"), MilType.UINT1, tensor.dims());
    var decoded = new Mil.Var(body().names.fresh(name + "_nonzero"), wanted, count);
    call.as(List.of(decodedMask, decoded));
    return List.of(decodedMask, decoded);
  }
}
