package dev.inward.workbench.diagnosis;

import dev.inward.base.Progress;
import dev.inward.base.Refusal;
import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.runtime.HalfPrecision;
import dev.inward.runtime.Session;
import dev.inward.workbench.Comparison;
import dev.inward.workbench.Feed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;

/// The mends of the causes that were found, tried one after the other until the outputs are as near
/// as asked.
///
/// @param graph the changed model with the mends that are kept
/// @param trials in the order in which they were tried
/// @param before decibels of the least exact output before any mend
/// @param after and with all that are kept
public record Mending(Graph graph, List<Trial> trials, double before, double after) {
  /* What gains less is not kept. */
  private static final double LEAST_GAIN = 0.3;
  private static final int ROUNDS = 4;

  /// A mend and what it does.
  ///
  /// @param value where the cause is, in the reference
  /// @param before decibels of the least exact output without it
  /// @param after and with it
  /// @param bytes how much more the constants take
  /// @param float32 how many more nodes compute in float32
  public record Trial(
      String value, Mend mend, double before, double after, long bytes, int float32, boolean kept) {
    Trial kept(boolean now) {
      return new Trial(value, mend, before, after, bytes, float32, now);
    }
  }

  public Mending {
    trials = List.copyOf(trials);
  }

  /// Whether any mend is kept.
  public boolean changed() {
    return trials.stream().anyMatch(Trial::kept);
  }

  /// Tries the mends of a diagnosis; where something was kept and the target is not reached, what
  /// then shows is diagnosed anew.
  ///
  /// @param target decibels that every output is to reach
  public static Mending of(
      Comparison comparison,
      Feed feed,
      int samples,
      double target,
      HalfPrecision.Rules rules,
      Progress progress) {
    var running = new Running(comparison, feed, samples, target, rules, progress);
    return running.mended();
  }

  private static final class Running {
    private final Comparison comparison;
    private final Feed feed;
    private final int samples;
    private final double target;
    private final HalfPrecision.Rules rules;
    private final Progress progress;
    private final List<Trial> trials = new ArrayList<>();
    private final List<List<float[]>> wanted = new ArrayList<>();
    private Graph graph;
    private double reached;

    Running(
        Comparison comparison,
        Feed feed,
        int samples,
        double target,
        HalfPrecision.Rules rules,
        Progress progress) {
      this.comparison = comparison;
      this.feed = feed;
      this.samples = Math.min(samples, feed.size());
      this.target = target;
      this.rules = rules;
      this.progress = progress;
      this.graph = comparison.changed();
      Graph reference = HalfPrecision.simulated(comparison.reference(), rules);
      try (var session = Session.open(reference)) {
        for (int i = 0; i < this.samples; i++) {
          wanted.add(session.run(sample(i)).values().stream().map(Tensor::floats).toList());
        }
      }
    }

    private Map<String, Tensor> sample(int index) {
      return feed.inputs(comparison.reference().inputs(), index);
    }

    Mending mended() {
      double before = decibels(graph);
      reached = before;
      for (int round = 0; round < ROUNDS && reached < target; round++) {
        int kept = count();
        Comparison now = new Comparison(comparison.reference(), graph, comparison.inputs());
        var flow = Flow.measured(now, feed, samples, rules, progress);
        List<Finding> findings = Diagnosis.findings(now, flow, feed, rules, progress);
        if (findings.isEmpty()) {
          widenMost(now, flow);
          break;
        } else {
          tryAll(now, flow, findings);
        }
        if (count() == kept) {
          break;
        }
      }
      return new Mending(graph, trials, before, reached);
    }

    private int count() {
      return (int) trials.stream().filter(Trial::kept).count();
    }

    private Mends mends(Comparison now, Flow flow, List<Step> steps) {
      return new Mends(flow, Probe.weights(now, steps, flow.values()));
    }

    private void tryAll(Comparison now, Flow flow, List<Finding> findings) {
      var mends = mends(now, flow, findings.stream().map(Finding::step).toList());
      Set<Mend> done = new LinkedHashSet<>();
      for (Finding finding : findings) {
        for (Mend mend : finding.mends()) {
          if (reached >= target) {
            return;
          }
          if (done.add(mend) && attempt(finding.step().value(), mend, mends)) {
            break;
          }
        }
      }
    }

    /// No step stands out: those with the largest shares are kept in float32, one, two, four, ...,
    /// as few as reach the target, or what comes nearest to it.
    private void widenMost(Comparison now, Flow flow) {
      List<Step> steps =
          flow.steps().stream()
              .filter(step -> step.half() && step.share().isPresent())
              .sorted(Comparator.comparingDouble(step -> -step.share().getAsDouble()))
              .toList();
      var mends = mends(now, flow, steps);
      Graph base = graph;
      double start = reached;
      Graph best = graph;
      int from = trials.size();
      int chosen = -1;
      for (int count = 1; count < 2 * steps.size() && reached < target; count *= 2) {
        Set<Step> some = new LinkedHashSet<>(steps.subList(0, Math.min(steps.size(), count)));
        graph = base;
        double most = reached;
        reached = start;
        if (attempt(steps.getFirst().value(), mends.keep(some, true), mends)
            && reached > most + LEAST_GAIN) {
          best = graph;
          chosen = trials.size() - 1;
        } else {
          reached = Math.max(reached, most);
        }
        reached = Math.max(reached, most);
      }
      graph = best;
      for (int i = from; i < trials.size(); i++) {
        trials.set(i, trials.get(i).kept(i == chosen));
      }
      reached = chosen < 0 ? start : trials.get(chosen).after();
    }

    private boolean attempt(String value, Mend mend, Mends mends) {
      progress.at("trying mends", trials.size(), 0);
      Graph tried = mends.apply(graph, mend).orElse(null);
      if (tried == null) {
        return false;
      }
      double after;
      try {
        after = decibels(tried);
      } catch (Refusal _) {
        return false;
      }
      boolean gains =
          after > reached + LEAST_GAIN
              || after == reached && Double.isInfinite(reached) && reached < 0 && mends(mend);
      trials.add(
          new Trial(
              value,
              mend,
              reached,
              after,
              Mends.bytes(tried) - Mends.bytes(graph),
              single(tried) - single(graph),
              gains));
      if (gains) {
        graph = tried;
        reached = after;
      }
      return gains;
    }

    /// Of several numbers that break the outputs, each must be mended before the gain shows.
    private static boolean mends(Mend mend) {
      return mend instanceof Mend.Rescale || mend instanceof Mend.KeepFloat32;
    }

    private static int single(Graph graph) {
      return (int)
          graph.nodes().stream()
              .filter(node ->
                  !(node.op() instanceof dev.inward.graph.Elementwise.Cast)
                      && node.out().stream()
                          .anyMatch(out ->
                              graph
                                  .type(out)
                                  .filter(t -> t.dtype() == DataType.FLOAT32)
                                  .isPresent()))
              .count();
    }

    /// Of the least exact output over all samples.
    private double decibels(Graph candidate) {
      Graph simulated = HalfPrecision.simulated(candidate, rules);
      List<Gap.Sums> sums = new ArrayList<>();
      try (var session = Session.open(simulated)) {
        for (int i = 0; i < samples; i++) {
          var found = session.run(comparison.other(sample(i)));
          for (int k = 0; k < simulated.outputs().size(); k++) {
            if (i == 0) {
              sums.add(new Gap.Sums());
            }
            sums.get(k)
                .add(
                    wanted.get(i).get(k),
                    Objects.requireNonNull(found.get(simulated.outputs().get(k))).floats());
          }
        }
      }
      OptionalDouble least = sums.stream().mapToDouble(s -> s.gap().decibels()).min();
      return least.orElse(Double.POSITIVE_INFINITY);
    }
  }
}
