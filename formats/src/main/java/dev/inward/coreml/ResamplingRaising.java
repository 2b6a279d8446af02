package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Variadic;
import dev.inward.graph.Movement;
import dev.inward.graph.Movement.GridSample;
import dev.inward.graph.Movement.Resize;
import dev.inward.graph.Op;
import dev.inward.graph.Product;
import dev.inward.graph.Tensor;
import java.util.List;
import java.util.Locale;

/// Reads the ops that take images at other places than their pixels.
final class ResamplingRaising {
  private ResamplingRaising() {}

  static boolean raise(Source source) {
    switch (source.type()) {
      case "resize_nearest_neighbor" -> {
        source.integer("target_size_height", 1);
        source.integer("target_size_width", 1);
        nearest(source);
      }
      case "upsample_nearest_neighbor" -> {
        source.number("scale_factor_height", 1);
        source.number("scale_factor_width", 1);
        nearest(source);
      }
      case "resize_bilinear" -> {
        source.integer("target_size_height", 1);
        source.integer("target_size_width", 1);
        linear(source, source.text("sampling_mode", "DEFAULT"));
      }
      case "upsample_bilinear" -> {
        source.number("scale_factor_height", 1);
        source.number("scale_factor_width", 1);
        boolean aligned = source.flag("align_corners", true);
        boolean halves = source.flag("half_pixel_centers", !aligned);
        if (aligned && halves) {
          throw source.refused("aligned corners and half pixels at once");
        }
        linear(source, aligned ? "STRICT_ALIGN_CORNERS" : halves ? "UNALIGN_CORNERS" : "DEFAULT");
      }
      case "resize" -> {
        source.var("shape");
        source.integer("resized_dims");
        String sampling = source.text("sampling_mode", "DEFAULT");
        if (source.text("interpolation_mode", "LINEAR").equals("LINEAR")) {
          linear(source, sampling);
        } else if (sampling.equals("DEFAULT")) {
          nearest(source);
        } else {
          throw source.refused(
              "nearest neighbours by '%s', whose rounding is not stated", sampling);
        }
      }
      case "resample" -> resample(source);
      case "affine" -> affine(source);
      case "crop_resize" -> CropResizeRaising.raise(source);
      default -> {
        return false;
      }
    }
    return true;
  }

  /// Element `floor(i * in / out)` of each axis.
  private static void nearest(Source source) {
    resize(source, Resize.Interpolation.NEAREST, Resize.Coordinates.ASYMMETRIC);
  }

  private static void linear(Source source, String sampling) {
    switch (sampling) {
      case "STRICT_ALIGN_CORNERS" ->
          resize(source, Resize.Interpolation.LINEAR, Resize.Coordinates.ALIGN_CORNERS);
      case "UNALIGN_CORNERS" ->
          resize(source, Resize.Interpolation.LINEAR, Resize.Coordinates.HALF_PIXEL);
      case "DEFAULT" -> resize(source, Resize.Interpolation.LINEAR, Resize.Coordinates.ASYMMETRIC);
      case "ALIGN_CORNERS", "OFFSET_CORNERS" -> byProducts(source, sampling);
      default -> throw source.refused("the sampling mode '%s'", sampling);
    }
  }

  private static void resize(
      Source source, Resize.Interpolation mode, Resize.Coordinates coordinates) {
    List<Long> in = source.var("x").dims();
    List<Long> sizes = source.result().dims();
    if (in.size() != sizes.size() || in.size() < 2) {
      throw InputException.at(source.where(), "resizes %s to %s", in, sizes);
    }
    var op =
        new Resize(
            mode,
            coordinates,
            Resize.NearestRounding.FLOOR,
            -0.75f,
            false,
            0,
            false,
            List.of(),
            Resize.AspectPolicy.STRETCH);
    if (Mil.isKnown(sizes)) {
      long[] extents = sizes.stream().mapToLong(Long::longValue).toArray();
      source.add(op, source.x("x"), "", "", source.vector("sizes", extents));
      return;
    }
    if (!source.has("scale_factor_height")) {
      throw source.refused("it makes one size of an extent that is known only when it runs");
    }
    float[] factors = new float[in.size()];
    java.util.Arrays.fill(factors, 1);
    factors[in.size() - 2] = source.number("scale_factor_height", 1);
    factors[in.size() - 1] = source.number("scale_factor_width", 1);
    String scales =
        source.constant(
            "factors", dev.inward.graph.Tensor.ofFloats(List.of((long) in.size()), factors));
    source.add(op, source.x("x"), "", scales);
  }

  /// Sampling that ONNX has no name for: a product with a matrix of weights for each axis.
  private static void byProducts(Source source, String sampling) {
    Mil.Var x = source.var("x");
    Mil.Var out = source.result();
    DataType type = source.real(x);
    if (x.rank() != out.rank() || x.rank() < 2 || !type.isFloat()) {
      throw InputException.at(source.where(), "resizes %s to %s", x.dims(), out.dims());
    }
    String rows = source.constant("rows", matrix(type, sampling, x.dim(-2), out.dim(-2), false));
    String columns =
        source.constant("columns", matrix(type, sampling, x.dim(-1), out.dim(-1), true));
    String high = source.step("high", new Product.MatMul(), List.of(rows, source.x("x")));
    source.add(new Product.MatMul(), high, columns);
  }

  private static Tensor matrix(
      DataType type, String sampling, long in, long out, boolean transposed) {
    double[] places = new double[Math.toIntExact(out)];
    double delta = Math.max(1, in - 1) / (double) out;
    for (int i = 0; i < places.length; i++) {
      double place =
          sampling.equals("OFFSET_CORNERS")
              ? (i + 0.5) * delta
              : out == 1 ? (in - 1) / 2.0 : i * (in - 1.0) / (out - 1);
      places[i] = Math.min(in - 1.0, place);
    }
    var map = AxisWeights.linear(places, Math.toIntExact(in));
    Tensor matrix = Source.reals(type, List.of(out, in), map.weights());
    return transposed ? matrix.transposed(List.of(1, 0)) : matrix;
  }

  private static Op op(Binary.Function function) {
    return ElementwiseRaising.op(function);
  }

  static String times(Source source, String hint, String x, String y) {
    return source.step(hint, op(Binary.Function.MUL), List.of(x, y));
  }

  static String plus(Source source, String hint, String x, String y) {
    return source.step(hint, op(Binary.Function.ADD), List.of(x, y));
  }

  static String least(Source source, String hint, String x, String y) {
    return source.step(hint, ElementwiseRaising.op(Variadic.Function.MIN), List.of(x, y));
  }

  private static void resample(Source source) {
    Mil.Var x = source.var("x");
    DataType type = source.real(x);
    if (x.rank() != 4) {
      throw InputException.at(source.where(), "x is %s", x.dims());
    }
    boolean aligned = source.flag("align_corners", true);
    String grid = source.x("coordinates", type);
    grid =
        switch (source.text("coordinates_mode").toLowerCase(Locale.ROOT)) {
          case "normalized_minus_one_to_one" -> grid;
          case "normalized_zero_to_one" ->
              plus(
                  source,
                  "centred",
                  times(source, "doubled", grid, source.scalar("two", type, 2)),
                  source.scalar("minus_one", type, -1));
          case "unnormalized" -> {
            // Pixels: back to -1..1 with the corners aligned.
            aligned = true;
            float[] scale = {2f / Math.max(1, x.dim(3) - 1), 2f / Math.max(1, x.dim(2) - 1)};
            String spans = source.constant("spans", Source.reals(type, List.of(2L), scale));
            yield plus(
                source,
                "centred",
                times(source, "scaled", grid, spans),
                source.scalar("minus_one", type, -1));
          }
          default -> throw source.refused("coordinates '%s'", source.text("coordinates_mode"));
        };
    var mode =
        switch (source.text("sampling_mode").toLowerCase(Locale.ROOT)) {
          case "bilinear" -> Resize.Interpolation.LINEAR;
          case "nearest" -> Resize.Interpolation.NEAREST;
          default -> throw source.refused("the sampling mode '%s'", source.text("sampling_mode"));
        };
    String word = source.text("padding_mode").toLowerCase(Locale.ROOT);
    double filled = source.number("padding_value", 0);
    var padding =
        switch (word) {
          case "constant" -> GridSample.Padding.ZEROS;
          case "border" -> GridSample.Padding.BORDER;
          case "reflection", "symmetric" -> {
            if (word.equals("reflection") != aligned) {
              throw source.refused(
                  "padding by '%s' with %s corners", word, aligned ? "aligned" : "open");
            }
            yield GridSample.Padding.REFLECTION;
          }
          default -> throw source.refused("the padding '%s'", word);
        };
    var op = new GridSample(mode, padding, aligned);
    if (padding == GridSample.Padding.ZEROS && filled != 0) {
      String less =
          plus(source, "less", source.x("x"), source.scalar("minus_filled", type, -filled));
      String sampled = source.step("sampled", op, List.of(less, grid));
      source.add(op(Binary.Function.ADD), sampled, source.scalar("filled", type, filled));
    } else {
      source.add(op, source.x("x"), grid);
    }
  }

  /// The places of the result, times the matrix, are places of x; all between -1 and 1.
  private static void affine(Source source) {
    Mil.Var x = source.var("x");
    Mil.Var matrix = source.var("transform_matrix");
    DataType type = source.real(x);
    long height = source.integer("output_height");
    long width = source.integer("output_width");
    boolean plain =
        source.text("sampling_mode").equalsIgnoreCase("bilinear")
            && source.text("padding_mode").equalsIgnoreCase("constant")
            && source.number("padding_value", 0) == 0
            && source.text("coordinates_mode").equalsIgnoreCase("normalized_minus_one_to_one")
            && source.flag("align_corners", true);
    if (!plain || x.rank() != 4 || matrix.rank() != 2 || matrix.dim(1) != 6) {
      throw source.refused("another form than linear, zero beyond the edges, corners aligned");
    }
    int places = Math.toIntExact(Math.multiplyExact(height, width));
    float[] base = new float[3 * places];
    for (int i = 0; i < places; i++) {
      base[3 * i] = (float) (2.0 * (i % width) / Math.max(1, width - 1) - 1);
      base[3 * i + 1] = (float) (2.0 * (i / width) / Math.max(1, height - 1) - 1);
      base[3 * i + 2] = 1;
    }
    List<Long> matrixDims = List.of(matrix.dim(0), 2L, 3L);
    String rows = source.reshaped("rows", source.x("transform_matrix", type), matrixDims);
    String columns =
        source.step("columns", new Movement.Transpose(List.of(0L, 2L, 1L)), List.of(rows));
    String grid =
        source.step(
            "grid",
            new Product.MatMul(),
            List.of(
                source.constant("base", Source.reals(type, List.of((long) places, 3L), base)),
                columns));
    if (matrix.dim(0) != x.dim(0)) {
      String shape = source.vector("batches", x.dim(0), places, 2);
      grid = source.step("spread", new Movement.Expand(), List.of(grid, shape));
    }
    grid = source.reshaped("places", grid, List.of(x.dim(0), height, width, 2L));
    source.add(
        new GridSample(Resize.Interpolation.LINEAR, GridSample.Padding.ZEROS, true),
        source.x("x"),
        grid);
  }
}
