package dev.inward.graph;

import java.util.List;

/// How the elements of a [Tensor] are stored. A compression is an encoding of a tensor; encodings
/// nest, since tables and scales are tensors themselves.
///
/// Codes of fewer than eight bits are packed into a little-endian bit stream, the first element in
/// the lowest bits (as in Core ML's blob file; ONNX packs 4-bit elements in the same way).
public sealed interface Encoding {
  /// Every element as it is. `stored` may be narrower than the type of the tensor: a float32 tensor
  /// stored as float16 is widened where it is read.
  ///
  /// @param data elements in row-major order, little-endian; booleans one byte each
  record Dense(DataType stored, Storage data) implements Encoding {
    @Override
    public long bytes() {
      return data.size();
    }
  }

  /// `real = scale * (code - zeroPoint)`.
  ///
  /// Shapes: `scale` and `zeroPoint` have the rank of the tensor, each extent divides the tensor's;
  /// the quotient is the block that shares one scale. All extents 1: per tensor. `[C, 1, 1, 1]`:
  /// per channel on axis 0. A symmetric encoding has zero points of 0. Source: Jacob et al., CVPR
  /// 2018, eq. 1.
  ///
  /// @param codes the type of the codes: INT8, UINT8, INT4, UINT4, INT16, UINT16 or INT32
  /// @param zeroPoint of type `codes`, with the shape of `scale`
  record Affine(DataType codes, Storage data, Tensor scale, Tensor zeroPoint) implements Encoding {
    public Affine {
      if (!codes.isInteger()) {
        throw new IllegalArgumentException("codes are whole numbers, got " + codes.text());
      }
      if (!scale.dims().equals(zeroPoint.dims())) {
        throw new IllegalArgumentException(
            "scale %s and zero point %s differ in shape".formatted(scale.dims(), zeroPoint.dims()));
      }
    }

    @Override
    public long bytes() {
      return data.size() + scale.storedBytes() + zeroPoint.storedBytes();
    }
  }

  /// Each element is an index into a table of reals.
  ///
  /// Shapes: `table` has the rank of the tensor plus one: the number of groups along each axis,
  /// then `2^bits` entries. All group counts 1: one table for the whole tensor.
  ///
  /// @param bits 1, 2, 3, 4, 6 or 8
  record Palette(int bits, Storage indices, Tensor table) implements Encoding {
    public Palette {
      if (!List.of(1, 2, 3, 4, 6, 8).contains(bits)) {
        throw new IllegalArgumentException("a palette has 1, 2, 3, 4, 6 or 8 bits, got " + bits);
      }
    }

    @Override
    public long bytes() {
      return indices.size() + table.storedBytes();
    }
  }

  /// Vectors of `width` neighbours along an axis, each an index into a table of vectors.
  ///
  /// Shapes: `indices` has the extents of the tensor, that of `axis` divided by the width; `table`
  /// has as many axes and two more: the number of groups along each axis of the indices, then
  /// `2^bits` entries, then the elements of a vector.
  ///
  /// @param bits 1, 2, 3, 4, 6 or 8
  record Vectors(int bits, Storage indices, Tensor table, int axis) implements Encoding {
    public Vectors {
      if (!List.of(1, 2, 3, 4, 6, 8).contains(bits)) {
        throw new IllegalArgumentException("a palette has 1, 2, 3, 4, 6 or 8 bits, got " + bits);
      }
      if (axis < 0 || axis >= table.rank() - 2 || width(table) < 1) {
        throw new IllegalArgumentException(
            "vectors along axis %d do not go with a table of %s".formatted(axis, table.dims()));
      }
    }

    private static long width(Tensor table) {
      return table.dims().getLast();
    }

    /// Elements of one vector.
    public int width() {
      return Math.toIntExact(width(table));
    }

    /// The extents of the indices for a tensor of `dims`.
    ///
    /// @throws IllegalArgumentException where the vectors do not divide the axis
    public List<Long> indexDims(List<Long> dims) {
      if (dims.size() != table.rank() - 2 || dims.get(axis) % width() != 0) {
        throw new IllegalArgumentException(
            "vectors of %d along axis %d do not divide %s".formatted(width(), axis, dims));
      }
      var shorter = new java.util.ArrayList<>(dims);
      shorter.set(axis, dims.get(axis) / width());
      return List.copyOf(shorter);
    }

    @Override
    public long bytes() {
      return indices.size() + table.storedBytes();
    }
  }

  /// `real = scale * value`, where the values are encoded themselves, as in a palette that is
  /// shared by channels of different size.
  ///
  /// Shapes: `values` has the extents of the tensor; `scale` its rank, each extent dividing the
  /// tensor's.
  record Scaled(Tensor values, Tensor scale) implements Encoding {
    @Override
    public long bytes() {
      return values.storedBytes() + scale.storedBytes();
    }
  }

  /// Zero but where the mask has a 1.
  ///
  /// @param mask one bit an element, row-major
  /// @param count how many ones it has
  /// @param values how the elements where the mask is 1 are stored, in row-major order: dense,
  ///   affine or a palette. Scales and tables in groups speak of the whole tensor and have the grid
  ///   that they would have without the mask; a single one may have any rank.
  record Sparse(Storage mask, long count, Encoding values) implements Encoding {
    public Sparse {
      long bytes =
          switch (values) {
            case Dense(var stored, _) -> stored.bytes(count);
            case Affine affine -> affine.codes().bytes(count);
            case Palette palette -> (count * palette.bits() + 7) / 8;
            case Vectors _, Scaled _, Sparse _ ->
                throw new IllegalArgumentException(
                    "values between zeros are dense, affine or a palette");
          };
      if (stream(values).size() != bytes) {
        throw new IllegalArgumentException(
            "%d values between zeros take %d bytes, got %d"
                .formatted(count, bytes, stream(values).size()));
      }
    }

    /// Values with one scale or table in all.
    ///
    /// @param values one-dimensional
    public Sparse(Storage mask, Tensor values) {
      this(mask, values.elements(), values.encoding());
    }

    private static Storage stream(Encoding values) {
      return switch (values) {
        case Dense(_, var data) -> data;
        case Affine affine -> affine.data();
        case Palette palette -> palette.indices();
        case Vectors _, Scaled _, Sparse _ -> throw new IllegalStateException();
      };
    }

    @Override
    public long bytes() {
      return mask.size() + values.bytes();
    }
  }

  /// Bytes of all that is stored, tables and scales included.
  long bytes();
}
