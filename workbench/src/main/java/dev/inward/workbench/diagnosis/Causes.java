package dev.inward.workbench.diagnosis;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Node;
import dev.inward.graph.Quantization;
import dev.inward.graph.Tensor;
import dev.inward.runtime.HalfPrecision;
import dev.inward.runtime.PartialSums;
import dev.inward.workbench.Comparison;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Finds out why a step errs, by computing it in other ways: with wide arithmetic, and with the
/// weights of the reference. What the error goes away with is what made it.
final class Causes {
  private static final double LEAST_NORMAL = 0x1p-14;

  /* The share of the error's energy that must be left for a form to be called the cause. */
  private static final double MOST_OF_IT = 0.25;

  /* Above this the difference of two orders of float32 sums can be all there is. */
  private static final double SINGLE_NOISE = 80;
  private static final double FLUSHED_POINT = 60;

  private final Comparison comparison;
  private final Flow flow;
  private final Probe probe;

  Causes(Comparison comparison, Flow flow, Probe probe) {
    this.comparison = comparison;
    this.flow = flow;
    this.probe = probe;
  }

  Cause of(Step step) {
    if (step.sound()) {
      return carried(step);
    }
    Optional<Cause> overflow = overflow(step);
    if (overflow.isPresent()) {
      return overflow.get();
    }
    float[] wanted = Probe.floats(probe.reference(), step.value());
    double whole = error(wanted, probe.alone(), step);
    double stored = error(wanted, probe.widened(), step);
    double exact = error(wanted, probe.exact(), step);
    double exactDecibels =
        Gap.between(wanted, Probe.floats(probe.exact(), step.counterpart())).decibels();
    if (exact >= MOST_OF_IT * whole && exactDecibels < SINGLE_NOISE) {
      return activation(step).orElseGet(() -> definition(step, exactDecibels));
    }
    if (stored >= MOST_OF_IT * whole && whole > 0) {
      return new WeightCauses(comparison.changed(), probe)
          .of(step)
          .orElseGet(() -> new Cause.Rounding(step.local().decibels()));
    }
    Gap summed = Gap.between(wanted, Probe.floats(probe.summed(), step.counterpart()));
    if (error(wanted, probe.summed(), step) < MOST_OF_IT * whole) {
      return new Cause.Accumulation(longest(step), step.local().decibels(), summed.decibels());
    }
    return underflow(step).orElseGet(() -> new Cause.Rounding(step.local().decibels()));
  }

  /// The most terms that a sum in the step has.
  private long longest(Step step) {
    return step.region().stream()
        .flatMapToLong(node -> PartialSums.length(comparison.changed(), node).stream())
        .max()
        .orElse(0);
  }

  private static double error(float[] wanted, java.util.Map<String, Tensor> values, Step step) {
    var sums = new Gap.Sums();
    sums.add(wanted, Probe.floats(values, step.counterpart()));
    return sums.error();
  }

  private Optional<Cause> overflow(Step step) {
    Graph changed = comparison.changed();
    for (Node node : step.region()) {
      for (String out : node.out()) {
        Tensor wide = probe.alone().get(out + HalfPrecision.WIDE);
        if (wide == null || !HalfPrecision.isHalf(changed, out)) {
          continue;
        }
        double largest = 0;
        long beyond = 0;
        for (float value : wide.floats()) {
          boolean over = Float.isFinite(value) && !half(value);
          beyond += over ? 1 : 0;
          largest = Math.max(largest, over ? Math.abs(value) : 0);
        }
        if (beyond > 0) {
          return Optional.of(new Cause.Overflow(out, largest, beyond));
        }
      }
    }
    return Optional.empty();
  }

  /// Whether the nearest half is finite.
  private static boolean half(float value) {
    return Float.isFinite(Float.float16ToFloat(Float.floatToFloat16(value)));
  }

  private Optional<Cause> underflow(Step step) {
    for (Node node : step.region()) {
      for (String out : node.out()) {
        Tensor wide = probe.alone().get(out + HalfPrecision.WIDE);
        if (wide == null) {
          continue;
        }
        var small = new Small(wide.floats());
        if (small.error > small.all / 2 && small.decibels() < FLUSHED_POINT) {
          return Optional.of(small.cause(out, ""));
        }
      }
    }
    return Optional.empty();
  }

  /// How much of a value is too small for a half.
  private static final class Small {
    private double least = Double.POSITIVE_INFINITY;
    private long lost;
    private long denormal;
    private long count;
    private double error;
    private double all;
    private double signal;

    Small(float[] values) {
      for (float value : values) {
        if (!Float.isFinite(value)) {
          continue;
        }
        double size = Math.abs(value);
        double rounded = Math.abs(Float.float16ToFloat(Float.floatToFloat16(value)));
        double off = Double.isFinite(rounded) ? (size - rounded) * (size - rounded) : 0;
        count++;
        all += off;
        signal += size * size;
        if (size > 0 && size < LEAST_NORMAL) {
          error += off;
          least = Math.min(least, size);
          lost += rounded == 0 ? 1 : 0;
          denormal += rounded == 0 ? 0 : 1;
        }
      }
    }

    double decibels() {
      return all == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / all);
    }

    Cause cause(String value, String reader) {
      return new Cause.Underflow(
          value, least, (double) lost / count, (double) denormal / count, reader);
    }
  }

  /// The step itself is right, and makes much of what is wrong before it.
  private Cause carried(Step step) {
    double before = Double.POSITIVE_INFINITY;
    for (Step operand : flow.before(step)) {
      before = Math.min(before, operand.accumulated().decibels());
      float[] wanted = Probe.floats(probe.reference(), operand.value());
      float[] found = Probe.floats(probe.accumulated(), operand.counterpart());
      long lost = 0;
      for (int i = 0; i < wanted.length; i++) {
        lost += wanted[i] != 0 && found[i] == 0 && Math.abs(wanted[i]) < LEAST_NORMAL ? 1 : 0;
      }
      if (lost > 0 && operand.half()) {
        return new Small(wanted).cause(operand.counterpart(), step.counterpart());
      }
    }
    return new Cause.Amplified(before, step.accumulated().decibels());
  }

  /// Codes of activations inside the step.
  private Optional<Cause> activation(Step step) {
    for (Node node : step.region()) {
      if (node.op() instanceof Quantization.Quantize quantize) {
        Optional<Cause> range = range(step, node, quantize);
        if (range.isPresent()) {
          return range;
        }
      } else if (node.op() instanceof Quantization.DynamicQuantize) {
        return Optional.of(
            new Cause.ActivationRounding(
                node.operand(0), "uint8, range of each run", step.local().decibels()));
      }
    }
    return Optional.empty();
  }

  private Optional<Cause> range(Step step, Node node, Quantization.Quantize quantize) {
    String value = node.operand(0);
    Optional<float[]> floats =
        Optional.ofNullable(flow.values().values().get(value))
            .or(() -> Optional.ofNullable(flow.values().inputs().get(value)))
            .map(probe.reference()::get)
            .or(() -> Optional.ofNullable(probe.alone().get(value)))
            .map(Tensor::floats);
    Optional<float[]> scales = comparison.changed().constant(node.operand(1)).map(Tensor::floats);
    if (floats.isEmpty() || scales.isEmpty() || scales.get().length != 1) {
      return Optional.empty();
    }
    double scale = scales.get()[0];
    double zero =
        node.has(2)
            ? comparison
                .changed()
                .constant(node.operand(2))
                .map(t -> (double) t.longs()[0])
                .orElse(0.0)
            : 0;
    int bits = quantize.to().bits();
    double bottom = quantize.to().isSigned() ? -(1L << (bits - 1)) : 0;
    double low = (bottom - zero) * scale;
    double high = (bottom + (1L << bits) - 1 - zero) * scale;
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    double clipped = 0;
    double signal = 0;
    long outside = 0;
    for (float x : floats.get()) {
      double past = Math.max(0, Math.max(low - x, x - high) - scale / 2);
      clipped += past * past;
      outside += past > 0 ? 1 : 0;
      signal += (double) x * x;
      least = Math.min(least, x);
      most = Math.max(most, x);
    }
    double rounded = floats.get().length * scale * scale / 12;
    return Optional.of(
        clipped > rounded
            ? new Cause.ClippedRange(
                value, low, high, least, most, (double) outside / floats.get().length)
            : new Cause.ActivationRounding(
                value,
                "%s, step %.3g".formatted(quantize.to().text(), scale),
                10 * Math.log10(signal / rounded)));
  }

  private Cause definition(Step step, double decibels) {
    List<String> before = ops(comparison.reference(), flow.values().origin(step.value()));
    List<String> after = ops(comparison.changed(), step.region());
    if (before.size() == 1 && after.size() == 1) {
      String original = before.getFirst();
      String changed = after.getFirst();
      return new Cause.Definition(
          without(original, attributes(changed)), without(changed, attributes(original)), decibels);
    }
    return new Cause.Definition(String.join(", ", before), String.join(", ", after), decibels);
  }

  /// What nodes do, casts left out where there is more.
  private static List<String> ops(Graph graph, List<Node> nodes) {
    List<String> all =
        nodes.stream()
            .filter(node -> !(node.op() instanceof Elementwise.Cast))
            .map(node -> op(graph, node))
            .toList();
    return all.isEmpty() ? nodes.stream().map(node -> op(graph, node)).toList() : all;
  }

  /// The attributes of an op as text: those between braces, parted at commas that stand in no list.
  private static List<String> attributes(String op) {
    int brace = op.indexOf('{');
    return brace < 0
        ? List.of()
        : List.of(op.substring(brace + 1, op.length() - 1).split(", (?![^\\[]*\\])"));
  }

  /// An op with those attributes only that the other has not.
  private static String without(String op, List<String> other) {
    String own =
        attributes(op).stream()
            .filter(attribute -> !other.contains(attribute))
            .collect(Collectors.joining(", "));
    String name = op.contains("{") ? op.substring(0, op.indexOf('{')) : op;
    return own.isEmpty() ? name : "%s{%s}".formatted(name, own);
  }

  /// `AveragePool{kernel=[3, 3], countPadding}`.
  static String op(Graph graph, Node node) {
    String line = GraphText.print(graph, node);
    String right = line.substring(line.indexOf(" = ") + 3);
    int end = right.indexOf('(');
    int brace = right.indexOf('{');
    if (brace >= 0 && brace < end) {
      end = right.indexOf("}(") + 1;
    }
    return end <= 0 ? node.op().name() : right.substring(0, end);
  }

  /// The bits of one stored element.
  static int bits(Encoding encoding) {
    return switch (encoding) {
      case Encoding.Dense(var stored, _) -> stored.bits();
      case Encoding.Affine affine -> affine.codes().bits();
      case Encoding.Palette palette -> palette.bits();
      case Encoding.Vectors vectors -> vectors.bits();
      case Encoding.Scaled(var values, _) -> bits(values.encoding());
      case Encoding.Sparse(_, _, var values) -> bits(values);
    };
  }
}
