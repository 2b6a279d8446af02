package dev.inward.coreml;

import dev.inward.base.UnsupportedException;
import dev.inward.protobuf.WireWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Raises a program to the ops of a later system. Most ops are the same there; a few have
/// parameters more, which get the values that mean what the op did before, and few mean something
/// else, which is refused.
final class TargetRaising {
  /// A parameter that an op has from a system on.
  ///
  /// @param type of the op
  private record Added(Target since, String type, String parameter, Mil.Value value) {}

  private static final List<Added> ADDED =
      List.of(
          new Added(Target.IOS16, "gather", "batch_dims", Constants.scalar(0)),
          new Added(Target.IOS16, "gather_nd", "batch_dims", Constants.scalar(0)),
          new Added(Target.IOS16, "topk", "sort", Constants.scalar(true)),
          new Added(Target.IOS16, "topk", "return_indices", Constants.scalar(true)),
          new Added(Target.IOS17, "gather", "validate_indices", Constants.scalar(false)),
          new Added(Target.IOS17, "gather_along_axis", "validate_indices", Constants.scalar(false)),
          new Added(Target.IOS17, "gather_nd", "validate_indices", Constants.scalar(false)),
          new Added(Target.IOS17, "scatter", "validate_indices", Constants.scalar(false)),
          new Added(
              Target.IOS17, "scatter_along_axis", "validate_indices", Constants.scalar(false)),
          new Added(Target.IOS17, "scatter_nd", "validate_indices", Constants.scalar(false)),
          new Added(Target.IOS17, "reduce_argmax", "output_dtype", Mil.Value.text("int32")),
          new Added(Target.IOS17, "reduce_argmin", "output_dtype", Mil.Value.text("int32")),
          new Added(Target.IOS17, "topk", "output_indices_dtype", Mil.Value.text("int32")),
          new Added(Target.IOS18, "gru", "reset_after", Constants.scalar(false)));

  /// Ops whose parameters were exchanged for others.
  private static final Map<String, Target> CHANGED =
      Map.of(
          "crop_resize", Target.IOS17,
          "non_maximum_suppression", Target.IOS17,
          "constexpr_cast", Target.IOS18,
          "constexpr_lut_to_dense", Target.IOS18,
          "constexpr_sparse_to_dense", Target.IOS18);

  private final Target from;
  private final Target to;

  /// @throws UnsupportedException where an op means something else from a system on
  TargetRaising(Target from, Target to, ProgramScan scan, Set<String> notes) {
    this.from = from;
    this.to = to;
    for (ProgramScan.Op op : scan.ops) {
      Target changed = CHANGED.get(op.type());
      if (changed != null && crosses(changed)) {
        throw UnsupportedException.at(
                "op '" + op.result() + "'",
                "%s has another form from %s on; the package is for %s and its new weights need %s",
                op.type(),
                changed.title(),
                from.title(),
                to.title())
            .hint("encode the weights as %s can hold them: int8, or palettes", from.title());
      }
      if (op.type().startsWith("gather") && crosses(Target.IOS17)) {
        indices(op, scan, notes);
      }
    }
  }

  /// Negative indices count from the end before iOS 17, and are outside from then on.
  private void indices(ProgramScan.Op op, ProgramScan scan, Set<String> notes) {
    long[] known = scan.whole(op, "indices");
    for (long index : known) {
      if (index < 0) {
        throw UnsupportedException.at(
                "op '" + op.result() + "'",
                "%s reads index %d, which counts from the end up to iOS 16 only, and the new"
                    + " weights need %s",
                op.type(),
                index,
                to.title())
            .hint("encode the weights as %s can hold them: int8, or palettes", from.title());
      }
    }
    if (known.length == 0) {
      notes.add(
          "op '%s' computes its indices: from iOS 17 on negative ones no longer count from the end"
              .formatted(op.result()));
    }
  }

  private boolean crosses(Target since) {
    return !from.atLeast(since) && to.atLeast(since);
  }

  private List<Added> added(ProgramScan.Op op) {
    return ADDED.stream()
        .filter(a ->
            a.type.equals(op.type()) && crosses(a.since) && !op.inputs().containsKey(a.parameter))
        .toList();
  }

  private static String name(ProgramScan.Op op, Added added) {
    return op.result() + "_" + added.parameter + "_added";
  }

  /// The constants that an op reads from now on.
  List<Mil.Operation> constants(ProgramScan.Op op) {
    List<Mil.Operation> constants = new ArrayList<>();
    for (Added added : added(op)) {
      var attributes = new LinkedHashMap<String, Mil.Value>();
      attributes.put("val", added.value);
      String name = name(op, added);
      constants.add(
          new Mil.Operation(
              "const",
              name,
              new LinkedHashMap<>(),
              attributes,
              List.of(new Mil.Var(name, added.value.type(), added.value.dims()))));
    }
    return constants;
  }

  /// Binds the parameters that an op has from now on.
  void inputs(ProgramScan.Op op, WireWriter operation) {
    for (Added added : added(op)) {
      var binding = new WireWriter().string(1, name(op, added));
      operation.message(
          2,
          new WireWriter()
              .string(1, added.parameter)
              .message(2, new WireWriter().message(1, binding)));
    }
  }
}
