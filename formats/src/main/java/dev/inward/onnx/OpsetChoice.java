package dev.inward.onnx;

import static java.util.Map.entry;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Opaque;
import dev.inward.protobuf.WireReader;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The opset of ONNX's own operators by which a graph is written: the lowest from [#USUAL] on that
/// can express it. Operators that are carried unread mean what they mean in the opset of their
/// file: they go along to a newer one up to the one where their meaning changed.
final class OpsetChoice {
  static final int USUAL = 17;

  /// Opsets from 8 on in which a node written for an older one would mean something else or
  /// nothing. Where an operator is not listed, newer versions only allow more.
  private static final Map<String, List<Integer>> CHANGES =
      Map.ofEntries(
          entry("BatchNormalization", List.of(9, 14)),
          entry("Clip", List.of(11)),
          entry("Dropout", List.of(12)),
          entry("GridSample", List.of(20)),
          entry("GroupNormalization", List.of(21)),
          entry("Hardmax", List.of(13)),
          entry("LogSoftmax", List.of(13)),
          entry("Pad", List.of(11)),
          entry("ReduceL1", List.of(18)),
          entry("ReduceL2", List.of(18)),
          entry("ReduceLogSum", List.of(18)),
          entry("ReduceLogSumExp", List.of(18)),
          entry("ReduceMax", List.of(18)),
          entry("ReduceMean", List.of(18)),
          entry("ReduceMin", List.of(18)),
          entry("ReduceProd", List.of(18)),
          entry("ReduceSum", List.of(13)),
          entry("ReduceSumSquare", List.of(18)),
          entry("Resize", List.of(11, 13)),
          entry("RoiAlign", List.of(16)),
          entry("Scan", List.of(9)),
          entry("Scatter", List.of(11)),
          entry("Slice", List.of(10)),
          entry("Softmax", List.of(13)),
          entry("Split", List.of(13, 18)),
          entry("Squeeze", List.of(13)),
          entry("TopK", List.of(10)),
          entry("Unsqueeze", List.of(13)),
          entry("Upsample", List.of(9, 10)));

  private OpsetChoice() {}

  /// @throws UnsupportedException where no opset can hold both a carried operator and another
  static int of(Graph graph) {
    int lowest = OpsetNeed.OLDEST;
    String because = "the forms that are written";
    for (var constant : graph.constants().entrySet()) {
      int need = OpsetNeed.of(constant.getValue());
      if (need > lowest) {
        lowest = need;
        because = "constant '" + constant.getKey() + "'";
      }
    }
    for (Node node : graph.nodes()) {
      int need = OpsetNeed.of(graph, node);
      if (need > lowest) {
        lowest = need;
        because = "node '" + node.name() + "' (" + node.op().name() + ")";
      }
    }
    Set<String> carried = carried(graph);
    if (carried.isEmpty()) {
      return Math.max(USUAL, lowest);
    }
    int own = graph.opsets().getOrDefault("", USUAL);
    int highest = ModelReader.NEWEST;
    String changed = "";
    for (String operator : carried) {
      for (int change : CHANGES.getOrDefault(operator, List.of())) {
        if (change > own && change <= highest) {
          highest = change - 1;
          changed = operator;
        }
      }
    }
    if (lowest > highest) {
      throw UnsupportedException.of(
              "cannot be written: %s needs opset %d of ONNX, and %s, carried unread from opset %d,"
                  + " changed in %d",
              because, lowest, changed, own, highest + 1)
          .hint("convert the original model to opset %d first", lowest);
    }
    return Math.max(own, Math.min(Math.max(USUAL, lowest), highest));
  }

  /// ONNX's own operators that are carried unread, at the top or in bodies.
  private static Set<String> carried(Graph graph) {
    Set<String> carried = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Opaque(var domain, var operator, var attributes, _)) {
        if (domain.isEmpty()) {
          carried.add(operator);
        }
        List<WireReader> protos = new ArrayList<>();
        for (var fields = WireReader.of(attributes.bytes()); fields.next(); ) {
          protos.add(fields.message());
        }
        carried.addAll(Bodies.of(protos).operators);
      }
    }
    return carried;
  }
}
