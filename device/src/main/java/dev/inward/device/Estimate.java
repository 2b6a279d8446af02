package dev.inward.device;

import dev.inward.base.Figure;
import dev.inward.graph.Counting;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Liveness;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Quantization;
import dev.inward.graph.Tensor;
import dev.inward.graph.Work;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;

/// What a graph is expected to cost on a phone. Nothing is measured here: each figure is an
/// interval that says how it was validated.
///
/// @param placement which unit each node is expected on
/// @param segments the runs that the units take, in order
/// @param nodeMs modelled time of each node by itself, without fixed costs, by the node's name
/// @param latency the median of a cool phone; see [LatencyModel#tail] and [LatencyModel#sustained]
/// @param energy of one answer; see [EnergyModel#perHour]
/// @param memory at the peak
public record Estimate(
    DeviceProfile phone,
    Placement placement,
    List<Segment> segments,
    SequencedMap<String, Double> nodeMs,
    Figure latency,
    Figure energy,
    Figure memory) {
  public Estimate {
    segments = List.copyOf(segments);
    nodeMs = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(nodeMs));
  }

  /// Estimates a graph whose shapes are numbers and that is yet to be written in half precision.
  ///
  /// @throws dev.inward.base.InputException where a shape is not known, with what to bind
  /// @throws dev.inward.base.UnsupportedException where an op is not known to this version
  public static Estimate of(Graph graph, DeviceProfile phone) {
    return of(graph, phone, false);
  }

  /// Estimates a program with the types that its package states.
  ///
  /// @throws dev.inward.base.UnsupportedException where an op is not known to this version
  public static Estimate ofProgram(Graph program, DeviceProfile phone) {
    return of(program, phone, true);
  }

  private static Estimate of(Graph graph, DeviceProfile phone, boolean typed) {
    Chip chip = phone.chip();
    Placement placement = Placement.of(graph, chip, typed);
    SequencedMap<String, Work> work = Counting.of(graph);
    var nodeMs = new LinkedHashMap<String, Double>();
    var segments = new ArrayList<Segment>();
    List<Placement.Placed> running = placement.running();
    placement.nodes().forEach(placed -> nodeMs.put(placed.node().name(), 0.0));
    for (List<Placement.Placed> run : Schedule.runs(running)) {
      var parts = new ArrayList<Segment>();
      for (Placement.Placed placed : run) {
        String name = placed.node().name();
        Segment part = segment(graph, placed, Objects.requireNonNull(work.get(name)), chip);
        nodeMs.put(name, LatencyModel.work(chip, part, LatencyModel.constants(part.unit())));
        parts.add(part);
      }
      parts.stream().reduce(Segment::plus).ifPresent(segments::add);
    }
    if (segments.isEmpty()) {
      segments.add(new Segment(ComputeUnit.CPU, 0, 0, 0, false));
    }
    Figure latency = LatencyModel.median(chip, segments);
    return new Estimate(
        phone,
        placement,
        segments,
        nodeMs,
        latency,
        EnergyModel.perAnswer(chip, segments, latency),
        memory(graph, typed));
  }

  private static Segment segment(Graph graph, Placement.Placed placed, Work work, Chip chip) {
    Node node = placed.node();
    boolean int8 = placed.unit() == ComputeUnit.NEURAL_ENGINE && int8(graph, node);
    double bytes = 0;
    boolean compressed = false;
    if (node.op() instanceof Movement.Gather) {
      bytes = work.bytesWritten();
    } else {
      for (String name : node.reads().distinct().toList()) {
        Tensor constant = graph.constant(name).orElse(null);
        if (constant != null && constant.dtype().isFloat()) {
          bytes += streamed(constant, placed.unit(), chip);
          compressed |= !(constant.encoding() instanceof Encoding.Dense);
        }
      }
    }
    return new Segment(
        placed.unit(), int8 ? 0 : work.macs(), int8 ? work.macs() : 0, bytes, compressed || int8);
  }

  /// Whether the products of a node are of int8 by int8: quantised activations on int8 weights.
  private static boolean int8(Graph graph, Node node) {
    boolean weights =
        graph
            .constant(node.operand(1))
            .filter(
                t -> t.encoding() instanceof Encoding.Affine affine && affine.codes().bits() == 8)
            .isPresent();
    boolean activations =
        graph
            .producer(node.operand(0))
            .filter(from -> from.op() instanceof Quantization.Dequantize)
            .isPresent();
    return weights && activations;
  }

  /// Bytes that pass over memory when a unit reads a weight. Tables and masks are read as stored on
  /// every Neural Engine; linear int8 from A15 on and in blocks or fewer bits from A16 on; what a
  /// unit does not read so, it reads in half precision (sbryngelson/ane-guide, August 2026).
  static double streamed(Tensor weight, ComputeUnit unit, Chip chip) {
    double half = 2.0 * weight.elements();
    double stored = weight.storedBytes();
    boolean asStored =
        unit == ComputeUnit.NEURAL_ENGINE
            && switch (weight.encoding()) {
              case Encoding.Dense _ -> true;
              case Encoding.Palette _, Encoding.Vectors _, Encoding.Scaled _, Encoding.Sparse _ ->
                  true;
              case Encoding.Affine(var codes, _, var scale, _) ->
                  chip.generation() >= 16
                      || (chip.generation() >= 15 && codes.bits() == 8 && perChannel(scale));
            };
    return asStored ? Math.min(stored, half) : half;
  }

  /// One scale for the whole, or for each index of one axis.
  private static boolean perChannel(Tensor scale) {
    return scale.dims().stream().filter(extent -> extent > 1).count() <= 1;
  }

  /// @param typed whether values have the types that they have when the model runs; else reals take
  ///   half of what they say
  private static Figure memory(Graph graph, boolean typed) {
    double stored = 0;
    double expanded = 0;
    for (Tensor constant : graph.constants().values()) {
      stored +=
          constant.encoding() instanceof Encoding.Dense && constant.dtype().isFloat()
              ? Math.min(constant.storedBytes(), 2.0 * constant.elements())
              : constant.storedBytes();
      expanded += constant.dtype().isFloat() ? 2.0 * constant.elements() : constant.storedBytes();
    }
    double live = Liveness.bytes(graph).stream().mapToLong(Long::longValue).max().orElse(0);
    return MemoryModel.peak(stored, expanded, typed ? live : live / 2);
  }
}
