package dev.inward.coreml;

import dev.inward.graph.Elementwise.Binary;
import java.util.List;
import java.util.stream.LongStream;

/// Writes ops on bits, which Core ML does not have, in arithmetic on int32: bit k of x is `x / 2^k
/// mod 2`, rounded down; the bit of the sign is whether x is below 0.
final class BitLowering {
  private static final int BITS = 31;

  private BitLowering() {}

  /// `-1 - x`.
  static void not(Site site) {
    Mil.Var x = whole(site, 0);
    finish(site, site.apply("sub", "not", site.whole("minus", -1), x));
  }

  static void binary(Site site, Binary.Function function) {
    Mil.Var x = whole(site, 0);
    Mil.Var y = whole(site, 1);
    switch (function) {
      case SHIFT_LEFT -> finish(site, site.apply("mul", "shifted", x, power(site, y)));
      case SHIFT_RIGHT -> finish(site, site.apply("floor_div", "shifted", x, power(site, y)));
      case BITWISE_AND, BITWISE_OR, BITWISE_XOR -> combined(site, function, x, y);
      default -> throw new IllegalArgumentException(function.name());
    }
  }

  private static Mil.Var whole(Site site, int operand) {
    return site.cast(site.x(operand), MilType.INT32, "whole");
  }

  private static Mil.Var power(Site site, Mil.Var exponent) {
    return site.apply("pow", "power", site.whole("two", 2), exponent);
  }

  private static void combined(Site site, Binary.Function function, Mil.Var x, Mil.Var y) {
    if (Math.max(x.rank(), y.rank()) > 4) {
      throw site.refused("bits of a value with 5 axes are an axis too many")
          .hint("reshape to fewer axes before");
    }
    Mil.Var bits = bits(site, function, split(site, x), split(site, y));
    List<Long> dims = Site.broadcast(x.dims(), y.dims());
    Mil.Var weighted = site.apply("mul", "weighted", bits, powers(site));
    Mil.Var low =
        site.step("reduce_sum", "low")
            .in("x", weighted)
            .ints("axes", dims.size())
            .flag("keep_dims", false)
            .gives(MilType.INT32, dims);
    Mil.Var sign = bits(site, function, sign(site, x), sign(site, y));
    Mil.Var high = site.apply("mul", "high", sign, site.whole("lowest", Integer.MIN_VALUE));
    finish(site, site.apply("add", "combined", low, high));
  }

  private static Mil.Var bits(Site site, Binary.Function function, Mil.Var x, Mil.Var y) {
    return switch (function) {
      case BITWISE_AND -> site.apply("mul", "both", x, y);
      case BITWISE_OR -> site.apply("maximum", "either", x, y);
      default -> site.apply("mod", "one", site.apply("add", "count", x, y), site.whole("two", 2));
    };
  }

  private static Mil.Var powers(Site site) {
    long[] powers = LongStream.range(0, BITS).map(k -> 1L << k).toArray();
    return site.body.constant(
        site.node.name() + "_powers",
        Mil.Value.of(MilType.INT32, List.of((long) BITS), Constants.whole(MilType.INT32, powers)));
  }

  /// All bits but the sign, on an axis of their own at the end.
  private static Mil.Var split(Site site, Mil.Var x) {
    List<Long> dims = new java.util.ArrayList<>(x.dims());
    dims.add(1L);
    Mil.Var column =
        site.step("expand_dims", "column").in("x", x).ints("axes", -1).gives(x.type(), dims);
    Mil.Var shifted = site.apply("floor_div", "shifted", column, powers(site));
    return site.apply("mod", "bits", shifted, site.whole("two", 2));
  }

  private static Mil.Var sign(Site site, Mil.Var x) {
    Mil.Var below = site.compare("less", "below", x, site.whole("zero", 0));
    return site.cast(below, MilType.INT32, "sign");
  }

  private static void finish(Site site, Mil.Var value) {
    site.alias(value);
  }
}
