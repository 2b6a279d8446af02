package dev.inward.compress;

import dev.inward.base.Progress;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Product;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Nodes that compute in float whatever a recipe does to the products around them, and where it was
/// published what becomes of a model otherwise.
public enum FloatRule {
  /// Eight bits of a probability near 0 or of a large score are none.
  SOFTMAX(
      "softmax",
      "Lin et al., IJCAI 2022, table 1: ViT-B falls from 84.5 to 23.6 % with softmax and layer norm"
          + " in int8"),
  /// The scale of a token hangs on its few largest channels.
  NORMALISATION("norm", "Lin et al., IJCAI 2022, table 1, as for softmax"),
  /// What the branches add has another range than what goes past them.
  RESIDUAL_SUM(
      "residual sum",
      "Bondarenko et al., EMNLP 2021, section 3: BERT-base falls from 83.1 to 71.0 on GLUE, most of it"
          + " by the sums of the feed-forward branch"),
  /// An error in a gate is an error in every place of its channel.
  GATE(
      "gate",
      "onnxruntime issue 11415: MobileNetV3-Large falls from about 74 to 69 % per tensor and 54 % per"
          + " channel; EfficientNet-Lite has no gates for that reason");

  private final String title;
  private final String source;

  FloatRule(String title, String source) {
    this.title = title;
    this.source = source;
  }

  /// What the nodes are, in words: `residual sum`.
  public String title() {
    return title;
  }

  /// Where it was published.
  public String source() {
    return source;
  }

  /// The names of the nodes that each rule keeps in float; a rule without any is left out.
  public static Map<FloatRule, List<String>> of(Graph graph) {
    Map<FloatRule, List<String>> found = new EnumMap<>(FloatRule.class);
    for (Node node : graph.nodes()) {
      for (FloatRule rule : values()) {
        if (rule.covers(graph, node)) {
          found.computeIfAbsent(rule, _ -> new ArrayList<>()).add(node.name());
        }
      }
    }
    return found;
  }

  /// Whether the rule is about a node.
  public boolean covers(Graph graph, Node node) {
    return switch (this) {
      case SOFTMAX ->
          node.op() instanceof Normalization.Softmax
              || node.op() instanceof Normalization.LogSoftmax
              || node.op() instanceof Product.Attention;
      case NORMALISATION ->
          node.op() instanceof Normalization.LayerNorm
              || node.op() instanceof Normalization.RmsNorm
              || node.op() instanceof Normalization.GroupNorm
              || node.op() instanceof Normalization.InstanceNorm;
      case RESIDUAL_SUM ->
          isBinary(node, Function.ADD)
              && !node.operand(0).equals(node.operand(1))
              && isComputed(graph, node.operand(0))
              && isComputed(graph, node.operand(1));
      case GATE ->
          isBinary(node, Function.MUL)
              && (isGate(graph, node.operand(0), node.operand(1))
                  || isGate(graph, node.operand(1), node.operand(0)))
              && isComputed(graph, node.operand(0))
              && isComputed(graph, node.operand(1));
    };
  }

  /// The graph with a rule broken, to see what it is good for: every float that enters one of its
  /// nodes is rounded to eight bits over the range that the samples show.
  public Graph broken(Graph graph, List<Map<String, Tensor>> samples) {
    Set<String> values = new LinkedHashSet<>();
    List<Node> covered = graph.nodes().stream().filter(n -> covers(graph, n)).toList();
    covered.forEach(n -> n.reads().filter(v -> isComputed(graph, v)).forEach(values::add));
    if (values.isEmpty()) {
      return graph;
    }
    Map<String, Histogram> seen =
        Calibration.histograms(graph, List.copyOf(values), samples, Progress.SILENT);
    var builder = graph.toBuilder();
    Map<String, String> rounded = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!covered.contains(node)) {
        nodes.add(node);
        continue;
      }
      List<String> operands = new ArrayList<>();
      for (String operand : node.in()) {
        if (!values.contains(operand)) {
          operands.add(operand);
          continue;
        }
        if (!rounded.containsKey(operand)) {
          var range = Objects.requireNonNull(seen.get(operand)).minMax();
          nodes.addAll(Compression.pair(builder, operand, range, operand + ".eight"));
          rounded.put(operand, operand + ".eight");
        }
        operands.add(Objects.requireNonNull(rounded.get(operand)));
      }
      nodes.add(new Node(node.name(), node.op(), operands, node.out()));
    }
    return builder.nodes(_ -> nodes).build();
  }

  /// `6 softmax, 12 residual sums`, empty where no rule finds anything.
  public static String text(Graph graph) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    of(graph)
        .forEach((rule, nodes) ->
            counts.put(
                rule.title + (nodes.size() == 1 || rule == SOFTMAX ? "" : "s"), nodes.size()));
    List<String> parts = new ArrayList<>();
    counts.forEach((title, count) -> parts.add(count + " " + title));
    return String.join(", ", parts);
  }

  private static boolean isBinary(Node node, Function function) {
    return node.op() instanceof Elementwise.Binary(var found) && found == function;
  }

  private static boolean isComputed(Graph graph, String value) {
    return graph.constant(value).isEmpty()
        && graph.type(value).map(t -> t.dtype() == DataType.FLOAT32).orElse(false)
        && graph.producer(value).isPresent();
  }

  /// Whether a value is a sigmoid of something else than what it is multiplied with: of that it
  /// would be a swish.
  private static boolean isGate(Graph graph, String value, String gated) {
    return graph
        .producer(value)
        .filter(n ->
            n.op() instanceof Elementwise.HardSigmoid
                || n.op() instanceof Unary(var function) && function == Unary.Function.SIGMOID)
        .filter(n -> !n.operand(0).equals(gated))
        .isPresent();
  }
}
