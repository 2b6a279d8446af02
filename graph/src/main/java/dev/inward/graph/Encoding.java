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

  /// Zero but where the mask has a 1.
  ///
  /// @param mask one bit an element, row-major
  /// @param values one-dimensional: the elements where the mask is 1, in row-major order
  record Sparse(Storage mask, Tensor values) implements Encoding {
    @Override
    public long bytes() {
      return mask.size() + values.storedBytes();
    }
  }

  /// Bytes of all that is stored, tables and scales included.
  long bytes();
}
