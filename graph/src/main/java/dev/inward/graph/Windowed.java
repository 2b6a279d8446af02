package dev.inward.graph;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Ops that slide a window over the spatial axes of `[N, C, D1, .., Dn]`.
public sealed interface Windowed extends Op {
  /// How the edges are padded.
  enum AutoPad {
    /// By the numbers given.
    EXPLICIT,
    /// So that the output has `ceil(input / stride)` elements, the odd one at the end.
    SAME_UPPER,
    /// The same, the odd one at the start.
    SAME_LOWER,
    /// Not at all.
    VALID
  }

  /// The geometry of a window, one number a spatial axis; empty lists stand for ones (strides,
  /// dilations) and zeros (pads).
  ///
  /// @param kernel empty where it is to be read off the weight
  /// @param pads all begins, then all ends
  record Window(
      List<Long> kernel,
      List<Long> strides,
      List<Long> dilations,
      List<Long> pads,
      AutoPad autoPad) {
    public Window {
      kernel = List.copyOf(kernel);
      strides = List.copyOf(strides);
      dilations = List.copyOf(dilations);
      pads = List.copyOf(pads);
      if (strides.stream().anyMatch(s -> s < 1)
          || dilations.stream().anyMatch(d -> d < 1)
          || kernel.stream().anyMatch(k -> k < 1)) {
        throw new IllegalArgumentException(
            "kernel %s, strides %s and dilations %s are at least 1"
                .formatted(kernel, strides, dilations));
      }
    }

    public long stride(int axis) {
      return strides.isEmpty() ? 1 : strides.get(axis);
    }

    public long dilation(int axis) {
      return dilations.isEmpty() ? 1 : dilations.get(axis);
    }

    public long padBegin(int axis) {
      return pads.isEmpty() ? 0 : pads.get(axis);
    }

    public long padEnd(int axis) {
      return pads.isEmpty() ? 0 : pads.get(axis + pads.size() / 2);
    }

    /// The same window with every list written out for `axes` spatial axes and the given kernel.
    public Window explicit(int axes, List<Long> kernel) {
      return new Window(
          kernel,
          strides.isEmpty() ? ones(axes) : strides,
          dilations.isEmpty() ? ones(axes) : dilations,
          pads.isEmpty() ? Stream.generate(() -> 0L).limit(2L * axes).toList() : pads,
          autoPad);
    }

    private static List<Long> ones(int axes) {
      return Stream.generate(() -> 1L).limit(axes).toList();
    }
  }

  /// Operands: x, weight, bias?.
  ///
  /// Shapes: `[N, C, ..] x [M, C/groups, k..] x [M] -> [N, M, ..]`.
  record Conv(Window window, long groups) implements Windowed {}

  /// Operands: x, weight, bias?.
  ///
  /// Shapes: `[N, C, ..] x [C, M/groups, k..] x [M] -> [N, M, ..]`.
  ///
  /// @param outputShape the spatial extents of the result, where given; the pads follow from it
  record ConvTranspose(Window window, long groups, List<Long> outputPadding, List<Long> outputShape)
      implements Windowed {
    public ConvTranspose {
      outputPadding = List.copyOf(outputPadding);
      outputShape = List.copyOf(outputShape);
    }
  }

  enum PoolKind {
    MAX("MaxPool"),
    AVERAGE("AveragePool"),
    LP("LpPool");

    private final String title;

    PoolKind(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }
  }

  /// Pooling; a maximum has a second result where asked for, the flat index of each maximum
  /// (int64).
  ///
  /// @param countPadding whether an average divides by the padded window
  /// @param p the norm of LP pooling
  /// @param columnMajor whether the indices count column by column
  record Pool(
      PoolKind kind, Window window, boolean ceil, boolean countPadding, long p, boolean columnMajor)
      implements Windowed {}

  /// Pooling over all spatial axes, which stay with extent 1.
  record GlobalPool(PoolKind kind, long p) implements Windowed {}

  /// The window of this op, empty for global pooling.
  default Optional<Window> windowOf() {
    return switch (this) {
      case Conv(var window, _) -> Optional.of(window);
      case ConvTranspose(var window, _, _, _) -> Optional.of(window);
      case Pool pool -> Optional.of(pool.window());
      case GlobalPool _ -> Optional.empty();
    };
  }
}
