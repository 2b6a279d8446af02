package dev.inward.workbench;

import dev.inward.base.Figure;
import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.data.DataSet;
import dev.inward.data.NpyArrays;
import dev.inward.data.Preprocessing;
import dev.inward.data.Samples;
import dev.inward.graph.Graph;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.Value;
import dev.inward.runtime.HalfPrecision;
import dev.inward.runtime.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Two models that take the same inputs, such as one and what a conversion made of it.
///
/// @param reference the first, bound to the other's shapes where it states none
/// @param changed the second, likewise
/// @param inputs of the reference, by the name of the other's input
public record Comparison(Graph reference, Graph changed, SequencedMap<String, String> inputs) {

  /// An output of both.
  ///
  /// @param name in the reference
  /// @param signalToNoise the energy of the reference's over that of the difference; infinite where
  ///   nothing differs
  /// @param worst the largest absolute difference; infinite where one of the two is not finite
  public record Output(String name, Figure signalToNoise, double worst) {
    /// @param on what the samples are called
    public static Output of(String name, double decibels, double worst, String on, int samples) {
      return new Output(
          name,
          new Figure(
              decibels,
              decibels,
              decibels,
              Unit.DECIBELS,
              new Source.Measured(on, samples, "signal power over the power of the difference")),
          worst);
    }
  }

  public Comparison {
    inputs = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(inputs));
  }

  /// Joins the inputs by name, all that are left over by position.
  ///
  /// @throws InputException where the numbers of inputs or outputs differ, or shapes contradict
  public static Comparison of(Graph reference, Graph changed) {
    if (reference.inputs().size() != changed.inputs().size()
        || reference.outputs().size() != changed.outputs().size()) {
      throw InputException.of(
              "the models do not face their callers alike: %s has %s and %d outputs, %s has %s and"
                  + " %d",
              reference.name(),
              reference.inputs(),
              reference.outputs().size(),
              changed.name(),
              changed.inputs(),
              changed.outputs().size())
          .hint("compare models that were made of one another");
    }
    var inputs = joined(reference.inputs(), changed.inputs());
    Map<String, List<Long>> mine = new LinkedHashMap<>();
    Map<String, List<Long>> theirs = new LinkedHashMap<>();
    inputs.forEach((changedName, name) -> {
      Shape a = named(reference, name).type().shape();
      Shape b = named(changed, changedName).type().shape();
      if (b.isStatic() && !a.isStatic()) {
        mine.put(name, sizes(b));
      } else if (a.isStatic() && !b.isStatic()) {
        theirs.put(changedName, sizes(a));
      } else if (a.isStatic() && !a.equals(b)) {
        throw InputException.at(
            "input '" + name + "'", "is %s in one model, %s in the other", a, b);
      }
    });
    return new Comparison(
        mine.isEmpty() ? reference : reference.bindShapes(mine),
        theirs.isEmpty() ? changed : changed.bindShapes(theirs),
        inputs);
  }

  private static SequencedMap<String, String> joined(List<Value> mine, List<Value> theirs) {
    List<String> free = new ArrayList<>(mine.stream().map(Value::name).toList());
    SequencedMap<String, String> joined = new LinkedHashMap<>();
    for (Value input : theirs) {
      free.stream()
          .filter(name -> legal(name).equals(legal(input.name())))
          .findFirst()
          .ifPresent(name -> {
            joined.put(input.name(), name);
            free.remove(name);
          });
    }
    for (Value input : theirs) {
      if (!joined.containsKey(input.name())) {
        joined.put(input.name(), free.removeFirst());
      }
    }
    return joined;
  }

  /// A name with all that a package does not allow made alike.
  static String legal(String name) {
    return name.replaceAll("[^A-Za-z0-9_]", "_");
  }

  private static Value named(Graph graph, String input) {
    return graph.inputs().stream()
        .filter(value -> value.name().equals(input))
        .findFirst()
        .orElseThrow();
  }

  private static List<Long> sizes(Shape shape) {
    return java.util.Arrays.stream(shape.sizes()).boxed().toList();
  }

  /// A person's data for both.
  ///
  /// @param how the preprocessing of texts and images; arrays go in as they are
  /// @throws InputException where the data does not feed the reference
  public Feed feed(Path data, Preprocessing how) {
    DataSet set = DataSet.open(data);
    Preprocessing used = set instanceof NpyArrays ? new Preprocessing.None() : fitting(how);
    List<String> names = reference.inputs().stream().map(Value::name).toList();
    return new Feed.Prepared(Samples.of(set, used, names));
  }

  /// Texts in the length that the reference is bound to.
  private Preprocessing fitting(Preprocessing how) {
    if (!(how instanceof Preprocessing.Text(var tokenizer, _, _))) {
      return how;
    }
    return reference.inputs().stream()
        .map(input -> input.type().shape())
        .filter(shape -> shape.isStatic() && shape.rank() == 2)
        .findFirst()
        .<Preprocessing>map(shape ->
            new Preprocessing.Text(
                tokenizer, Math.toIntExact(shape.sizes()[1]), Preprocessing.Padding.FIXED))
        .orElse(how);
  }

  /// The same sample as the other model takes it.
  public Map<String, Tensor> other(Map<String, Tensor> sample) {
    Map<String, Tensor> other = new LinkedHashMap<>();
    for (Value input : changed.inputs()) {
      Tensor tensor = Optional.ofNullable(sample.get(inputs.get(input.name()))).orElseThrow();
      other.put(input.name(), Operand.as(tensor, input.type().dtype()));
    }
    return other;
  }

  /// How far each output of the one is from that of the other, over `count` samples. Float16 is
  /// [simulated][HalfPrecision].
  ///
  /// @throws InputException where outputs of one place differ in their numbers of elements
  public List<Output> outputs(Feed feed, int count, Progress progress) {
    int samples = Math.min(count, feed.size());
    double[] signal = new double[reference.outputs().size()];
    double[] noise = new double[signal.length];
    double[] worst = new double[signal.length];
    Graph mineHere = HalfPrecision.simulated(reference);
    Graph theirsHere = HalfPrecision.simulated(changed);
    try (var a = Session.open(mineHere);
        var b = Session.open(theirsHere)) {
      for (int i = 0; i < samples; i++) {
        progress.at("comparing outputs", i, samples);
        var sample = feed.inputs(reference.inputs(), i);
        var mine = a.run(sample);
        var theirs = b.run(other(sample));
        for (int k = 0; k < signal.length; k++) {
          String name = reference.outputs().get(k);
          Tensor x = Optional.ofNullable(mine.get(mineHere.outputs().get(k))).orElseThrow();
          Tensor y = Optional.ofNullable(theirs.get(theirsHere.outputs().get(k))).orElseThrow();
          if (x.elements() != y.elements()) {
            throw InputException.at(
                "output '" + name + "'", "is %s in one model, %s in the other", x.type(), y.type());
          }
          float[] xs = x.floats();
          float[] ys = y.floats();
          for (int e = 0; e < xs.length; e++) {
            double difference = (double) xs[e] - ys[e];
            if (xs[e] == ys[e] || Float.isNaN(xs[e]) && Float.isNaN(ys[e])) {
              difference = 0;
            } else if (!Double.isFinite(difference)) {
              worst[k] = Double.POSITIVE_INFINITY;
              continue;
            }
            signal[k] += Float.isFinite(xs[e]) ? (double) xs[e] * xs[e] : 0;
            noise[k] += difference * difference;
            worst[k] = Math.max(worst[k], Math.abs(difference));
          }
        }
      }
    }
    List<Output> outputs = new ArrayList<>();
    for (int k = 0; k < signal.length; k++) {
      double ratio =
          Double.isInfinite(worst[k])
              ? Double.NEGATIVE_INFINITY
              : noise[k] == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal[k] / noise[k]);
      outputs.add(Output.of(reference.outputs().get(k), ratio, worst[k], feed.about(), samples));
    }
    return List.copyOf(outputs);
  }
}
