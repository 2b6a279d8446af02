package dev.inward.graph;

import java.util.List;
import java.util.OptionalLong;

/// Ops that move, copy, pick or make elements without arithmetic on them (resizing interpolates).
public sealed interface Movement extends Op {
  /// The extents of axes `start` to `end` (exclusive), int64.
  record ShapeOf(long start, OptionalLong end) implements Movement {}

  /// The number of elements, an int64 scalar.
  record Size() implements Movement {}

  /// Operands: x, shape. In the shape -1 is what is left over, once; 0 copies the extent of `x`,
  /// unless `allowZero`.
  record Reshape(boolean allowZero) implements Movement {}

  /// To two axes, split before `axis`.
  record Flatten(long axis) implements Movement {}

  /// @param axes empty means every axis of extent 1
  record Squeeze(List<Long> axes) implements Movement {
    public Squeeze {
      axes = List.copyOf(axes);
    }
  }

  /// @param axes positions in the result
  record Unsqueeze(List<Long> axes) implements Movement {
    public Unsqueeze {
      axes = List.copyOf(axes);
    }
  }

  /// @param permutation empty means the axes reversed
  record Transpose(List<Long> permutation) implements Movement {
    public Transpose {
      permutation = List.copyOf(permutation);
    }
  }

  record Concat(long axis) implements Movement {}

  /// @param sizes along the axis, one a result; empty means equal parts, as many as the node has
  ///   results, the last one smaller where that does not divide
  record Split(long axis, List<Long> sizes) implements Movement {
    public Split {
      sizes = List.copyOf(sizes);
    }
  }

  /// Operands: x, starts, ends, axes?, steps?.
  record Slice() implements Movement {}

  /// Operands: x, indices (negative ones count from the end).
  record Gather(long axis) implements Movement {}

  record GatherElements(long axis) implements Movement {}

  record GatherNd(long batchDims) implements Movement {}

  /// What a scatter does where an element is there already.
  enum Combine {
    REPLACE,
    ADD,
    MUL,
    MAX,
    MIN
  }

  /// Operands: x, indices, updates.
  record ScatterElements(long axis, Combine combine) implements Movement {}

  /// Operands: x, indices, updates.
  record ScatterNd(Combine combine) implements Movement {}

  /// Operands: x, shape; broadcasts both ways.
  record Expand() implements Movement {}

  /// Operands: x, repeats.
  record Tile() implements Movement {}

  /// Operands: x, pads (all begins, then all ends), value?, axes?.
  record Pad(Mode mode) implements Movement {
    public enum Mode {
      CONSTANT,
      REFLECT,
      EDGE,
      WRAP
    }
  }

  /// Operands: x, roi?, scales?, sizes?.
  ///
  /// @param axes the axes that `scales` and `sizes` speak of; empty means all
  record Resize(
      Interpolation mode,
      Coordinates coordinates,
      NearestRounding nearest,
      float cubicA,
      boolean excludeOutside,
      float extrapolation,
      boolean antialias,
      List<Long> axes,
      AspectPolicy aspect)
      implements Movement {
    public enum Interpolation {
      NEAREST,
      LINEAR,
      CUBIC
    }

    public enum Coordinates {
      HALF_PIXEL,
      HALF_PIXEL_SYMMETRIC,
      PYTORCH_HALF_PIXEL,
      ALIGN_CORNERS,
      ASYMMETRIC,
      TF_CROP_AND_RESIZE
    }

    public enum NearestRounding {
      ROUND_PREFER_FLOOR,
      ROUND_PREFER_CEIL,
      FLOOR,
      CEIL
    }

    public enum AspectPolicy {
      STRETCH,
      NOT_LARGER,
      NOT_SMALLER
    }

    public Resize {
      axes = List.copyOf(axes);
    }
  }

  /// @param columnFirst ONNX mode CRD instead of DCR
  record DepthToSpace(long block, boolean columnFirst) implements Movement {}

  record SpaceToDepth(long block) implements Movement {}

  /// Operand: shape. Every element is `value`, a tensor of one element.
  record ConstantOfShape(Tensor value) implements Movement {}

  /// Operands: start, limit, step (scalars).
  record Range() implements Movement {}

  /// Operands: indices, depth, values (off, on).
  record OneHot(long axis) implements Movement {}

  record NonZero() implements Movement {}

  /// Operands: x, diagonal? (scalar).
  record Trilu(boolean upper) implements Movement {}

  /// Operands: x, lengths.
  record ReverseSequence(long batchAxis, long timeAxis) implements Movement {}

  /// Operands: x, grid.
  record GridSample(Resize.Interpolation mode, Padding padding, boolean alignCorners)
      implements Movement {
    public enum Padding {
      ZEROS,
      BORDER,
      REFLECTION
    }
  }
}
