package dev.inward.workbench;

import dev.inward.base.Figure;
import dev.inward.base.InputException;
import dev.inward.base.Json;
import dev.inward.data.Quality;
import dev.inward.planning.Candidate;
import dev.inward.planning.Constraint;
import dev.inward.planning.Decision;
import dev.inward.planning.Judgement;
import dev.inward.planning.Relaxation;
import dev.inward.planning.Trace;
import dev.inward.planning.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A fit for machines: `fit.json`, and what `--json` prints. Fields are added, never renamed or
/// given another meaning; `format` counts up where that cannot be kept.
///
/// A figure is an object of `value`, `low`, `high`, `unit` and `source`; shares and points are of
/// one, bytes and milliseconds as such, an infinite value is `null`. A *kind* is one of `size`,
/// `latency`, `energy`, `memory`, `quality`, `privacy`, `update`. What is not known is left out.
///
/// | field | holds |
/// |---|---|
/// | `format` | 1 |
/// | `model` | `name`, `file`, `licence`, `nodes` and `simplified` (numbers of nodes) |
/// | `devices` | names |
/// | `prefer` | as in the budget file |
/// | `outcome` | `kept`, `broken` or `undecided` |
/// | `chosen` | the name of a candidate; left out where every one is broken |
/// | `budget` | the lines: `kind`, `text`, `limit` (`value`, `unit`, `direction`), `where`, `because` |
/// | `candidates` | `name`, `recipe`, `outcome`, `figures` by kind, `verdicts` (`kind`, `outcome`, `measure`), `screening` (signal over error on a few calibration samples), `metrics` (`metric`, `value`, `drop`) |
/// | `decisions` | in the order of the trace: `subject`, `step`, `insteadOf`, `because` (`kind`, `where`, `takesOut`), `on` (`subject`, `kind`, `figure`), `cost` |
/// | `nearest` | the nearest budget that is known to be kept: `candidate`, `distance`, `lines` (`kind`, `asked`, `needed`) |
/// | `worthMeasuring` | `candidate`, `measure` |
/// | `sensitivities` | most harmful first: `part`, `activation`, `decibels` |
/// | `rewrites` | how often each was applied, by its name |
/// | `files` | `name`, `what`, `bytes` |
/// | `checks` | `file`, `what`, `figure` |
/// | `notes` | sentences |
public final class FitReport {
  /// The name of the report's file.
  public static final String FILE = "fit.json";

  private FitReport() {}

  /// The names of the files beside an earlier report that it says were delivered; empty where there
  /// is no report that can be read.
  public static List<String> delivered(Path report) {
    if (!Files.isRegularFile(report)) {
      return List.of();
    }
    try (var in = Files.newInputStream(report)) {
      return Json.parse(in, report.toString())
          .get("files")
          .filter(Json.Arr.class::isInstance)
          .map(files -> ((Json.Arr) files).items())
          .orElse(List.of())
          .stream()
          .flatMap(file -> file.get("name").stream())
          .flatMap(name -> name instanceof Json.Text(var text) ? Stream.of(text) : Stream.of())
          .filter(FitReport::plain)
          .toList();
    } catch (IOException | InputException e) {
      return List.of();
    }
  }

  /// Whether it is the name of a file in the folder itself.
  private static boolean plain(String name) {
    return name.matches("[^/\\\\:\u0000]+") && !name.matches("\\.+");
  }

  /// The report; it reads the sizes of the delivered files.
  public static Json of(Fitted fitted) {
    Trace trace = fitted.trace();
    var delivery = new DeliverySection(fitted);
    Map<String, Integer> rewrites = new LinkedHashMap<>();
    MakingSection.counts(fitted.model())
        .forEach(entry -> rewrites.put(entry.getKey(), entry.getValue()));
    return Json.obj(
        "format", 1,
        "model", model(fitted.model()),
        "devices", fitted.budget().devices().stream().map(device -> device.name()).toList(),
        "prefer", fitted.budget().prefer().key(),
        "outcome", trace.outcome(),
        "chosen", trace.chosen().map(Candidate::name),
        "budget", fitted.budget().constraints().stream().map(FitReport::line).toList(),
        "candidates", trace.judgements().stream().map(one -> candidate(fitted, one)).toList(),
        "decisions", trace.decisions().stream().map(FitReport::decision).toList(),
        "nearest", trace.nearest().map(nearest -> nearest(fitted, nearest)),
        "worthMeasuring", trace.worthMeasuring().stream().map(FitReport::measure).toList(),
        "sensitivities",
            fitted.sensitivities().stream()
                .map(one ->
                    Json.obj(
                        "part", one.part(),
                        "activation", one.activation(),
                        "decibels", one.decibels()))
                .toList(),
        "rewrites", rewrites,
        "files",
            delivery.items().stream()
                .map(item ->
                    Json.obj("name", item.name(), "what", item.what(), "bytes", item.bytes()))
                .toList(),
        "checks",
            fitted.delivery().map(Delivery::checks).orElse(List.of()).stream()
                .map(check ->
                    Json.obj("file", check.file(), "what", check.what(), "figure", check.figure()))
                .toList(),
        "notes", fitted.delivery().map(Delivery::notes).orElse(List.of()));
  }

  private static Json model(Loaded model) {
    return Json.obj(
        "name", model.name(),
        "file", String.valueOf(model.file().getFileName()),
        "licence", model.licence(),
        "nodes", model.original().nodes().size(),
        "simplified", model.simplified().nodes().size());
  }

  private static Json line(Constraint line) {
    return Json.obj(
        "kind", line.kind(),
        "text", line.text(),
        "limit", limit(line),
        "where", Phrases.where(line),
        "because", line.line().because());
  }

  private static Json limit(Constraint line) {
    return Json.obj(
        "value", line.limit().value(),
        "unit", line.limit().unit(),
        "direction", line.limit().direction());
  }

  private static Json candidate(Fitted fitted, Judgement judgement) {
    Candidate candidate = judgement.candidate();
    Map<String, Figure> figures = new LinkedHashMap<>();
    candidate.figures().forEach((kind, figure) -> figures.put(kind.key(), figure));
    return Json.obj(
        "name", candidate.name(),
        "recipe", candidate.recipe(),
        "outcome", judgement.outcome(),
        "figures", figures,
        "verdicts", judgement.verdicts().stream().map(FitReport::verdict).toList(),
        "screening", trial(fitted, candidate).flatMap(Trial::screening).map(Quality::value),
        "metrics",
            trial(fitted, candidate).stream()
                .flatMap(trial -> Stream.concat(trial.quality().stream(), trial.beside().stream()))
                .map(quality ->
                    Json.obj(
                        "metric", quality.metric().key(),
                        "value", quality.value(),
                        "drop", quality.drop()))
                .toList());
  }

  private static Optional<Trial> trial(Fitted fitted, Candidate candidate) {
    return fitted.trials().stream()
        .filter(trial -> trial.recipe().name().equals(candidate.name()))
        .findFirst();
  }

  private static Json verdict(Verdict verdict) {
    return Json.obj(
        "kind", verdict.constraint().kind(),
        "outcome", verdict.outcome(),
        "measure",
            verdict instanceof Verdict.Undecided undecided
                ? Optional.of(undecided.measure())
                : Optional.empty());
  }

  private static Json decision(Decision decision) {
    return Json.obj(
        "subject", decision.subject(),
        "step", decision.step(),
        "insteadOf", decision.insteadOf(),
        "because",
            decision.because().stream()
                .map(force ->
                    Json.obj(
                        "kind", force.line().kind(),
                        "where", Phrases.where(force.line()),
                        "takesOut", force.on()))
                .toList(),
        "on",
            decision.on().stream()
                .map(ground ->
                    Json.obj(
                        "subject", ground.subject(),
                        "kind", ground.kind(),
                        "figure", ground.figure()))
                .toList(),
        "cost", decision.cost());
  }

  private static Json nearest(Fitted fitted, Relaxation nearest) {
    return Json.obj(
        "candidate", nearest.candidate().name(),
        "distance", nearest.distance(),
        "lines",
            nearest.lines().stream()
                .map(line ->
                    Json.obj(
                        "kind", line.kind(),
                        "asked", limit(fitted.budget().line(line.kind()).orElseThrow()),
                        "needed", limit(line)))
                .toList());
  }

  private static Json measure(Judgement judgement) {
    return Json.obj(
        "candidate", judgement.candidate().name(),
        "measure",
            judgement.verdicts().stream()
                .flatMap(verdict ->
                    verdict instanceof Verdict.Undecided undecided
                        ? Stream.of(undecided.measure())
                        : Stream.of())
                .toList());
  }
}
