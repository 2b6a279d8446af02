package dev.inward.graph;

import dev.inward.base.UnsupportedException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/// Multiply-accumulates and other operations of a node, by the conventions of [Counting].
final class Arithmetic {
  private Arithmetic() {}

  /// What a node computes.
  record Effort(long macs, long operations) {}

  static Effort of(Sizes sizes) {
    return switch (sizes.node().op()) {
      case Elementwise op -> operations(elementwise(op, sizes));
      case Product op -> product(op, sizes);
      case Windowed op -> windowed(op, sizes);
      case Normalization op ->
          operations(Sizes.product(steps(op, sizes), sizes.operandElements(0)));
      case Reduction op -> operations(reduction(op, sizes));
      case Movement op -> operations(movement(op, sizes));
      case Quantization op -> quantization(op, sizes);
      case Recurrent cell -> recurrent(cell, sizes);
      case Opaque(var domain, var operator, _, _) ->
          throw UnsupportedException.at(
                  "node '" + sizes.node().name() + "'",
                  "[%s] cannot be counted: this version carries the op %s without knowing it",
                  operator,
                  domain.isEmpty() ? operator : domain + "." + operator)
              .hint("leave the node out of the sum, or export the model with standard ops");
    };
  }

  private static Effort operations(long count) {
    return new Effort(0, count);
  }

  private static long elementwise(Elementwise op, Sizes sizes) {
    boolean copies = op.equals(new Elementwise.Unary(Elementwise.Unary.Function.IDENTITY));
    if (op instanceof Elementwise.Variadic) {
      int pairs = Math.max(1, sizes.node().in().size() - 1);
      return Sizes.product(pairs, sizes.resultElements());
    }
    return copies ? 0 : sizes.resultElements();
  }

  /// Steps an element of `x` takes: each sum, product, comparison or function over it.
  private static long steps(Normalization op, Sizes sizes) {
    var node = sizes.node();
    return switch (op) {
      // With scale and shift worked out for each channel.
      case Normalization.BatchNorm _ -> 2;
      // Sum, difference, square, sum, quotient; then scale and bias.
      case Normalization.LayerNorm _ -> 5 + (node.has(1) ? 1 : 0) + (node.has(2) ? 1 : 0);
      case Normalization.InstanceNorm _, Normalization.GroupNorm _ -> 7;
      case Normalization.MeanVarianceNorm _ -> 5;
      // Square, sum, quotient; then scale.
      case Normalization.RmsNorm _ -> 3 + (node.has(1) ? 1 : 0);
      case Normalization.LpNorm _ -> 3;
      // Square, a sum over the window, multiply and add, power, quotient.
      case Normalization.LocalResponseNorm(var size, _, _, _) -> Math.addExact(size, 5);
      // Largest, difference, exponential, sum, quotient (or difference again).
      case Normalization.Softmax _, Normalization.LogSoftmax _ -> 5;
      case Normalization.Hardmax _ -> 1;
    };
  }

  private static long reduction(Reduction op, Sizes sizes) {
    long elements = sizes.operandElements(0);
    return switch (op) {
      case Reduction.Reduce(var function, _, _) ->
          switch (function) {
            case SUM, MEAN, MAX, MIN, PROD, LOG_SUM -> elements;
            // An absolute value or a square before each sum.
            case L1, L2, SUM_SQUARE -> Sizes.product(2, elements);
            // Largest, difference, exponential, sum.
            case LOG_SUM_EXP -> Sizes.product(4, elements);
          };
      case Reduction.ArgReduce _, Reduction.TopK _, Reduction.CumSum _ -> elements;
    };
  }

  private static long movement(Movement op, Sizes sizes) {
    return switch (op) {
      case Movement.ScatterElements(_, var combine) ->
          combine == Movement.Combine.REPLACE ? 0 : sizes.operandElements(2);
      case Movement.ScatterNd(var combine) ->
          combine == Movement.Combine.REPLACE ? 0 : sizes.operandElements(2);
      case Movement.Resize resize -> {
        long[] from = sizes.operand(0);
        long[] to = sizes.result();
        long axes = IntStream.range(0, to.length).filter(i -> from[i] != to[i]).count();
        yield interpolated(resize.mode(), axes, sizes);
      }
      case Movement.GridSample(var mode, _, _) ->
          interpolated(mode, sizes.operand(0).length - 2, sizes);
      case Movement.Range _ -> sizes.resultElements();
      case Movement.ShapeOf _,
          Movement.Size _,
          Movement.Reshape _,
          Movement.Flatten _,
          Movement.Squeeze _,
          Movement.Unsqueeze _,
          Movement.Transpose _,
          Movement.Concat _,
          Movement.Split _,
          Movement.Slice _,
          Movement.Gather _,
          Movement.GatherElements _,
          Movement.GatherNd _,
          Movement.Expand _,
          Movement.Tile _,
          Movement.Pad _,
          Movement.DepthToSpace _,
          Movement.SpaceToDepth _,
          Movement.ConstantOfShape _,
          Movement.OneHot _,
          Movement.NonZero _,
          Movement.Trilu _,
          Movement.ReverseSequence _ ->
          0;
    };
  }

  /// One operation for each element that takes part in a result: 2 an axis where linear, 4 where
  /// cubic; picking the nearest is none.
  private static long interpolated(Movement.Resize.Interpolation mode, long axes, Sizes sizes) {
    long each =
        switch (mode) {
          case NEAREST -> 0;
          case LINEAR -> Math.powExact(2L, (int) axes);
          case CUBIC -> Math.powExact(4L, (int) axes);
        };
    return axes == 0 ? 0 : Sizes.product(each, sizes.resultElements());
  }

  private static Effort product(Product op, Sizes sizes) {
    var node = sizes.node();
    long results = sizes.resultElements();
    return switch (op) {
      case Product.MatMul _ -> new Effort(Sizes.product(results, last(sizes, 0)), 0);
      case Product.Linear _ -> new Effort(Sizes.product(results, last(sizes, 0)), results);
      case Product.Gemm gemm -> {
        long k = sizes.operand(0)[gemm.transA() ? 0 : 1];
        boolean adds = node.has(2) && gemm.beta() != 0;
        long steps =
            (gemm.alpha() == 1 ? 0 : 1) + (adds ? 1 : 0) + (adds && gemm.beta() != 1 ? 1 : 0);
        yield new Effort(Sizes.product(results, k), Sizes.product(results, steps));
      }
      case Product.Einsum(var equation) -> einsum(equation, sizes);
      case Product.Attention _ -> attention(sizes, results);
    };
  }

  private static long last(Sizes sizes, int operand) {
    long[] shape = sizes.operand(operand);
    return shape[shape.length - 1];
  }

  /// Every combination of the letters, times the products in each; with one operand a sum of it.
  private static Effort einsum(String equation, Sizes sizes) {
    var read = EinsumTyping.read(equation, new Site(sizes.node(), sizes.graph().typing()));
    Map<Character, Long> letters = new HashMap<>();
    Shape shared = Shape.SCALAR;
    for (int i = 0; i < read.terms().size(); i++) {
      var term = read.terms().get(i);
      var shape = Shape.of(sizes.operand(i));
      int hidden = shape.rank() - term.letters().length();
      for (int j = 0; j < term.letters().length(); j++) {
        boolean after = term.ellipsis() >= 0 && j >= term.ellipsis();
        long size = shape.sizes()[after ? j + hidden : j];
        letters.merge(term.letters().charAt(j), size, (a, b) -> a == 1 ? b : a);
      }
      if (term.ellipsis() >= 0) {
        var middle = shape.dims().subList(term.ellipsis(), term.ellipsis() + hidden);
        shared = Broadcast.shapes(shared, Shape.of(middle)).orElseThrow();
      }
    }
    long all = Sizes.product(shared.sizes());
    for (long size : letters.values()) {
      all = Math.multiplyExact(all, size);
    }
    int operands = read.terms().size();
    return operands == 1 ? operations(all) : new Effort(Sizes.product(all, operands - 1), 0);
  }

  /// Scores and weighted sums are multiply-accumulates; the scale, the mask and five steps of
  /// softmax are operations on the scores. A causal mask saves nothing here.
  private static Effort attention(Sizes sizes, long results) {
    long[] key = sizes.operand(1);
    long length = key[key.length - 2];
    long width = last(sizes, 2);
    long scores = width == 0 ? 0 : Sizes.product(results / width, length);
    long macs = Math.addExact(Sizes.product(scores, last(sizes, 0)), Sizes.product(scores, width));
    return new Effort(macs, Sizes.product(scores, sizes.node().has(3) ? 7 : 6));
  }

  private static Effort windowed(Windowed op, Sizes sizes) {
    return switch (op) {
      case Windowed.Conv _ -> convolution(sizes, 1, sizes.node().has(2) ? 1 : 0);
      case Windowed.ConvTranspose _ -> {
        // Every element of x meets every weight of its channel.
        long[] weight = sizes.operand(1);
        long each = Sizes.product(weight) / Math.max(1, weight[0]);
        yield new Effort(
            Sizes.product(sizes.operandElements(0), each),
            sizes.node().has(2) ? sizes.resultElements() : 0);
      }
      case Windowed.Pool pool -> {
        long window = 1;
        for (long extent : pool.window().kernel()) {
          window = Math.multiplyExact(window, extent);
        }
        long each = pool.kind() == Windowed.PoolKind.LP ? 2 : 1;
        yield operations(Sizes.product(each, window, sizes.resultElements()));
      }
      case Windowed.GlobalPool(var kind, _) ->
          operations(Sizes.product(kind == Windowed.PoolKind.LP ? 2 : 1, sizes.operandElements(0)));
    };
  }

  /// Every result meets every weight of its filter.
  private static Effort convolution(Sizes sizes, int weights, long steps) {
    long[] weight = sizes.operand(weights);
    long filter = Sizes.product(weight) / Math.max(1, weight[0]);
    long results = sizes.resultElements();
    return new Effort(Sizes.product(results, filter), Sizes.product(results, steps));
  }

  private static Effort quantization(Quantization op, Sizes sizes) {
    long results = sizes.resultElements();
    return switch (op) {
      case Quantization.Quantize _, Quantization.Dequantize _ -> operations(results);
      // Smallest, largest, code.
      case Quantization.DynamicQuantize _ -> operations(Sizes.product(3, results));
      case Quantization.MatMulInteger _ -> new Effort(Sizes.product(results, last(sizes, 0)), 0);
      case Quantization.ConvInteger _ -> convolution(sizes, 1, 0);
      // The sum is brought to a code; a bias is added before.
      case Quantization.QLinearConv _ -> convolution(sizes, 3, sizes.node().has(8) ? 2 : 1);
      case Quantization.QLinearMatMul _ ->
          new Effort(Sizes.product(results, last(sizes, 0)), results);
    };
  }

  /// Per step, direction and sequence: the products with W and R; then for each gate and hidden
  /// unit the sum of the two, a bias where there is one, and the activation; then the update of the
  /// state. All sequences count at full length.
  private static Effort recurrent(Recurrent cell, Sizes sizes) {
    var node = sizes.node();
    long[] x = sizes.operand(0);
    long runs = Sizes.product(x[0], x[1], cell.direction().count());
    long gates = cell.kind().gates();
    long units = Math.multiplyExact(runs, cell.hidden());
    long macs = Sizes.product(units, gates, Math.addExact(x[2], cell.hidden()));
    long update =
        switch (cell.kind()) {
          // c = f*c + i*g, h = o * tanh(c): three, two; peepholes two each for three gates.
          case LSTM -> 5 + (node.has(7) ? 6 : 0);
          // r*h, then (1 - z)*n + z*h.
          case GRU -> 5;
          case RNN -> 0;
        };
    long each = Math.addExact(gates * (2 + (node.has(3) ? 1 : 0)), update);
    return new Effort(macs, Sizes.product(units, each));
  }
}
