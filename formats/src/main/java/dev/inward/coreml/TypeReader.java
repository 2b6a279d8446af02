package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.protobuf.WireReader;
import java.util.ArrayList;
import java.util.List;

/// A type as written; `other` names one that is no tensor.
record TypeReader(MilType element, List<Long> dims, String other) {
  static TypeReader read(WireReader in) {
    while (in.next()) {
      switch (in.number()) {
        case 1 -> {
          return tensor(in.message());
        }
        case 2 -> {
          return new TypeReader(MilType.STRING, List.of(), "a list");
        }
        case 3 -> {
          return new TypeReader(MilType.STRING, List.of(), "a tuple");
        }
        case 4 -> {
          return new TypeReader(MilType.STRING, List.of(), "a dictionary");
        }
        case 5 -> {
          return new TypeReader(MilType.STRING, List.of(), "a state");
        }
        default -> {}
      }
    }
    throw InputException.of("a type is empty");
  }

  private static TypeReader tensor(WireReader in) {
    long code = 0;
    long rank = 0;
    List<Long> dims = new ArrayList<>();
    while (in.next()) {
      switch (in.number()) {
        case 1 -> code = in.varint();
        case 2 -> rank = in.varint();
        case 3 -> dims.add(dimension(in.message(), dims.size()));
        default -> {}
      }
    }
    if (rank != dims.size()) {
      throw InputException.of("a type says rank %d and has %d extents", rank, dims.size());
    }
    long number = code;
    MilType element =
        MilType.ofCode(code)
            .orElseThrow(
                () -> UnsupportedException.of("the element type of code %d is not known", number));
    try {
      element.bytes(Mil.elements(dims.stream().map(d -> Mil.isUnknown(d) ? 1 : d).toList()));
    } catch (ArithmeticException e) {
      throw InputException.of("the extents %s overflow", dims);
    }
    return new TypeReader(element, dims, "");
  }

  /// An extent; one that is not known is told from others by its axis only.
  private static long dimension(WireReader in, int axis) {
    while (in.next()) {
      if (in.number() == 2) {
        for (var unknown = in.message(); unknown.next(); ) {
          if (unknown.number() == 1 && unknown.bool()) {
            throw UnsupportedException.of("a type has any number of axes");
          }
        }
        return Mil.unknown(axis);
      }
      if (in.number() == 1) {
        long size = 0;
        for (var constant = in.message(); constant.next(); ) {
          if (constant.number() == 1) {
            size = constant.varint();
          }
        }
        if (size < 0) {
          throw InputException.of(
              "an extent is %s, which is out of range", Long.toUnsignedString(size));
        }
        return size;
      }
    }
    throw InputException.of("an extent is empty");
  }
}
