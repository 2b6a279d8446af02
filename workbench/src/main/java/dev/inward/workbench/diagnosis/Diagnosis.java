package dev.inward.workbench.diagnosis;

import dev.inward.base.Progress;
import dev.inward.runtime.HalfPrecision;
import dev.inward.workbench.Comparison;
import dev.inward.workbench.Feed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// How two models differ along the flow, where that begins, and why.
///
/// @param outputs how far the outputs are apart
/// @param steps what both compute, in the order of the reference
/// @param first the first step with an error that its operands do not explain: its own is beyond
///   the rounding of its type, or it makes much of theirs. Empty where there is no such step: the
///   error is the sum of many roundings, or there is none
/// @param findings the steps that matter, those with the largest share of the outputs' error first
/// @param speed what will cost the changed model time on a device
/// @param simulated whether float16 was simulated
/// @param unmatched values of the reference that nothing in the changed model stands for
public record Diagnosis(
    List<Comparison.Output> outputs,
    List<Step> steps,
    Optional<Finding> first,
    List<Finding> findings,
    List<SpeedCause> speed,
    boolean simulated,
    List<String> unmatched) {
  private static final int MOST = 24;

  /* An own error that makes less of the outputs' error than this does not matter: a mask of
   * -3.4e38 that became -65504 is one. */
  private static final double NEGLIGIBLE = 0.005;

  /* A step whose own error is small makes much of its operands' where it loses so many decibels. */
  private static final double AMPLIFIED = 12;
  private static final double HARMLESS = 50;

  public Diagnosis {
    outputs = List.copyOf(outputs);
    steps = List.copyOf(steps);
    findings = List.copyOf(findings);
    speed = List.copyOf(speed);
    unmatched = List.copyOf(unmatched);
  }

  /// Compares over some samples; the causes are looked for on the one whose outputs are furthest
  /// apart.
  ///
  /// @throws dev.inward.base.InputException where outputs of one place differ in their numbers of
  ///   elements
  public static Diagnosis of(
      Comparison comparison, Feed feed, int samples, HalfPrecision.Rules rules, Progress progress) {
    int count = Math.min(samples, feed.size());
    var flow = Flow.measured(comparison, feed, count, rules, progress);
    List<Finding> findings = findings(comparison, flow, feed, rules, progress);
    Optional<Finding> first =
        flow.steps().stream()
            .flatMap(step -> findings.stream().filter(finding -> finding.step().equals(step)))
            .findFirst();
    List<Comparison.Output> outputs = new ArrayList<>();
    for (int k = 0; k < flow.outputs().size(); k++) {
      outputs.add(
          Comparison.Output.of(
              comparison.reference().outputs().get(k),
              flow.outputs().get(k).decibels(),
              flow.outputs().get(k).worst(),
              feed.about(),
              count));
    }
    return new Diagnosis(
        outputs,
        flow.steps(),
        first,
        findings,
        SpeedCause.of(comparison.changed()),
        HalfPrecision.isIn(comparison.reference()) || HalfPrecision.isIn(comparison.changed()),
        flow.values().unmatched());
  }

  /// The steps that matter, with their causes.
  static List<Finding> findings(
      Comparison comparison, Flow flow, Feed feed, HalfPrecision.Rules rules, Progress progress) {
    List<Step> own =
        flow.steps().stream()
            .filter(step -> !step.sound() && step.share().orElse(0) >= NEGLIGIBLE)
            .filter(step -> flow.before(step).stream().noneMatch(Diagnosis::isBeyond))
            .toList();
    Set<Step> suspects = new LinkedHashSet<>();
    own.stream().findFirst().ifPresent(suspects::add);
    own.stream()
        .sorted(Comparator.comparingDouble(step -> -step.share().orElse(0)))
        .limit(MOST)
        .forEach(suspects::add);
    flow.steps().stream().filter(step -> amplifies(flow, step)).limit(MOST).forEach(suspects::add);
    if (suspects.isEmpty()) {
      return List.of();
    }
    progress.at("looking for causes", 0, 0);
    var probe =
        Probe.of(
            comparison,
            flow,
            List.copyOf(suspects),
            feed.inputs(comparison.reference().inputs(), flow.sample()),
            rules);
    var causes = new Causes(comparison, flow, probe);
    var mends = new Mends(flow, probe.weights());
    return suspects.stream()
        .sorted(
            Comparator.comparingDouble((Step step) -> step.sound() ? 0 : -step.share().orElse(0)))
        .map(step -> {
          Cause cause = causes.of(step);
          return new Finding(step, cause, mends.of(comparison.changed(), step, cause));
        })
        .toList();
  }

  /// Whether the reference has numbers there that a half cannot hold, and the changed model
  /// computes halves: whoever reads it errs through no fault of its own.
  private static boolean isBeyond(Step step) {
    return step.half() && step.accumulated().beyond() > 0;
  }

  private static boolean amplifies(Flow flow, Step step) {
    double after = step.accumulated().decibels();
    if (!step.sound() || after > HARMLESS) {
      return false;
    }
    double before =
        flow.before(step).stream()
            .mapToDouble(operand -> operand.accumulated().decibels())
            .min()
            .orElse(Double.POSITIVE_INFINITY);
    return before - after > AMPLIFIED;
  }
}
