package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.graph.Storage;
import dev.inward.protobuf.WireReader;
import dev.inward.protobuf.WireWriter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// The fields of a node, the attributes unread.
record NodeProto(
    String name,
    String domain,
    String operator,
    List<String> in,
    List<String> out,
    List<WireReader> attributes,
    Storage attributeBytes) {
  private static final Storage NOTHING = Storage.of(new byte[0]);

  static NodeProto of(WireReader fields) {
    String name = "";
    String domain = "";
    String operator = "";
    List<String> in = new ArrayList<>();
    List<String> out = new ArrayList<>();
    List<WireReader> attributes = new ArrayList<>();
    List<MemorySegment> raw = new ArrayList<>();
    while (fields.next()) {
      switch (fields.number()) {
        case 1 -> in.add(fields.string());
        case 2 -> out.add(fields.string());
        case 3 -> name = fields.string();
        case 4 -> operator = fields.string();
        case 5 -> {
          attributes.add(fields.message());
          raw.add(fields.field());
        }
        case 7 -> domain = fields.string();
        default -> {}
      }
    }
    if (domain.equals("ai.onnx")) {
      domain = "";
    }
    var proto =
        new NodeProto(
            name,
            domain,
            operator,
            List.copyOf(in),
            List.copyOf(out),
            List.copyOf(attributes),
            joined(raw));
    if (operator.isEmpty()) {
      throw InputException.at(proto.where(), "names no operator");
    }
    return proto;
  }

  private static Storage joined(List<MemorySegment> raw) {
    if (raw.isEmpty()) {
      return NOTHING;
    }
    if (raw.size() == 1) {
      return Storage.of(raw.getFirst());
    }
    var all = new WireWriter();
    raw.forEach(all::raw);
    return Storage.of(all.toArray());
  }

  /// The first result that is not left out, the empty string where there is none.
  String firstResult() {
    return out.stream().filter(o -> !o.isEmpty()).findFirst().orElse("");
  }

  /// The place in messages.
  String where() {
    return "node '" + (name.isEmpty() ? firstResult() : name) + "'";
  }
}
