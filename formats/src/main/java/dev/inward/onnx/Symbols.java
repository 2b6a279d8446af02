package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Shape;
import dev.inward.graph.TensorType;
import dev.inward.protobuf.WireReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Types as the file states them, with extents that are not numbers named.
///
/// An extent without a name gets that of the value and axis, `x.0`. A name that stands twice in the
/// shape of one input is not believed (exporters write `[batch, batch]` for a sentence model): from
/// the second place on it becomes `batch.1`, the same for all inputs; in the other values it then
/// says nothing.
final class Symbols {
  private final Set<String> doubted = new HashSet<>();
  private final Set<String> stated = new HashSet<>();

  /// Notes the names that a `ValueInfoProto` of an input uses; to be called for all of them first.
  void note(WireReader type) {
    dims(type).ifPresent(dims -> dims.forEach(d -> stated.add(d.symbol())));
  }

  private record Extent(long size, String symbol) {}

  /// The type of a value from its `TypeProto`, empty where it is no tensor of a type that a graph
  /// can hold.
  Optional<TensorType> type(String value, WireReader type, boolean input) {
    long elements = 0;
    for (var fields = type.again(); fields.next(); ) {
      if (fields.number() == 1) {
        for (var tensor = fields.message(); tensor.next(); ) {
          if (tensor.number() == 1) {
            elements = tensor.varint();
          }
        }
      }
    }
    Optional<DataType> dtype = OnnxTypes.of(elements);
    if (dtype.isEmpty()) {
      return Optional.empty();
    }
    var shape = dims(type).map(dims -> shape(value, dims, input)).orElse(Shape.UNRANKED);
    return Optional.of(new TensorType(dtype.get(), shape));
  }

  private Shape shape(String value, List<Extent> extents, boolean input) {
    List<Dim> dims = new ArrayList<>();
    Set<String> here = new HashSet<>();
    for (int axis = 0; axis < extents.size(); axis++) {
      var extent = extents.get(axis);
      String symbol = extent.symbol();
      if (symbol.isEmpty() && extent.size() >= 0) {
        dims.add(Dim.of(extent.size()));
      } else if (symbol.isEmpty() && extent.size() < -1) {
        throw InputException.at(
            "value '" + value + "'", "axis %d has the extent %d", axis, extent.size());
      } else if (symbol.isEmpty()) {
        dims.add(Dim.of(unused(value + "." + axis)));
      } else if (input && !here.add(symbol)) {
        doubted.add(symbol);
        dims.add(Dim.of(unused(symbol + "." + axis)));
      } else if (!input && (doubted.contains(symbol) || !here.add(symbol))) {
        dims.add(Dim.of(unused(value + "." + axis)));
      } else {
        dims.add(Dim.of(symbol));
      }
    }
    return Shape.of(dims);
  }

  private String unused(String wanted) {
    return stated.contains(wanted) ? unused(wanted + "'") : wanted;
  }

  private static Optional<List<Extent>> dims(WireReader type) {
    Optional<List<Extent>> found = Optional.empty();
    for (var fields = type.again(); fields.next(); ) {
      if (fields.number() == 1) {
        for (var tensor = fields.message(); tensor.next(); ) {
          if (tensor.number() == 2) {
            found = Optional.of(extents(tensor.message()));
          }
        }
      }
    }
    return found;
  }

  private static List<Extent> extents(WireReader shape) {
    List<Extent> extents = new ArrayList<>();
    while (shape.next()) {
      if (shape.number() == 1) {
        long size = -1;
        String symbol = "";
        for (var dim = shape.message(); dim.next(); ) {
          switch (dim.number()) {
            case 1 -> size = dim.varint();
            case 2 -> symbol = named(dim.string());
            default -> {}
          }
        }
        extents.add(new Extent(size, symbol));
      }
    }
    return extents;
  }

  /// Some exporters write a placeholder where they know no name.
  private static String named(String symbol) {
    String text = symbol.strip();
    return text.equals("?") || text.equals("-1") || text.equals("None") ? "" : text;
  }
}
