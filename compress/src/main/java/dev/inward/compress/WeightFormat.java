package dev.inward.compress;

import java.util.Locale;

/// How the elements of a weight are to be stored.
public sealed interface WeightFormat {
  WeightFormat FLOAT16 = new Half();
  WeightFormat INT8_PER_TENSOR = new Affine(8, Granularity.TENSOR, false);
  WeightFormat INT8_PER_CHANNEL = new Affine(8, Granularity.CHANNEL, false);
  WeightFormat INT8_ASYMMETRIC = new Affine(8, Granularity.CHANNEL, true);

  /// Seven of the eight bits: pairs of products with eight-bit activations then stay within sixteen
  /// bits, which processors without VNNI add them in.
  WeightFormat INT7_PER_CHANNEL = new Affine(7, Granularity.CHANNEL, false);

  WeightFormat INT4_IN_BLOCKS_OF_32 = new Searched(4, 32);

  /// What shares one scale.
  enum Granularity {
    TENSOR,
    CHANNEL
  }

  /// As IEEE 754 half precision.
  record Half() implements WeightFormat {}

  /// As signed whole numbers with a scale that reaches the largest element.
  ///
  /// @param bits 4, 7 or 8; codes of seven bits are stored in eight
  /// @param asymmetric whether the range runs from the smallest to the largest element instead of
  ///   being symmetric about zero
  record Affine(int bits, Granularity granularity, boolean asymmetric) implements WeightFormat {
    public Affine {
      if (bits != 4 && bits != 7 && bits != 8) {
        throw new IllegalArgumentException("affine codes have 4, 7 or 8 bits, got " + bits);
      }
    }
  }

  /// As signed whole numbers, all of their range used, with the scale that a search finds to have
  /// the least squared error. Large elements may be clipped.
  ///
  /// @param bits 4 or 8
  /// @param block how many inputs of a channel share a scale, with all places of a kernel; 0 for
  ///   all of a channel. Where it does not divide the axis, the next smaller divisor of at least a
  ///   quarter of it is taken, and all of the channel where there is none.
  record Searched(int bits, int block) implements WeightFormat {
    public Searched {
      if (bits != 4 && bits != 8 || block < 0) {
        throw new IllegalArgumentException("no scales for %d bits, %d".formatted(bits, block));
      }
    }
  }

  /// As indices into tables whose entries are the means of clusters of the elements.
  ///
  /// @param bits 1, 2, 3, 4, 6 or 8
  /// @param group how many neighbouring channels share a table; 0 for one table in all. Where it
  ///   does not divide the channels, the next smaller divisor of at least a quarter of it is taken,
  ///   and one table in all where there is none.
  /// @param vector how many neighbouring channels make one entry of the table; 1 for numbers. Where
  ///   it does not divide the channels, numbers are taken.
  /// @param scaled whether channels are scaled to one size first
  /// @param int8Table whether tables are stored in int8
  record Palette(int bits, int group, int vector, boolean scaled, boolean int8Table)
      implements WeightFormat {
    public Palette {
      if (bits < 1 || bits > 8 || bits == 5 || bits == 7 || group < 0 || vector < 1) {
        throw new IllegalArgumentException(
            "no palette of %d bits, groups of %d, vectors of %d".formatted(bits, group, vector));
      }
    }

    /// One table of numbers.
    public static Palette of(int bits) {
      return new Palette(bits, 0, 1, false, false);
    }

    /// A table of numbers for each group of channels.
    public static Palette grouped(int bits, int group) {
      return new Palette(bits, group, 1, false, false);
    }
  }

  /// With the smallest elements made zeros, which take one bit each.
  ///
  /// @param values how the others are stored: [Half], [Affine], [Searched] or a [Palette] of
  ///   numbers without scales
  record Sparse(Zeros zeros, WeightFormat values) implements WeightFormat {
    public Sparse {
      boolean said =
          switch (values) {
            case Half _, Affine _, Searched _ -> true;
            case Palette palette -> palette.vector() == 1 && !palette.scaled();
            case Sparse _ -> false;
          };
      if (!said) {
        throw new IllegalArgumentException("no " + values.text() + " between zeros");
      }
    }
  }

  /// Which elements become zeros.
  sealed interface Zeros {
    /// The given share of them, from 0 to 1, the smallest first.
    record Share(double share) implements Zeros {
      public Share {
        if (!(share >= 0 && share <= 1)) {
          throw new IllegalArgumentException("a share is from 0 to 1, got " + share);
        }
      }
    }

    /// All below a magnitude.
    record Below(double magnitude) implements Zeros {}

    /// The `zeros` smallest of every `of` neighbours along the axis of inputs.
    record OfEach(int zeros, int of) implements Zeros {
      public OfEach {
        if (zeros < 1 || of <= zeros) {
          throw new IllegalArgumentException("no %d zeros of each %d".formatted(zeros, of));
        }
      }
    }

    /// Blocks of `size` neighbouring channels at the same place, those of the smallest sum of
    /// squares first, up to the given share of all elements.
    record Blocks(double share, int size) implements Zeros {
      public Blocks {
        if (!(share >= 0 && share <= 1) || size < 1) {
          throw new IllegalArgumentException("no blocks of %d, %s".formatted(size, share));
        }
      }
    }
  }

  /// `float16`, `int8 per channel`, `int8 per tensor, asymmetric`, `palette of 4 bits`.
  default String text() {
    return switch (this) {
      case Half() -> "float16";
      case Affine(var bits, var granularity, var asymmetric) ->
          "int%d per %s%s"
              .formatted(
                  bits,
                  granularity == Granularity.TENSOR ? "tensor" : "channel",
                  asymmetric ? ", asymmetric" : "");
      case Searched(var bits, var block) ->
          "int%d %s, scales of least error"
              .formatted(bits, block == 0 ? "per channel" : "in blocks of " + block);
      case Palette palette ->
          "palette of %d bits%s%s%s%s"
              .formatted(
                  palette.bits(),
                  palette.vector() > 1 ? ", vectors of " + palette.vector() : "",
                  palette.group() > 0 ? ", a table for " + palette.group() + " channels" : "",
                  palette.scaled() ? ", channels scaled" : "",
                  palette.int8Table() ? ", tables in int8" : "");
      case Sparse(var zeros, var values) -> {
        String which =
            switch (zeros) {
              case Zeros.Share(var share) -> percent(share) + " zeros";
              case Zeros.Below(var magnitude) -> "zeros below " + magnitude;
              case Zeros.OfEach(var some, var of) -> some + " zeros of each " + of;
              case Zeros.Blocks(var share, var size) ->
                  percent(share) + " zeros in blocks of " + size;
            };
        yield which + ", " + values.text();
      }
    };
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }
}
