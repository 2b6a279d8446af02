package dev.inward.coreml;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.LongStream;

/// Writes constants in the encoding that they have: an encoding of the graph is an op `constexpr_*`
/// of the program, and its codes are the same codes.
///
/// What changes is the type of scales and tables: in a float16 program they are float16. A scale is
/// rounded to the nearest float16 (relative error at most 2^-11; below 6e-5, where float16 has
/// fewer digits, more, which is noted); a scale other than zero never becomes zero. The reals then
/// are those of the rounded scale; the codes are not chosen anew.
final class Weights {
  private static final int PIECE = 1 << 16;

  /// Magnitudes of float32 are in the order of their bits.
  private static final int BEYOND_HALF = Float.floatToRawIntBits(Constants.LARGEST_HALF);

  private static final int INFINITE = Float.floatToRawIntBits(Constants.AS_GOOD_AS_INFINITE);

  private final Body body;
  private final Function<String, Optional<Tensor>> constants;
  private final Consumer<String> notes;
  private final TableWeights tables;
  private final Map<String, Boolean> exceeding = new HashMap<>();

  /// @param constants of the graph, by name
  /// @param notes takes what a person should know
  Weights(Body body, Function<String, Optional<Tensor>> constants, Consumer<String> notes) {
    this.body = body;
    this.constants = constants;
    this.notes = notes;
    this.tables = new TableWeights(this);
  }

  Body body() {
    return body;
  }

  /// Whether a name is a float32 constant with a finite number that float16 cannot hold and that
  /// does not stand for infinity.
  boolean exceedsHalf(String name) {
    var tensor = constants.apply(name);
    return tensor.isPresent()
        && tensor.get().dtype() == DataType.FLOAT32
        && tensor.get().encoding() instanceof Encoding.Dense(var stored, var data)
        && stored == DataType.FLOAT32
        && exceeding.computeIfAbsent(name, _ -> anyBeyond(data));
  }

  /// Whether a finite element does not fit float16. Looks at a piece at a time: a large weight
  /// stays where it is mapped.
  private static boolean anyBeyond(Storage data) {
    long count = data.size() / Float.BYTES;
    return LongStream.range(0, (count + PIECE - 1) / PIECE)
        .parallel()
        .anyMatch(piece -> {
          int[] bits = new int[(int) Math.min(PIECE, count - piece * PIECE)];
          MemorySegment.copy(
              data.bytes(), Storage.INT, piece * PIECE * Float.BYTES, bits, 0, bits.length);
          for (int one : bits) {
            int magnitude = one & Integer.MAX_VALUE;
            if (magnitude > BEYOND_HALF && magnitude < INFINITE) {
              return true;
            }
          }
          return false;
        });
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
      case Encoding.Palette palette -> tables.palette(name, tensor, palette, wanted, where);
      case Encoding.Vectors vectors -> tables.vectors(name, tensor, vectors, wanted, where);
      case Encoding.Scaled(var values, var scale) ->
          scaled(name, tensor, values, scale, wanted, where);
      case Encoding.Sparse sparse -> tables.sparse(name, tensor, sparse, wanted, where);
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

  boolean newest() {
    return body().target.atLeast(Target.IOS18);
  }

  void needs(Target least, String where, String what) {
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
  Mil.Var parameters(
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

  /// Values of any encoding times scales.
  private Mil.Var scaled(
      String name, Tensor tensor, Tensor values, Tensor scale, MilType wanted, String where) {
    needs(Target.IOS18, where, "compressed weights with scales of their own");
    Mil.Var decoded = tensor(name + "_unscaled", values, wanted, where);
    if (wanted == MilType.FLOAT16) {
      noteRounding(name, scale.floats());
    }
    return parameters(
        body().call("constexpr_blockwise_shift_scale", name),
        Map.of("data", decoded),
        List.of("scale"),
        List.of(Constants.floats(wanted, scale.dims(), scale.floats())),
        wanted,
        tensor.dims());
  }

  static MilType codeType(DataType codes, String where) {
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

  static boolean hasZeroPoint(Encoding.Affine affine) {
    for (long zero : affine.zeroPoint().longs()) {
      if (zero != 0) {
        return true;
      }
    }
    return false;
  }

  static Mil.Value zeroPoint(Encoding.Affine affine, MilType codes, List<Long> dims) {
    var encoding = (Encoding.Dense) affine.zeroPoint().encoding();
    return Mil.Value.of(codes, dims, encoding.data());
  }

  /// The scale in the type of the result. A scale of zero becomes one where the codes of its group
  /// all are the zero point, so that no reader divides by it; the reals are zeros before and after.
  Mil.Value scale(String name, Encoding.Affine affine, List<Long> dims, MilType wanted) {
    float[] scale = affine.scale().floats();
    boolean[] used = new boolean[scale.length];
    for (float s : scale) {
      if (s == 0) {
        if (affine.scale().elements() == 1 || affine.scale().rank() == dims.size()) {
          markUsed(affine, dims, used);
        } else {
          java.util.Arrays.fill(used, true);
        }
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
    var grid =
        affine.scale().elements() == 1
            ? dims.stream().map(_ -> 1L).toList()
            : affine.scale().dims();
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
      notes.accept(
          "'%s': %d of %d scales are too small for all digits of float16; the worst moves by %.2f %%"
              .formatted(name, coarse, scale.length, 100 * worst));
    }
  }
}
