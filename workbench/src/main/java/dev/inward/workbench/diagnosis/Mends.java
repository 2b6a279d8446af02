package dev.inward.workbench.diagnosis;

import dev.inward.base.Refusal;
import dev.inward.compress.WeightEncoder;
import dev.inward.compress.WeightFormat;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Quantization;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.rewrite.DeadNodes;
import dev.inward.runtime.PartialSums;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Which mends go with a cause, the cheapest for the device first, and how they are made.
///
/// @param weights the reference's, by the names of the changed model's constants
record Mends(Flow flow, Map<String, float[]> weights) {
  private static final int SMALLEST_OF_INTEREST = 16;

  /// The mends to try for a cause.
  List<Mend> of(Graph changed, Step step, Cause cause) {
    List<Mend> mends = new ArrayList<>();
    switch (cause) {
      case Cause.Overflow(var value, var largest, _) -> {
        if (changed.constant(value).isEmpty()) {
          Rescaling.factor(changed, value, Math.max(largest, step.accumulated().largest()))
              .ifPresent(by -> mends.add(new Mend.Rescale(value, by)));
        }
        mends.add(keep(beyond(step), true));
      }
      case Cause.Underflow underflow -> {
        Set<Step> steps = new LinkedHashSet<>();
        flow.at(underflow.value()).ifPresent(steps::add);
        steps.add(step);
        flow.steps().stream()
            .filter(reader -> flow.before(reader).contains(step))
            .forEach(steps::add);
        mends.add(keep(steps, false));
      }
      case Cause.Amplified _ -> {
        Set<Step> steps = new LinkedHashSet<>(flow.before(step));
        steps.add(step);
        mends.add(keep(steps, true));
      }
      case Cause.OutlierChannel outlier ->
          mends.add(new Mend.PerChannel(outlier.weight(), outlier.axis(), outlier.bits()));
      case Cause.ClippedRange range ->
          quantizing(step)
              .ifPresent(node -> {
                mends.add(new Mend.WiderRange(node, range.least(), range.most()));
                mends.add(new Mend.NoCodes(node));
              });
      case Cause.ActivationRounding _ ->
          quantizing(step).ifPresent(node -> mends.add(new Mend.NoCodes(node)));
      case Cause.SmallWeights(var weight, _, _, _) ->
          more(changed, step, weight).forEach(mends::add);
      case Cause.WeightRounding(var weight, _, _, _, _) ->
          more(changed, step, weight).forEach(mends::add);
      case Cause.Definition _ -> mends.add(new Mend.ExactForm(step.value(), step.counterpart()));
      case Cause.Accumulation(var length, _, _) -> {
        step.region().stream()
            .filter(node -> PartialSums.length(changed, node).orElse(0) == length)
            .findFirst()
            .ifPresent(node ->
                mends.add(
                    new Mend.SplitSum(node.name(), (int) Math.ceil(Math.sqrt(length / 16.0)))));
        mends.add(keep(Set.of(step), true));
      }
      case Cause.Rounding _ -> mends.add(keep(Set.of(step), true));
    }
    return mends;
  }

  /// The steps in float32, and those behind them that only carry their numbers on.
  Mend keep(Set<Step> steps, boolean exact) {
    Set<Step> all = new LinkedHashSet<>(steps);
    for (Step step : flow.steps()) {
      if (step.half()
          && step.local().decibels() == Double.POSITIVE_INFINITY
          && flow.before(step).stream().anyMatch(all::contains)) {
        all.add(step);
      }
    }
    return new Mend.KeepFloat32(
        flow.steps().stream()
            .filter(all::contains)
            .flatMap(step -> step.region().stream())
            .map(Node::name)
            .distinct()
            .toList(),
        exact);
  }

  /// The step and those after it that read numbers beyond the largest half.
  private Set<Step> beyond(Step step) {
    Set<Step> steps = new LinkedHashSet<>(List.of(step));
    for (Step other : flow.steps()) {
      boolean reads =
          flow.before(other).stream()
              .anyMatch(read -> steps.contains(read) && read.accumulated().beyond() > 0);
      if (reads && other.half()) {
        steps.add(other);
      }
    }
    return steps;
  }

  private static Optional<String> quantizing(Step step) {
    return step.region().stream()
        .filter(node -> node.op() instanceof Quantization.Quantize)
        .map(Node::name)
        .findFirst();
  }

  /// A finer scale where there is one in all, then more bits: 8 a channel, 16, 32.
  private List<Mend> more(Graph changed, Step step, String weight) {
    Tensor tensor = changed.constant(weight).orElse(null);
    if (tensor == null || !weights.containsKey(weight)) {
      return List.of(keep(Set.of(step), true));
    }
    int axis =
        step.region().stream()
            .filter(node -> node.in().contains(weight))
            .map(node -> WeightCauses.axis(node, tensor))
            .findFirst()
            .orElse(0);
    int bits = Causes.bits(tensor.encoding());
    List<Mend> mends = new ArrayList<>();
    if (bits <= 8
        && tensor.rank() > 1
        && tensor.encoding() instanceof Encoding.Affine affine
        && affine.scale().elements() == 1) {
      mends.add(new Mend.PerChannel(weight, axis, bits));
    }
    if (bits < 8 && tensor.elements() >= SMALLEST_OF_INTEREST) {
      mends.add(new Mend.MoreBits(weight, axis, 8));
    }
    if (bits < 16) {
      mends.add(new Mend.MoreBits(weight, axis, 16));
    } else if (tensor.dtype() == DataType.FLOAT16) {
      mends.add(keep(Set.of(step), true));
    } else {
      mends.add(new Mend.MoreBits(weight, axis, 32));
    }
    return mends;
  }

  /// The changed graph, or a form of it that was mended before, mended once more; empty where it
  /// cannot be.
  Optional<Graph> apply(Graph graph, Mend mend) {
    try {
      return switch (mend) {
        case Mend.KeepFloat32(var nodes, var exact) ->
            Optional.of(Float32.keep(graph, Set.copyOf(nodes), exact ? weights : Map.of()));
        case Mend.Rescale(var value, var by) -> Rescaling.apply(graph, value, by);
        case Mend.PerChannel(var weight, var axis, var bits) -> stored(graph, weight, axis, bits);
        case Mend.MoreBits(var weight, var axis, var bits) -> stored(graph, weight, axis, bits);
        case Mend.WiderRange(var node, var least, var most) -> ranged(graph, node, least, most);
        case Mend.NoCodes(var node) -> plain(graph, node);
        case Mend.ExactForm(var value, var counterpart) ->
            flow.at(counterpart)
                .map(step -> Grafting.of(flow.values(), graph, value, counterpart, step.half()));
        case Mend.SplitSum(var node, var parts) -> split(graph, node, parts);
      };
    } catch (Refusal _) {
      return Optional.empty();
    }
  }

  private Optional<Graph> stored(Graph graph, String name, int axis, int bits) {
    Tensor tensor = graph.constant(name).orElse(null);
    float[] right = weights.get(name);
    if (tensor == null || right == null) {
      return Optional.empty();
    }
    Tensor plain = Tensor.ofFloats(tensor.dims(), right);
    Tensor made =
        switch (bits) {
          case 32 -> plain;
          case 16 -> Tensor.half(tensor.dims(), right);
          default ->
              WeightEncoder.encode(
                  name,
                  plain,
                  new WeightFormat.Affine(
                      bits < 8 ? 4 : 8, WeightFormat.Granularity.CHANNEL, false),
                  OptionalInt.of(axis));
        };
    return Optional.of(graph.withConstants(Map.of(name, Halves.as(tensor.dtype(), made))));
  }

  private static Optional<Graph> ranged(Graph graph, String name, double least, double most) {
    Node quantize = named(graph, name).orElse(null);
    if (quantize == null || !(quantize.op() instanceof Quantization.Quantize(var to, _, _))) {
      return Optional.empty();
    }
    int bits = to.bits();
    double bottom = to.isSigned() ? -(1L << (bits - 1)) : 0;
    double low = Math.min(0, least);
    double high = Math.max(0, most);
    double scale = (high - low) / ((1L << bits) - 1);
    long zero = Math.round(bottom - low / scale);
    var type = graph.typeOf(quantize.operand(1)).dtype();
    String scaleName = name + ".wider.scale";
    String zeroName = name + ".wider.zero";
    var builder = graph.toBuilder();
    builder.constant(scaleName, Rescaling.scalar(type, (float) scale));
    builder.constant(
        zeroName, Tensor.dense(to, List.of(), Storage.packed(bits, new int[] {(int) zero})));
    return Optional.of(
        new DeadNodes()
            .apply(
                builder
                    .nodes(nodes ->
                        nodes.stream()
                            .map(node -> {
                              boolean mine =
                                  node.name().equals(name)
                                      || node.op() instanceof Quantization.Dequantize
                                          && node.operand(0).equals(quantize.result());
                              return mine
                                  ? new Node(
                                      node.name(),
                                      node.op(),
                                      List.of(node.operand(0), scaleName, zeroName),
                                      node.out())
                                  : node;
                            })
                            .toList())
                    .build()));
  }

  private static Optional<Graph> plain(Graph graph, String name) {
    Node quantize = named(graph, name).orElse(null);
    if (quantize == null) {
      return Optional.empty();
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      boolean back =
          node.op() instanceof Quantization.Dequantize && node.operand(0).equals(quantize.result());
      nodes.add(
          back
              ? new Node(
                  node.name(),
                  new Elementwise.Unary(Elementwise.Unary.Function.IDENTITY),
                  List.of(quantize.operand(0)),
                  node.out())
              : node);
    }
    return Optional.of(new DeadNodes().apply(graph.toBuilder().nodes(_ -> nodes).build()));
  }

  /// The sum in parts, and the parts added in pairs.
  private static Optional<Graph> split(Graph graph, String name, int count) {
    Node node = named(graph, name).orElse(null);
    if (node == null) {
      return Optional.empty();
    }
    long length = PartialSums.length(graph, node).orElse(0);
    var parts =
        PartialSums.of(
            graph, node, node.in(), node.result() + "_part", Math.ceilDiv(length, count));
    if (parts.isEmpty()) {
      return Optional.empty();
    }
    var builder = graph.toBuilder();
    List<Node> made = new ArrayList<>(parts.get().nodes());
    List<String> sums = new ArrayList<>(parts.get().sums());
    boolean mean = parts.get().divisor() > 1;
    while (sums.size() > 1) {
      List<String> pairs = new ArrayList<>();
      for (int i = 0; i + 1 < sums.size(); i += 2) {
        boolean last = sums.size() == 2 && !mean;
        String sum = last ? node.result() : sums.get(i) + "_and" + i;
        made.add(
            Node.of(
                new Elementwise.Binary(Elementwise.Binary.Function.ADD),
                List.of(sums.get(i), sums.get(i + 1)),
                sum));
        pairs.add(sum);
      }
      if (sums.size() % 2 == 1) {
        pairs.add(sums.getLast());
      }
      sums = pairs;
    }
    if (mean) {
      String terms = node.result() + "_terms";
      builder.constant(
          terms,
          Rescaling.scalar(graph.typeOf(node.result()).dtype(), (float) parts.get().divisor()));
      made.add(
          Node.of(
              new Elementwise.Binary(Elementwise.Binary.Function.DIV),
              List.of(sums.getFirst(), terms),
              node.result()));
    }
    List<Node> nodes = new ArrayList<>();
    graph.nodes().forEach(one -> nodes.addAll(one.equals(node) ? made : List.of(one)));
    return Optional.of(builder.nodes(_ -> nodes).build());
  }

  private static Optional<Node> named(Graph graph, String name) {
    return graph.nodes().stream().filter(node -> node.name().equals(name)).findFirst();
  }

  /// Bytes of all constants as they are stored.
  static long bytes(Graph graph) {
    return graph.constants().values().stream()
        .mapToLong(tensor ->
            tensor.encoding() instanceof Encoding.Dense dense
                ? dense.bytes()
                : tensor.storedBytes())
        .sum();
  }
}
