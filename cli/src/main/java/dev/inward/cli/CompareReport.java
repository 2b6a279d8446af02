package dev.inward.cli;

import dev.inward.base.Json;
import dev.inward.base.Unit;
import dev.inward.workbench.diagnosis.Diagnosis;
import dev.inward.workbench.diagnosis.Finding;
import dev.inward.workbench.diagnosis.Gap;
import dev.inward.workbench.diagnosis.Step;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What `compare` found, for a person and for a machine.
record CompareReport(String a, String b, String inputs, int samples, Diagnosis diagnosis) {
  Json json() {
    return Json.obj(
        "a", a,
        "b", b,
        "inputs", inputs,
        "samples", samples,
        "simulated_float16", diagnosis.simulated(),
        "outputs", diagnosis.outputs().stream().map(Distance::json).toList(),
        "compared", diagnosis.steps().size(),
        "unmatched", diagnosis.unmatched(),
        "first", diagnosis.first().map(CompareReport::json),
        "findings", diagnosis.findings().stream().map(CompareReport::json).toList(),
        "steps", diagnosis.steps().stream().map(step -> json(step, Optional.empty())).toList());
  }

  private static Json json(Finding finding) {
    return json(finding.step(), Optional.of(finding));
  }

  private static Json json(Step step, Optional<Finding> finding) {
    return Json.obj(
        "value", step.value(),
        "op", step.op(),
        "node", step.region().isEmpty() ? step.counterpart() : step.region().getLast().name(),
        "accumulated", step.accumulated().decibels(),
        "own", step.local().decibels(),
        "worst", step.accumulated().worst(),
        "finite", step.accumulated().finite(),
        "share",
            step.share().isPresent() ? Optional.of(step.share().getAsDouble()) : Optional.empty(),
        "cause", finding.map(f -> f.cause().key()),
        "evidence", finding.map(f -> f.cause().text()));
  }

  void print(PrintStream out, int top, boolean all) {
    out.printf("%s against %s, on %d samples: %s%n", b, a, samples, inputs);
    if (diagnosis.simulated()) {
      out.println("float16 is simulated: halves everywhere, wide sums");
    }
    diagnosis.outputs().forEach(o -> out.printf("  output %s: %s%n", o.name(), Distance.text(o)));
    out.printf(
        "%d values are computed by both, %d of %s by neither name nor number%n",
        diagnosis.steps().size(), diagnosis.unmatched().size(), a);
    boolean equal =
        diagnosis.steps().stream()
            .allMatch(step -> step.accumulated().decibels() == Double.POSITIVE_INFINITY);
    if (equal) {
      out.println("none of them differs");
      return;
    }
    out.println(
        diagnosis
            .first()
            .map(found ->
                "drift begins at '%s' (%s): %s"
                    .formatted(found.step().value(), found.step().op(), found.cause().text()))
            .orElse("no single cause: each node only rounds, and the errors add up"));
    out.println();
    table(out, all ? diagnosis.steps() : mattering(top));
    causes(out, top);
  }

  /// Those with a cause, or where there are none, those with the largest shares; in order.
  private List<Step> mattering(int top) {
    List<Step> some =
        diagnosis.findings().isEmpty()
            ? diagnosis.steps().stream()
                .filter(step -> step.share().isPresent())
                .sorted(
                    java.util.Comparator.comparingDouble(
                        (Step step) -> -step.share().getAsDouble()))
                .limit(top)
                .toList()
            : diagnosis.findings().stream().map(Finding::step).limit(top).toList();
    return diagnosis.steps().stream().filter(some::contains).toList();
  }

  private static void table(PrintStream out, List<Step> steps) {
    var columns =
        new Columns("value", "op", ">accumulated", ">own", ">worst", ">largest", ">share");
    for (Step step : steps) {
      columns.row(
          step.value(),
          step.op(),
          text(step.accumulated()),
          text(step.local()),
          "%.3g".formatted(step.accumulated().worst()),
          "%.3g".formatted(step.accumulated().largest()),
          step.share().isPresent()
              ? String.format(Locale.ROOT, "%.1f %%", 100 * step.share().getAsDouble())
              : "");
    }
    columns.print(out);
  }

  private void causes(PrintStream out, int top) {
    List<String> lines = new ArrayList<>();
    for (Finding finding : diagnosis.findings().stream().limit(top).toList()) {
      lines.add("  %s: %s".formatted(finding.step().value(), finding.cause().text()));
    }
    if (!lines.isEmpty()) {
      out.println();
      out.println("causes");
      lines.forEach(out::println);
    }
  }

  /// `equal`, `71.3 dB`, `not finite`.
  static String text(Gap gap) {
    return gap.finite()
        ? gap.decibels() == Double.POSITIVE_INFINITY ? "equal" : Unit.DECIBELS.text(gap.decibels())
        : "not finite";
  }
}
