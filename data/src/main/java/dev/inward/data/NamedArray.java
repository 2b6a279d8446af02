package dev.inward.data;

import java.util.List;

/// An array that a model takes or gives, under the name of that input or output.
///
/// Shapes: `values.length` is the product of `dims`; the last axis runs fastest.
public sealed interface NamedArray {
  String name();

  List<Integer> dims();

  record Floats(String name, List<Integer> dims, float[] values) implements NamedArray {
    public Floats {
      dims = checked(name, dims, values.length);
    }
  }

  record Longs(String name, List<Integer> dims, long[] values) implements NamedArray {
    public Longs {
      dims = checked(name, dims, values.length);
    }
  }

  private static List<Integer> checked(String name, List<Integer> dims, int length) {
    long elements = 1;
    for (int dim : dims) {
      elements = Math.multiplyExact(elements, dim);
    }
    if (elements != length) {
      throw new IllegalArgumentException(
          "array '%s' has dims %s, so %d values, got %d".formatted(name, dims, elements, length));
    }
    return List.copyOf(dims);
  }
}
