package dev.inward.graph;

import static dev.inward.graph.Elementwise.Binary.Function.POW;
import static dev.inward.graph.Elementwise.Binary.Function.PRELU;

import java.util.Optional;
import java.util.stream.IntStream;

/// Types of ops that work element by element.
final class ElementwiseTyping {
  private ElementwiseTyping() {}

  static Inferred of(Elementwise op, Site site) {
    return switch (op) {
      case Elementwise.Unary(var function) ->
          new Inferred(
              function == Elementwise.Unary.Function.IS_NAN
                  ? Optional.of(DataType.BOOL)
                  : site.dtype(0),
              site.shape(0));
      case Elementwise.Binary(var function) -> binary(function, site);
      case Elementwise.Variadic _ -> {
        int[] all = IntStream.range(0, site.operands()).toArray();
        site.sameType(all);
        yield new Inferred(site.dtype(0), Broadcast.of(site, all));
      }
      case Elementwise.Where _ -> {
        site.sameType(1, 2);
        site.dtype(0)
            .filter(t -> t != DataType.BOOL)
            .ifPresent(t -> {
              throw site.fault("the condition is bool, got %s", t.text());
            });
        yield new Inferred(site.dtype(1).or(() -> site.dtype(2)), Broadcast.of(site, 0, 1, 2));
      }
      case Elementwise.Clip _ -> {
        site.sameType(0, 1, 2);
        for (int bound = 1; bound <= 2; bound++) {
          var count = site.shape(bound).elements();
          if (count.isPresent() && count.getAsLong() != 1) {
            throw site.fault("a bound is a scalar, got %s", site.shape(bound));
          }
        }
        yield same(site);
      }
      case Elementwise.Cast(var to) -> new Inferred(Optional.of(to), site.shape(0));
      case Elementwise.LeakyRelu _,
          Elementwise.Elu _,
          Elementwise.Selu _,
          Elementwise.Celu _,
          Elementwise.ThresholdedRelu _,
          Elementwise.HardSigmoid _,
          Elementwise.Shrink _,
          Elementwise.Swish _,
          Elementwise.Gelu _ ->
          same(site);
    };
  }

  static Inferred same(Site site) {
    return new Inferred(site.dtype(0), site.shape(0));
  }

  private static Inferred binary(Elementwise.Binary.Function function, Site site) {
    if (function != POW) {
      site.sameType(0, 1);
    }
    if (function == PRELU) {
      Broadcast.into(site, site.shape(1), site.shape(0), "the slope");
      return same(site);
    }
    var shape = Broadcast.of(site, 0, 1);
    return new Inferred(
        function.compares() ? Optional.of(DataType.BOOL) : dtype(function, site), shape);
  }

  private static Optional<DataType> dtype(Elementwise.Binary.Function function, Site site) {
    return function == POW ? site.dtype(0) : site.dtype(0).or(() -> site.dtype(1));
  }
}
