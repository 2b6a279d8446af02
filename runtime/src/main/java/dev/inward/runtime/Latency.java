package dev.inward.runtime;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Times of single runs on this machine, in milliseconds, sorted.
public record Latency(List<Double> sortedMs, int threads) {
  /// How often to run.
  ///
  /// @param warmUp runs before the first that counts
  /// @param rounds runs that count, of each session
  public record Plan(int warmUp, int rounds) {
    public static final Plan USUAL = new Plan(5, 40);

    public Plan {
      if (warmUp < 0 || rounds < 1) {
        throw new IllegalArgumentException("at least one round, got " + warmUp + ", " + rounds);
      }
    }
  }

  public Latency {
    sortedMs = sortedMs.stream().sorted().toList();
  }

  /// Times sessions in turn, one run of each a round, so that a change of the machine's speed
  /// touches all alike and their ratios hold.
  public static List<Latency> interleaved(
      List<Session> sessions, List<Map<String, Tensor>> inputs, Plan plan, int threads) {
    double[][] ms = new double[sessions.size()][plan.rounds()];
    for (int round = -plan.warmUp(); round < plan.rounds(); round++) {
      for (int s = 0; s < sessions.size(); s++) {
        long start = System.nanoTime();
        sessions.get(s).run(inputs.get(s));
        if (round >= 0) {
          ms[s][round] = (System.nanoTime() - start) / 1e6;
        }
      }
    }
    List<Latency> all = new ArrayList<>();
    for (double[] times : ms) {
      all.add(new Latency(Arrays.stream(times).boxed().toList(), threads));
    }
    return List.copyOf(all);
  }

  /// Times one session.
  public static Latency of(Session session, Map<String, Tensor> inputs, Plan plan, int threads) {
    return interleaved(List.of(session), List.of(inputs), plan, threads).getFirst();
  }

  public double p50() {
    return percentile(50);
  }

  public double p95() {
    return percentile(95);
  }

  /// The smallest time that is not below `percent` of the runs (nearest rank).
  public double percentile(double percent) {
    int rank = (int) Math.ceil(percent * sortedMs.size() / 100);
    return sortedMs.get(Math.max(0, rank - 1));
  }

  /// The median; the interval is from the 5th to the 95th percentile.
  public Figure figure() {
    var source =
        new Source.Measured(
            "this machine (%s, ONNX Runtime %s)"
                .formatted(System.getProperty("os.arch"), Engine.version()),
            sortedMs.size(),
            "median of single runs, %d thread%s, no spinning"
                .formatted(threads, threads == 1 ? "" : "s"));
    return new Figure(p50(), percentile(5), percentile(95), Unit.MILLISECONDS, source);
  }
}
