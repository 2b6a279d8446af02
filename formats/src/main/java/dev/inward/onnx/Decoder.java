package dev.inward.onnx;

import dev.inward.graph.Node;
import java.util.List;

/// Brings a node of one operator in one of its forms to ours.
@FunctionalInterface
interface Decoder {
  /// The nodes that stand for it: none where its result became a constant, [Form#opaque] where this
  /// form does not map.
  List<Node> decode(Form form);
}
