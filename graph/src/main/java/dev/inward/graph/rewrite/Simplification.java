package dev.inward.graph.rewrite;

import dev.inward.graph.Graph;
import java.util.List;

/// The rewrites that every model gets when it is read: nothing that a device or a format decides.
public final class Simplification {
  /// Patterns that become one node.
  public static final List<Rewrite> FUSIONS =
      List.of(
          new FoldIntoConv(),
          new FuseGelu(),
          new FuseHardSwish(),
          new FuseLayerNorm(),
          new FuseLinear(),
          new MergeTransposes());

  private Simplification() {}

  /// The same model with constants folded and patterns fused, and the steps of the fusions.
  public static Rewriting.Result of(Graph graph) {
    var folding = new ConstantFolding();
    var fused = new Rewriting(FUSIONS).run(folding.apply(graph));
    return new Rewriting.Result(folding.apply(fused.graph()), fused.steps());
  }
}
