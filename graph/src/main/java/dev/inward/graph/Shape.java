package dev.inward.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/// The extents of a value, outermost first; or nothing known, not even the rank.
///
/// @param dims empty for a scalar, and where the rank is not known
public record Shape(boolean ranked, List<Dim> dims) {
  /// Not even the rank is known.
  public static final Shape UNRANKED = new Shape(false, List.of());

  public static final Shape SCALAR = new Shape(true, List.of());

  public Shape {
    dims = List.copyOf(dims);
    if (!ranked && !dims.isEmpty()) {
      throw new IllegalArgumentException("a shape without rank has no dims, got " + dims);
    }
  }

  public static Shape of(List<? extends Dim> dims) {
    return new Shape(true, List.copyOf(dims));
  }

  public static Shape of(long... sizes) {
    return new Shape(true, Arrays.stream(sizes).mapToObj(Dim::of).toList());
  }

  /// The shape of a constant.
  public static Shape ofKnown(List<Long> sizes) {
    return new Shape(true, sizes.stream().map(Dim::of).toList());
  }

  /// The number of axes.
  ///
  /// @throws IllegalStateException where it is not known; ask [#ranked] first
  public int rank() {
    if (!ranked) {
      throw new IllegalStateException("the rank is not known");
    }
    return dims.size();
  }

  /// The extent of an axis; negative axes count from the end.
  public Dim dim(int axis) {
    return dims.get(axis < 0 ? axis + rank() : axis);
  }

  /// Whether every extent is a number.
  public boolean isStatic() {
    return ranked && dims.stream().allMatch(Dim.Known.class::isInstance);
  }

  /// The extents as numbers.
  ///
  /// @throws IllegalStateException where one is not known
  public long[] sizes() {
    if (!isStatic()) {
      throw new IllegalStateException("not a static shape: " + this);
    }
    return dims.stream().mapToLong(d -> ((Dim.Known) d).size()).toArray();
  }

  /// The number of elements, empty where an extent is not known.
  ///
  /// @throws ArithmeticException where it does not fit a `long`
  public OptionalLong elements() {
    if (!isStatic()) {
      return OptionalLong.empty();
    }
    long count = 1;
    for (long size : sizes()) {
      count = Math.multiplyExact(count, size);
    }
    return OptionalLong.of(count);
  }

  /// The same shape with the named extents replaced by numbers.
  public Shape bind(Map<String, Long> sizes) {
    if (!ranked) {
      return this;
    }
    return of(
        dims.stream()
            .map(d ->
                d instanceof Dim.Symbol(var name) && sizes.containsKey(name)
                    ? Dim.of(sizes.get(name))
                    : d)
            .toList());
  }

  /// `[1x128x384]`, `[batch x 384]` with names, `[]` for a scalar, `[?]` without rank.
  @Override
  public String toString() {
    if (!ranked) {
      return "[?]";
    }
    boolean plain = dims.stream().allMatch(Dim.Known.class::isInstance);
    return dims.stream()
        .map(Dim::toString)
        .collect(Collectors.joining(plain ? "x" : " x ", "[", "]"));
  }
}
