package dev.inward.onnx;

import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/// How the scale of an affine encoding, which has a grid of any form, is laid out for
/// `DequantizeLinear`, which knows a scalar, a vector along one axis, and blocks along one axis.
///
/// @param axis where the vector or the blocks run
/// @param block elements that share a scale; 0 for a scalar and a vector
/// @param grid the extents to which the scale is repeated before it is written; for a scalar and a
///   vector those that it has
record AffineForm(int axis, long block, List<Long> grid) {
  static AffineForm of(List<Long> dims, List<Long> scale) {
    List<Integer> split = new ArrayList<>();
    int blocked = -1;
    for (int axis = 0; axis < dims.size(); axis++) {
      if (scale.get(axis) > 1) {
        split.add(axis);
        if (!scale.get(axis).equals(dims.get(axis))) {
          blocked = axis;
        }
      }
    }
    if (split.isEmpty()) {
      return new AffineForm(0, 0, scale);
    }
    if (split.size() == 1 && blocked < 0) {
      return new AffineForm(split.getFirst(), 0, scale);
    }
    int axis = blocked >= 0 ? blocked : widest(dims, scale);
    List<Long> grid = new ArrayList<>(dims);
    grid.set(axis, scale.get(axis));
    return new AffineForm(axis, dims.get(axis) / scale.get(axis), grid);
  }

  /// The axis along which all elements share a scale and that has the most of them; the last one
  /// where every element has its own.
  private static int widest(List<Long> dims, List<Long> scale) {
    int widest = dims.size() - 1;
    long most = 1;
    for (int axis = 0; axis < dims.size(); axis++) {
      if (scale.get(axis) == 1 && dims.get(axis) > most) {
        most = dims.get(axis);
        widest = axis;
      }
    }
    return widest;
  }

  /// The extents under which a scale or zero point is written.
  List<Long> written() {
    if (block > 0) {
      return grid;
    }
    long count = grid.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    return count == 1 ? List.of() : List.of(count);
  }

  /// A scale as elements of the type of the reals.
  Tensor scale(DataType type, Tensor scale) {
    float[] values = repeated(scale).floats();
    return Tensor.dense(type, written(), Storage.of(TensorWriter.bytesOf(type, values)));
  }

  /// A zero point, whose elements are at least a byte, or which is not repeated.
  Tensor zeroPoint(Tensor zero) {
    return repeated(zero).withDims(written());
  }

  private Tensor repeated(Tensor tensor) {
    if (tensor.dims().equals(grid)) {
      return tensor;
    }
    return Repetition.of(tensor, grid);
  }

  static boolean isZero(Tensor tensor) {
    return tensor.encoding() instanceof Encoding.Dense(_, var data)
        && data.bytes().mismatch(Storage.of(new byte[(int) data.size()]).bytes()) == -1;
  }
}
