package dev.inward.graph;

/// The extent of one axis.
public sealed interface Dim {
  /// An extent that is known, at least 0.
  record Known(long size) implements Dim {
    public Known {
      if (size < 0) {
        throw new IllegalArgumentException("an extent is at least 0, got " + size);
      }
    }

    @Override
    public String toString() {
      return Long.toString(size);
    }
  }

  /// An extent known by name only. Equal names are equal extents. A name may be an expression over
  /// other names (`2*seq`); it is not computed with, it disappears when the inputs are bound and
  /// the types are inferred anew.
  record Symbol(String name) implements Dim {
    public Symbol {
      if (name.isBlank()) {
        throw new IllegalArgumentException("a symbol has a name");
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Dim of(long size) {
    return new Known(size);
  }

  static Dim of(String name) {
    return new Symbol(name);
  }

  /// Whether this is the given known extent.
  default boolean is(long size) {
    return this instanceof Known(var mine) && mine == size;
  }
}
