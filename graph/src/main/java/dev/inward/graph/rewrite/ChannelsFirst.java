package dev.inward.graph.rewrite;

import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Movement.Transpose;
import dev.inward.graph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Rewrites a transformer, or any chain of linear layers, for the Neural Engine: values of `[batch,
/// positions, channels]` are kept as `[batch, channels, 1, positions]`, those of `[batch,
/// channels]` as `[batch, channels, 1, 1]`.
///
/// ```text
/// linear(x, w, b)                  ->  conv 1x1 (x, w', b)
/// layerNorm(x)                     ->  the same over the channel axis, written out
/// softmax(q k' s + m) v, by heads  ->  for each head: softmax over the channel axis, between two
///                                      products of the form [b c h w] x [b w h u]; concat
/// f(x), x + y, ...                 ->  the same
/// ```
///
/// The nodes that change form a region: linear layers and attention, and what lies between them and
/// costs no conversion of its own. Only values that enter or leave the region are transposed; in it
/// the key of each attention is. Nodes outside stay as they are. Weights keep their encodings:
/// codes are moved. Source: Apple, ml-ane-transformers (principles 1 to 4).
public final class ChannelsFirst {
  private ChannelsFirst() {}

  /// The rewritten graph, and how much of what was changed.
  ///
  /// @param linear layers that became convolutions of 1x1
  /// @param attention blocks that run head by head
  /// @param normalisations that are written out along the channel axis
  /// @param transposesBefore transpositions of the graph as it was
  /// @param left linear layers and products with a constant matrix that stay as they are
  public record Result(
      Graph graph,
      int linear,
      int attention,
      int normalisations,
      int transposesBefore,
      int transposesAfter,
      List<String> left) {
    public Result {
      left = List.copyOf(left);
    }

    /// What was changed and why, in words, for the person who asked for it.
    public List<String> notes() {
      if (linear == 0) {
        return List.of(
            "nothing to rewrite for the Neural Engine: no linear layer has values of 2 or 3 axes"
                + " and fixed shapes");
      }
      List<String> notes = new ArrayList<>();
      notes.add(
          "for the Neural Engine: %d linear layers became convolutions of 1x1 on [batch, channels,"
                  .formatted(linear)
              + " 1, positions], the layout that the engine computes in");
      if (attention > 0) {
        notes.add(
            "for the Neural Engine: %d attention blocks run head by head with softmax along the"
                    .formatted(attention)
                + " channel axis, so that no value has to be taken apart and moved");
      }
      if (normalisations > 0) {
        notes.add(
            "for the Neural Engine: %d layer normalisations are written out along the channel axis,"
                    .formatted(normalisations)
                + " where the package's op would need its own layout");
      }
      notes.add(
          "for the Neural Engine: %d transpositions became %d: where values enter and leave that"
                  .formatted(transposesBefore, transposesAfter)
              + " layout%s".formatted(attention > 0 ? ", and of the key of each attention" : ""));
      if (!left.isEmpty()) {
        notes.add(
            "for the Neural Engine: %d linear layers stay as they are, such as '%s': their values have"
                    .formatted(left.size(), left.getFirst())
                + " neither 2 nor 3 axes of fixed extents, or their weights cannot be moved");
      }
      return notes;
    }
  }

  /// Rewrites a simplified graph. Inputs, outputs and their types stay.
  public static Result of(Graph graph) {
    var folding = new ConstantFolding();
    List<Rewrite> fusions = List.of(new FuseAttention(), new MergeTransposes());
    Graph fused = folding.apply(new Rewriting(fusions).run(graph).graph());
    var region = new Region(fused);
    int linear = (int) region.inside.stream().filter(region.forms::isLinear).count();
    List<String> left =
        fused.nodes().stream()
            .filter(node -> ChannelForm.isProduct(fused, node) && !region.inside.contains(node))
            .map(Node::name)
            .toList();
    if (linear == 0) {
      int transposes = transposes(graph);
      return new Result(graph, 0, 0, 0, transposes, transposes, left);
    }
    Graph moved = region.rewritten();
    Graph merged = new Rewriting(List.of(new MergeTransposes())).run(moved).graph();
    Graph result = folding.apply(merged);
    return new Result(
        result,
        linear,
        (int) region.inside.stream().filter(region.blocks::containsKey).count(),
        (int) region.inside.stream().filter(ChannelForm::isNormalisation).count(),
        transposes(graph),
        transposes(result),
        left);
  }

  private static int transposes(Graph graph) {
    return (int) graph.nodes().stream().filter(n -> n.op() instanceof Transpose).count();
  }

  /// The nodes that change.
  private static final class Region {
    final Graph graph;
    final ChannelForm forms;
    final Map<Node, AttentionBlock> blocks = new LinkedHashMap<>();
    final Set<Node> inside = new LinkedHashSet<>();

    /// Nodes of attention blocks other than their last.
    private final Set<Node> absorbed = new HashSet<>();

    private final Map<String, Node> madeInside = new HashMap<>();
    private final Set<String> converted = new HashSet<>();

    Region(Graph graph) {
      this.graph = graph;
      this.forms = new ChannelForm(graph);
      for (Node node : graph.nodes()) {
        if (forms.isLinear(node)) {
          add(node);
        }
        AttentionBlock.endingIn(graph, node).ifPresent(block -> blocks.put(node, block));
      }
      if (!inside.isEmpty()) {
        blocks
            .values()
            .forEach(block -> {
              add(block.root());
              absorbed.addAll(block.inner());
            });
        grow();
      }
    }

    private void add(Node node) {
      inside.add(node);
      node.out().forEach(out -> madeInside.put(out, node));
      reads(node).forEach(converted::add);
    }

    /// The values of the layout that a node of the region reads.
    private List<String> reads(Node node) {
      AttentionBlock block = blocks.get(node);
      return block != null ? block.sources() : forms.operands(node);
    }

    /// Takes in what lies between, until nothing more joins.
    private void grow() {
      for (int before = -1; before != inside.size(); ) {
        before = inside.size();
        for (Node node : graph.nodes()) {
          if (!inside.contains(node) && !absorbed.contains(node) && joins(node)) {
            add(node);
          }
        }
      }
    }

    private boolean joins(Node node) {
      if (!forms.isFlexible(node)) {
        return false;
      }
      List<String> operands = forms.operands(node);
      boolean after =
          operands.stream().anyMatch(madeInside::containsKey)
              && operands.stream()
                  .allMatch(value -> madeInside.containsKey(value) || converted.contains(value));
      boolean before =
          operands.stream().distinct().count() == 1
              && !graph.outputs().contains(node.result())
              && !graph.readers(node.result()).isEmpty()
              && graph.readers(node.result()).stream().allMatch(this::isInside);
      return after || before;
    }

    /// Whether a node reads values of the layout: it is of the region, or one that takes heads
    /// apart before attention.
    private boolean isInside(Node reader) {
      return inside.contains(reader)
          || reader.op() instanceof Movement.Reshape && absorbed.contains(reader);
    }

    Graph rewritten() {
      var builder = graph.toBuilder();
      var made = new ChannelNodes(graph, forms);
      List<Node> nodes = new ArrayList<>();
      for (Node node : graph.nodes()) {
        if (absorbed.contains(node)) {
          continue;
        }
        if (!inside.contains(node)) {
          nodes.add(node);
          continue;
        }
        Optional<AttentionBlock> block = Optional.ofNullable(blocks.get(node));
        if (block.isPresent()) {
          made.attention(block.get());
        } else {
          made.node(node);
        }
      }
      nodes.addAll(made.all(madeInside.keySet(), nodes));
      made.constants().forEach(builder::constant);
      return DeadNodes.removed(builder.nodes(_ -> nodes).build());
    }
  }
}
