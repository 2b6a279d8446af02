package dev.inward.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// The elements of small whole-number values that shapes are computed from, as far as they follow
/// from the types: the nodes between a `Shape` and the `Reshape` that reads it.
final class Contents {
  private static final int MOST = 64;

  private Contents() {}

  /// The elements of a constant, empty where it is too large or has several axes.
  static Optional<List<Optional<Expression>>> of(Tensor constant) {
    boolean dense = constant.encoding() instanceof Encoding.Dense;
    if (!dense || constant.rank() > 1 || constant.elements() > MOST) {
      return Optional.empty();
    }
    List<Optional<Expression>> elements = new ArrayList<>();
    if (constant.dtype().isInteger() || constant.dtype() == DataType.BOOL) {
      for (long element : constant.longs()) {
        elements.add(Optional.of(Expression.of(element)));
      }
    } else if (constant.dtype().isFloat()) {
      for (float element : constant.floats()) {
        boolean whole = element == Math.rint(element) && Math.abs(element) < 1 << 24;
        elements.add(whole ? Optional.of(Expression.of((long) element)) : Optional.empty());
      }
    } else {
      return Optional.empty();
    }
    return Optional.of(elements);
  }

  /// The elements of a result, empty where nothing is known of them.
  static Optional<List<Optional<Expression>>> of(Site site, int result) {
    var type = site.known().type(site.node().out().get(result));
    if (type.isEmpty() || !type.get().shape().isStatic() || type.get().shape().rank() > 1) {
      return Optional.empty();
    }
    long count = type.get().shape().elements().orElseThrow();
    if (count > MOST || type.get().dtype() == DataType.STRING) {
      return Optional.empty();
    }
    var dtype = type.get().dtype();
    return of(site, result, (int) count)
        .filter(found -> found.size() == count && found.stream().anyMatch(Optional::isPresent))
        .map(found -> found.stream().map(e -> e.filter(x -> holds(dtype, x))).toList());
  }

  private static Optional<List<Optional<Expression>>> of(Site site, int result, int count) {
    return switch (site.op()) {
      case Elementwise op -> ElementwiseContents.of(op, site, count);
      case Movement op -> moved(op, site, result, count);
      case Reduction.Reduce(var function, _, _) ->
          count == 1
              ? site.contents(0).map(all -> List.of(reduced(function, all)))
              : Optional.empty();
      case Reduction.ArgReduce _,
          Reduction.TopK _,
          Reduction.CumSum _,
          Product _,
          Windowed _,
          Normalization _,
          Quantization _,
          Recurrent _,
          Opaque _ ->
          Optional.empty();
    };
  }

  /// Whether a number is held exactly by a type; what has symbols is taken to be.
  private static boolean holds(DataType dtype, Expression element) {
    if (element.constant().isEmpty()) {
      return true;
    }
    long number = element.constant().getAsLong();
    int bits =
        switch (dtype) {
          case FLOAT32 -> 25;
          case FLOAT16 -> 12;
          case BFLOAT16 -> 9;
          case FLOAT64 -> 54;
          case BOOL -> 2;
          case STRING -> 0;
          case INT4, INT8, INT16, INT32, INT64, UINT4, UINT8, UINT16, UINT32, UINT64 ->
              dtype.bits() + (dtype.isSigned() ? 0 : 1);
        };
    boolean inside = bits >= 64 || number >> (bits - 1) == 0 || number >> (bits - 1) == -1;
    return inside && (number >= 0 || dtype.isSigned());
  }

  private static Optional<Expression> reduced(
      Reduction.Reduce.Function function, List<Optional<Expression>> elements) {
    Optional<Expression> result = Optional.empty();
    for (int i = 0; i < elements.size(); i++) {
      var next = elements.get(i);
      result =
          i == 0
              ? next
              : both(
                  result,
                  next,
                  (a, b) ->
                      switch (function) {
                        case SUM -> Optional.of(a.plus(b));
                        case PROD -> Optional.of(a.times(b));
                        case MAX -> Optional.of(Expression.max(a, b));
                        case MIN -> Optional.of(Expression.min(a, b));
                        case MEAN, L1, L2, LOG_SUM, LOG_SUM_EXP, SUM_SQUARE -> Optional.empty();
                      });
    }
    return switch (function) {
      case SUM, PROD, MAX, MIN -> result;
      case MEAN, L1, L2, LOG_SUM, LOG_SUM_EXP, SUM_SQUARE -> Optional.empty();
    };
  }

  /// A rule for two elements.
  interface Rule {
    Optional<Expression> of(Expression a, Expression b);
  }

  /// The rule applied where both are known and nothing overflows.
  static Optional<Expression> both(Optional<Expression> a, Optional<Expression> b, Rule rule) {
    if (a.isEmpty() || b.isEmpty()) {
      return Optional.empty();
    }
    try {
      return rule.of(a.get(), b.get());
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Optional<List<Optional<Expression>>> moved(
      Movement op, Site site, int result, int count) {
    return switch (op) {
      case Movement.ShapeOf(var start, _) -> extents(site, start, count);
      case Movement.Size _ ->
          site.ranked(0) ? size(site.shape(0)).map(s -> List.of(Optional.of(s))) : Optional.empty();
      case Movement.Reshape _,
          Movement.Flatten _,
          Movement.Squeeze _,
          Movement.Unsqueeze _,
          Movement.Transpose _ ->
          site.contents(0);
      case Movement.Concat _ -> concatenated(site);
      case Movement.Split _ -> part(site, result, count);
      case Movement.Slice _ -> sliced(site, count);
      case Movement.Gather _ -> gathered(site);
      case Movement.Expand _ ->
          site.contents(0)
              .map(all -> all.size() == 1 ? Collections.nCopies(count, all.getFirst()) : all);
      case Movement.Tile _ ->
          site.contents(0)
              .filter(all -> !all.isEmpty())
              .map(all -> {
                List<Optional<Expression>> tiled = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                  tiled.add(all.get(i % all.size()));
                }
                return tiled;
              });
      case Movement.ConstantOfShape(var value) ->
          of(value).filter(v -> v.size() == 1).map(v -> Collections.nCopies(count, v.getFirst()));
      case Movement.Range _ -> range(site, count);
      case Movement.GatherElements _,
          Movement.GatherNd _,
          Movement.ScatterElements _,
          Movement.ScatterNd _,
          Movement.Pad _,
          Movement.Resize _,
          Movement.DepthToSpace _,
          Movement.SpaceToDepth _,
          Movement.OneHot _,
          Movement.NonZero _,
          Movement.Trilu _,
          Movement.ReverseSequence _,
          Movement.GridSample _ ->
          Optional.empty();
    };
  }

  private static Optional<List<Optional<Expression>>> extents(Site site, long start, int count) {
    if (!site.ranked(0)) {
      return Optional.empty();
    }
    var dims = site.shape(0).dims();
    int from = MovementTyping.clamp(start, dims.size());
    return Optional.of(
        dims.subList(from, from + count).stream().map(d -> Optional.of(Expression.of(d))).toList());
  }

  private static Optional<Expression> size(Shape shape) {
    try {
      return Optional.of(Reshaping.product(shape.dims()));
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Optional<List<Optional<Expression>>> concatenated(Site site) {
    List<Optional<Expression>> all = new ArrayList<>();
    for (int i = 0; i < site.operands(); i++) {
      var length = site.shape(i).elements();
      if (length.isEmpty() || length.getAsLong() > MOST) {
        return Optional.empty();
      }
      all.addAll(
          site.contents(i).orElse(Collections.nCopies((int) length.getAsLong(), Optional.empty())));
    }
    return Optional.of(all);
  }

  private static Optional<List<Optional<Expression>>> part(Site site, int result, int count) {
    long from = 0;
    for (String before : site.node().out().subList(0, result)) {
      var shape = site.known().type(before).map(TensorType::shape).orElse(Shape.UNRANKED);
      from += shape.elements().orElse(MOST);
    }
    long start = from;
    return site.contents(0)
        .filter(all -> start + count <= all.size())
        .map(all -> all.subList((int) start, (int) start + count));
  }

  private static Optional<List<Optional<Expression>>> sliced(Site site, int count) {
    var all = site.contents(0);
    var start = Slicing.element(site, 1, 0).flatMap(Contents::number);
    var step =
        site.has(4) ? Slicing.element(site, 4, 0).flatMap(Contents::number) : Optional.of(1L);
    if (all.isEmpty() || start.isEmpty() || step.isEmpty()) {
      return Optional.empty();
    }
    int size = all.get().size();
    long from = start.get() < 0 ? start.get() + size : start.get();
    from = Math.clamp(from, 0, step.get() > 0 ? size : Math.max(0, size - 1));
    List<Optional<Expression>> picked = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long at = count == 1 ? from : from + i * step.get();
      if (at < 0 || at >= size) {
        return Optional.empty();
      }
      picked.add(all.get().get((int) at));
    }
    return Optional.of(picked);
  }

  private static Optional<Long> number(Expression element) {
    return element.constant().isPresent()
        ? Optional.of(element.constant().getAsLong())
        : Optional.empty();
  }

  private static Optional<List<Optional<Expression>>> gathered(Site site) {
    var all = site.contents(0);
    var indices = site.contents(1);
    if (all.isEmpty() || indices.isEmpty()) {
      return Optional.empty();
    }
    List<Optional<Expression>> picked = new ArrayList<>();
    int size = all.get().size();
    for (var index : indices.get()) {
      var at = index.flatMap(Contents::number).map(i -> i < 0 ? i + size : i);
      picked.add(
          at.filter(i -> i >= 0 && i < size).flatMap(i -> all.get().get(Math.toIntExact(i))));
    }
    return Optional.of(picked);
  }

  private static Optional<List<Optional<Expression>>> range(Site site, int count) {
    var start = Slicing.element(site, 0, 0);
    var step = Slicing.element(site, 2, 0);
    List<Optional<Expression>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int times = i;
      all.add(both(start, step, (from, by) -> Optional.of(from.plus(by.times(times)))));
    }
    return Optional.of(all);
  }
}
