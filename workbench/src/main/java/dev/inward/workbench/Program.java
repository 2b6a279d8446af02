package dev.inward.workbench;

import dev.inward.base.UnsupportedException;
import dev.inward.coreml.CoreMl;
import dev.inward.coreml.Options;
import dev.inward.device.Chip;
import dev.inward.device.DeviceProfile;
import dev.inward.device.Estimate;
import dev.inward.device.Placement;
import dev.inward.graph.Graph;
import dev.inward.graph.rewrite.Simplification;
import java.util.Optional;

/// What of a model runs on a device: the program of its package.
///
/// @param graph the program, with its types and casts; where there is none, the simplified model
/// @param refused why the model cannot be written as a package
public record Program(Graph graph, Optional<UnsupportedException> refused) {
  /// The program of a package as it was read.
  public static Program asRead(Graph graph) {
    return new Program(graph, Optional.empty());
  }

  /// The program that a model would be converted to, simplified first.
  public static Program converted(Graph graph, Options options) {
    Graph simplified = Simplification.of(graph).graph();
    try {
      return asRead(CoreMl.program(simplified, options));
    } catch (UnsupportedException e) {
      return new Program(simplified, Optional.of(e));
    }
  }

  /// Where each node is expected on a chip.
  public Placement on(Chip chip) {
    return refused.isEmpty() ? Placement.ofProgram(graph, chip) : Placement.of(graph, chip);
  }

  /// What it is expected to cost on a phone.
  ///
  /// @throws dev.inward.base.InputException where a shape is not known, with what to bind
  /// @throws UnsupportedException where an op is opaque
  public Estimate on(DeviceProfile phone) {
    return refused.isEmpty() ? Estimate.ofProgram(graph, phone) : Estimate.of(graph, phone);
  }
}
