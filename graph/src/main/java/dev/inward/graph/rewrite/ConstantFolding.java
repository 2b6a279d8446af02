package dev.inward.graph.rewrite;

import dev.inward.graph.Graph;
import java.util.List;

/// Takes away what can be computed before the model runs, until nothing changes any more:
///
/// - nodes on constants, and nodes of shape subgraphs whose contents follow from the types, become
///   constants;
/// - nodes that hand their operand on unchanged disappear;
/// - equal nodes, and equal small constants, become one;
/// - nodes and constants that no output needs disappear.
///
/// Inputs and outputs keep their names and order, and every result stays the same to the bit (of
/// the reference evaluator, which computes the constants). Encoded weights stay encoded.
public final class ConstantFolding implements Pass {
  private static final List<Pass> STEPS =
      List.of(new FoldConstants(), new DropPassThrough(), new MergeEqual(), new DeadNodes());

  @Override
  public Graph apply(Graph graph) {
    // Every step that changes something takes a node or a constant away, so this ends.
    for (Graph current = graph; ; ) {
      Graph before = current;
      for (Pass step : STEPS) {
        current = step.apply(current);
      }
      if (current == before) {
        return current;
      }
    }
  }
}
