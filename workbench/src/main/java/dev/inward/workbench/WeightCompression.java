package dev.inward.workbench;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.base.Spelling;
import dev.inward.compress.Axes;
import dev.inward.compress.Weight;
import dev.inward.compress.WeightEncoder;
import dev.inward.compress.WeightFormat;
import dev.inward.coreml.CoreMl;
import dev.inward.coreml.Options;
import dev.inward.coreml.Recoding;
import dev.inward.coreml.Target;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.graph.rewrite.Simplification;
import dev.inward.onnx.Onnx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;

/// A model whose weights were given other encodings, without data.
///
/// @param before bytes of the model that was read
/// @param left names of weights and other constants that stay as they are, with the reason
/// @param small how many more have too few elements
public record WeightCompression(
    Conversion written,
    long before,
    List<Line> weights,
    SequencedMap<String, String> left,
    int small) {
  private static final int CHECKED = 4;

  public WeightCompression {
    weights = List.copyOf(weights);
    left = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(left));
  }

  /// What to do with which weight.
  ///
  /// @param all the format of those not named otherwise
  /// @param named by the name of a weight or of a node that reads it; empty: it stays as it is
  /// @param least weights of fewer elements stay as they are
  public record Plan(
      WeightFormat all, SequencedMap<String, Optional<WeightFormat>> named, long least) {
    public static final long USUAL_LEAST = 2048;

    public Plan {
      named = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(named));
    }
  }

  /// A weight that was encoded.
  ///
  /// @param how it is stored now, in words
  /// @param squaredError the sum of squares of what its elements moved
  /// @param signalToNoise the sum of squares of its elements over that, in decibels; infinite where
  ///   nothing moved
  public record Line(
      String name,
      long elements,
      String how,
      long before,
      long after,
      double squaredError,
      double signalToNoise) {}

  private record Found(String name, Tensor tensor, Axes axes, List<String> readers) {}

  private record Encoded(Found weight, Tensor tensor, Line line) {}

  /// Encodes the weights of a model and writes it in the format that the ending of `out` names. A
  /// package that becomes a package keeps all else as it is; other ways the model is simplified.
  ///
  /// @param shapes of inputs to bind, by name
  /// @param target the oldest system that must run a package; empty: the oldest that can hold it
  /// @throws InputException where a name of the plan is no weight, or a weight cannot be encoded
  public static WeightCompression of(
      Path in,
      Map<String, List<Long>> shapes,
      Plan plan,
      Path out,
      Optional<Target> target,
      Progress progress) {
    Conversion.checkPlace(out);
    try {
      long before = Costs.bytes(in);
      return Files.isDirectory(in) && out.toString().endsWith(".mlpackage") && shapes.isEmpty()
          ? recoded(in, before, plan, out, target, progress)
          : rewritten(in, before, shapes, plan, out, target, progress);
    } catch (IOException e) {
      throw InputException.at(in.toString(), "cannot be read: %s", String.valueOf(e.getMessage()));
    }
  }

  private static WeightCompression recoded(
      Path in, long before, Plan plan, Path out, Optional<Target> target, Progress progress) {
    Recoding recoding = Recoding.of(in);
    var found =
        recoding.weights().stream()
            .map(w ->
                new Found(
                    w.name(), w.tensor(), new Axes(w.channelAxis(), w.inputAxis()), w.readers()))
            .toList();
    var left = new LinkedHashMap<>(recoding.others(plan.least()));
    var chosen = chosen(found, plan, left);
    var encoded = encode(chosen, progress);
    progress.at("writing", 0, 0);
    CoreMl.Written written = recoding.write(out, tensors(encoded), target);
    return of(found, plan, encoded, left, before, packaged(out, written));
  }

  private static WeightCompression rewritten(
      Path in,
      long before,
      Map<String, List<Long>> shapes,
      Plan plan,
      Path out,
      Optional<Target> target,
      Progress progress)
      throws IOException {
    Graph read = Loaded.read(in);
    Graph graph = Simplification.of(shapes.isEmpty() ? read : read.bindShapes(shapes)).graph();
    var found =
        Weight.of(graph, t -> t.dtype().isFloat()).stream()
            .map(w ->
                new Found(w.name(), graph.constant(w.name()).orElseThrow(), w.axes(), w.nodes()))
            .toList();
    Set<String> weights = new HashSet<>();
    found.forEach(w -> weights.add(w.name()));
    var left = new LinkedHashMap<String, String>();
    graph
        .constants()
        .forEach((name, tensor) -> {
          if (tensor.dtype().isFloat()
              && tensor.elements() >= plan.least()
              && !weights.contains(name)) {
            left.put(name, "is no weight of a product, convolution, cell or table alone");
          }
        });
    var chosen = chosen(found, plan, left);
    var encoded = encode(chosen, progress);
    progress.at("writing", 0, 0);
    Graph changed = graph.withConstants(tensors(encoded));
    Conversion written;
    if (out.toString().endsWith(".mlpackage")) {
      changed.inputs().forEach(Conversion::checkBound);
      Options options = target.map(Options.DEFAULT::target).orElse(Options.DEFAULT);
      written = packaged(out, CoreMl.write(changed, out, options));
    } else {
      List<String> notes = Onnx.write(changed, out);
      written = new Conversion(out, "ONNX file", Costs.bytes(out), notes);
    }
    return of(found, plan, encoded, left, before, written);
  }

  private static Conversion packaged(Path out, CoreMl.Written written) {
    return new Conversion(
        out,
        "Core ML package for %s and newer".formatted(written.target().title()),
        written.bytes(),
        written.notes());
  }

  private static WeightCompression of(
      List<Found> found,
      Plan plan,
      List<Encoded> encoded,
      SequencedMap<String, String> left,
      long before,
      Conversion written) {
    int small = (int) found.stream().filter(w -> w.tensor.elements() < plan.least()).count();
    return new WeightCompression(
        written, before, encoded.stream().map(Encoded::line).toList(), left, small);
  }

  private record Choice(Found weight, WeightFormat format) {}

  private static List<Choice> chosen(
      List<Found> found, Plan plan, SequencedMap<String, String> left) {
    Set<String> unused = new HashSet<>(plan.named().keySet());
    Set<String> known = new HashSet<>();
    List<Choice> chosen = new ArrayList<>();
    for (Found weight : found) {
      List<String> names = new ArrayList<>(List.of(weight.name));
      names.addAll(weight.readers);
      known.addAll(names);
      Optional<String> named = names.stream().filter(plan.named()::containsKey).findFirst();
      unused.removeAll(names);
      Optional<WeightFormat> format =
          named.isPresent()
              ? Optional.ofNullable(plan.named().get(named.get())).flatMap(f -> f)
              : Optional.of(plan.all());
      if (!(weight.tensor.encoding() instanceof Encoding.Dense)) {
        left.put(weight.name, "is compressed already: " + weight.tensor.how());
      } else if (format.isEmpty()) {
        left.put(weight.name, "was asked to stay");
      } else if (weight.tensor.elements() >= plan.least() || named.isPresent()) {
        chosen.add(new Choice(weight, format.get()));
      }
    }
    for (String name : plan.named().keySet()) {
      if (unused.contains(name)) {
        throw InputException.at("'" + name + "'", "names no weight, and no node that reads one")
            .hint("%s", Spelling.hint(name, known.stream().sorted().toList()));
      }
    }
    return chosen;
  }

  /// Every weight by itself, over all processors; the result does not depend on how many.
  private static List<Encoded> encode(List<Choice> chosen, Progress progress) {
    progress.at("encoding weights", 0, chosen.size());
    return IntStream.range(0, chosen.size())
        .parallel()
        .mapToObj(i -> encode(chosen.get(i)))
        .toList();
  }

  private static Encoded encode(Choice choice) {
    Found weight = choice.weight;
    Tensor tensor = WeightEncoder.encode(weight.name, weight.tensor, choice.format, weight.axes);
    float[] x = weight.tensor.floats();
    float[] y = tensor.floats();
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < x.length; i++) {
      double value = x[i];
      double difference = value - y[i];
      signal += value * value;
      noise += difference * difference;
    }
    var line =
        new Line(
            weight.name,
            tensor.elements(),
            tensor.how(),
            weight.tensor.storedBytes(),
            tensor.storedBytes(),
            noise,
            noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise));
    return new Encoded(weight, tensor, line);
  }

  private static Map<String, Tensor> tensors(List<Encoded> encoded) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    encoded.forEach(e -> tensors.put(e.weight.name, e.tensor));
    return tensors;
  }

  /// Reads the written file back and runs it beside the original on generated inputs.
  public List<Comparison.Output> check(Graph original, Progress progress) {
    var comparison = Comparison.of(original, Loaded.read(written.out()));
    var feed = Feed.Generated.of(comparison.reference(), CHECKED);
    return comparison.outputs(feed, CHECKED, progress);
  }

  /// Over all weights that were encoded.
  public double squaredError() {
    return weights.stream().mapToDouble(Line::squaredError).sum();
  }
}
