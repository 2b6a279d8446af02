package dev.inward.coreml;

import java.util.List;
import java.util.stream.LongStream;

/// Writes attention: as one op where the target has it and it says the same, else written out.
///
/// The op scales by `1/sqrt(e)`; another scale is multiplied into the query first.
final class AttentionLowering {
  private AttentionLowering() {}

  static void lower(Site site, double scale, boolean causal) {
    Mil.Var query = site.x(0);
    Mil.Var key = site.x(1);
    Mil.Var value = site.x(2);
    double usual = 1 / Math.sqrt(query.dim(-1));
    boolean alike =
        batch(query).equals(batch(key)) && batch(query).equals(batch(value)) && query.rank() >= 3;
    if (site.target().atLeast(Target.IOS18) && alike) {
      boolean plain = Math.abs(scale / usual - 1) < 1e-6;
      Mil.Var asked =
          plain ? query : site.apply("mul", "query", query, site.scalar("factor", scale / usual));
      var call =
          site.op("scaled_dot_product_attention")
              .in("query", asked)
              .in("key", key)
              .in("value", value);
      if (site.has(3) || causal) {
        call.in("attn_mask", mask(site, query.dim(-2), key.dim(-2), causal));
      }
      site.done(call);
      return;
    }
    Mil.Var asked = site.apply("mul", "query", query, site.scalar("scale", scale));
    List<Long> dims = new java.util.ArrayList<>(Site.broadcast(batch(query), batch(key)));
    dims.add(query.dim(-2));
    dims.add(key.dim(-2));
    Mil.Var scores =
        ProductLowering.matmul(site.step("matmul", "scores"), asked, key, false, true)
            .gives(site.real, dims);
    if (site.has(3)) {
      scores = masked(site, scores, site.x(3), "masked");
    }
    if (causal) {
      scores = masked(site, scores, triangle(site, query.dim(-2), key.dim(-2)), "causal");
    }
    Mil.Var weights =
        site.step("softmax", "weights")
            .in("x", scores)
            .integer("axis", -1)
            .gives(scores.type(), scores.dims());
    site.done(ProductLowering.matmul(site.op("matmul"), weights, value, false, false));
  }

  /// The mask that is given, and no key later than its query where the op is causal.
  private static Mil.Var mask(Site site, long queries, long keys, boolean causal) {
    if (!causal) {
      return site.x(3);
    }
    Mil.Var triangle = triangle(site, queries, keys);
    if (!site.has(3)) {
      return triangle;
    }
    Mil.Var given = site.x(3);
    return given.type() == MilType.BOOL
        ? site.compare("logical_and", "causal", given, triangle)
        : site.select(
            "causal",
            triangle,
            site.spread("spread", given, Site.broadcast(given.dims(), triangle.dims())),
            site.scalar("lowest", lowest(site)));
  }

  private static double lowest(Site site) {
    return site.real == MilType.FLOAT16 ? -Constants.LARGEST_HALF : -3e38;
  }

  private static List<Long> batch(Mil.Var value) {
    return value.dims().subList(0, Math.max(0, value.rank() - 2));
  }

  /// A mask of reals is added; one of booleans keeps where true and puts the lowest real elsewhere,
  /// so that a row without any true is no NaN.
  private static Mil.Var masked(Site site, Mil.Var scores, Mil.Var mask, String hint) {
    if (mask.type() != MilType.BOOL) {
      return site.apply("add", hint, scores, mask);
    }
    return site.select(hint, mask, scores, site.scalar(hint + "_lowest", lowest(site)));
  }

  /// True where the key is not later than the query.
  private static Mil.Var triangle(Site site, long queries, long keys) {
    long[] mask =
        LongStream.range(0, queries * keys).map(i -> i % keys <= i / keys ? 1 : 0).toArray();
    return site.body.constant(
        site.node.name() + "_triangle",
        Mil.Value.of(MilType.BOOL, List.of(queries, keys), Constants.whole(MilType.BOOL, mask)));
  }
}
