package dev.inward.cli;

import dev.inward.base.Json;
import dev.inward.base.Unit;
import dev.inward.workbench.Conversion;
import dev.inward.workbench.diagnosis.Diagnosis;
import dev.inward.workbench.diagnosis.Finding;
import dev.inward.workbench.diagnosis.Gap;
import dev.inward.workbench.diagnosis.Mend;
import dev.inward.workbench.diagnosis.Mending;
import dev.inward.workbench.diagnosis.SpeedCause;
import dev.inward.workbench.diagnosis.Step;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What `compare` found, for a person and for a machine.
///
/// @param target decibels that mending was to reach
/// @param written the mended model
record CompareReport(
    String a,
    String b,
    String inputs,
    int samples,
    Diagnosis diagnosis,
    Optional<Mending> mending,
    double target,
    Optional<Conversion> written,
    String sums) {
  private static final int LONGEST_LIST = 4;

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
        "steps", diagnosis.steps().stream().map(step -> json(step, Optional.empty())).toList(),
        "speed", diagnosis.speed().stream().map(CompareReport::json).toList(),
        "mending", mending.map(this::json));
  }

  private static Json json(SpeedCause cause) {
    return Json.obj(
        "kind", cause.kind().title(),
        "nodes", cause.nodes(),
        "evidence", cause.evidence(),
        "change", cause.change(),
        "source", cause.source());
  }

  private Json json(Mending done) {
    return Json.obj(
        "before", done.before(),
        "after", done.after(),
        "target", target,
        "out", written.map(file -> file.out().toString()),
        "trials",
            done.trials().stream()
                .map(trial ->
                    Json.obj(
                        "value", trial.value(),
                        "mend", trial.mend().key(),
                        "what", trial.mend().text(),
                        "before", trial.before(),
                        "after", trial.after(),
                        "bytes", trial.bytes(),
                        "float32_nodes", trial.float32(),
                        "kept", trial.kept()))
                .toList());
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
        "evidence", finding.map(f -> f.cause().text()),
        "mends", finding.map(f -> f.mends().stream().map(Mend::text).toList()));
  }

  void print(PrintStream out, int top, boolean all) {
    out.printf("%s against %s, on %d samples: %s%n", b, a, samples, inputs);
    if (diagnosis.simulated()) {
      out.println("float16 is simulated: halves everywhere, %s sums".formatted(sums));
    }
    diagnosis.outputs().forEach(o -> out.printf("  output %s: %s%n", o.name(), Distance.text(o)));
    out.printf(
        "%d values are computed by both; %d more of %s have no counterpart%n",
        diagnosis.steps().size(), diagnosis.unmatched().size(), a);
    boolean equal =
        diagnosis.steps().stream()
            .allMatch(step -> step.accumulated().decibels() == Double.POSITIVE_INFINITY);
    if (equal) {
      out.println("none of them differs");
      speed(out, top);
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
    mending.ifPresent(done -> mends(out, done));
    speed(out, top);
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
          !step.accumulated().finite() && step.sound()
              ? "carried"
              : step.share().isPresent()
                  ? String.format(Locale.ROOT, "%.1f %%", 100 * step.share().getAsDouble())
                  : "");
    }
    columns.print(out);
  }

  private void causes(PrintStream out, int top) {
    List<String> lines = new ArrayList<>();
    for (Finding finding : diagnosis.findings().stream().limit(top).toList()) {
      lines.add("  %s: %s".formatted(finding.step().value(), finding.cause().text()));
      if (mending.isEmpty() && !finding.mends().isEmpty()) {
        lines.add("    mend: %s".formatted(finding.mends().getFirst().text()));
      }
    }
    if (!lines.isEmpty()) {
      out.println();
      out.println("causes");
      lines.forEach(out::println);
    }
  }

  private void mends(PrintStream out, Mending done) {
    out.println();
    out.printf(
        "mends, for the least exact output: %s before, %s after, %s asked for%n",
        decibels(done.before()), decibels(done.after()), decibels(target));
    if (!done.trials().isEmpty()) {
      var columns = new Columns("", "mend", ">before", ">after", ">size", ">float32 nodes");
      for (Mending.Trial trial : done.trials()) {
        columns.row(
            trial.kept() ? "kept" : "left",
            trial.mend().text(),
            decibels(trial.before()),
            decibels(trial.after()),
            (trial.bytes() < 0 ? "-" : "+") + Unit.BYTES.text(Math.abs(trial.bytes())),
            "%+d".formatted(trial.float32()));
      }
      columns.print(out);
    }
    written.ifPresent(file -> {
      out.printf("%s: %s, %s%n", file.out(), file.form(), Unit.BYTES.text(file.bytes()));
      file.notes().forEach(note -> out.println("  " + note));
    });
  }

  private static String decibels(double value) {
    return value == Double.NEGATIVE_INFINITY
        ? "not finite"
        : value == Double.POSITIVE_INFINITY ? "no error" : Unit.DECIBELS.text(value);
  }

  private void speed(PrintStream out, int top) {
    if (diagnosis.speed().isEmpty()) {
      return;
    }
    out.println();
    out.println("what will cost time on a device, as expected by rules (not measured)");
    for (SpeedCause cause : diagnosis.speed().stream().limit(top).toList()) {
      String names =
          String.join(", ", cause.nodes().stream().limit(LONGEST_LIST).toList())
              + (cause.nodes().size() > LONGEST_LIST
                  ? " and %d more".formatted(cause.nodes().size() - LONGEST_LIST)
                  : "");
      out.printf(
          "  %s%s: %s%n",
          cause.kind().title(), names.isEmpty() ? "" : " (" + names + ")", cause.evidence());
      out.printf("    change: %s%n", cause.change());
    }
  }

  /// `equal`, `71.3 dB`, `not finite`.
  static String text(Gap gap) {
    return gap.finite()
        ? gap.decibels() == Double.POSITIVE_INFINITY ? "equal" : Unit.DECIBELS.text(gap.decibels())
        : "not finite";
  }
}
