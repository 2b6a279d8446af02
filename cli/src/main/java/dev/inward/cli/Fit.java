package dev.inward.cli;

import dev.inward.base.Figure;
import dev.inward.base.InputException;
import dev.inward.base.Json;
import dev.inward.base.Replacement;
import dev.inward.base.Unit;
import dev.inward.device.Device;
import dev.inward.planning.Budget;
import dev.inward.planning.BudgetBrief;
import dev.inward.planning.BudgetFile;
import dev.inward.planning.Constraint;
import dev.inward.planning.Decision;
import dev.inward.planning.Judgement;
import dev.inward.planning.Outcome;
import dev.inward.planning.Trace;
import dev.inward.planning.Verdict;
import dev.inward.workbench.Delivery;
import dev.inward.workbench.Dossier;
import dev.inward.workbench.FitReport;
import dev.inward.workbench.Fitted;
import dev.inward.workbench.ModelCache;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `inward fit`.
@Command(
    name = "fit",
    description = {
      "Fits a model into a budget: tries ways to compress it, holds each against every line of the",
      "budget, delivers the best that keeps them all, and writes the dossier that says why.",
      "Ends with 0 where the budget is kept, 1 where nothing keeps it, 4 where that is not known."
    },
    footer = {
      "",
      "The result goes to inward-fit/<model> in the current folder, or where --out says; what"
          + " stands",
      "there under the same names is replaced once the new is whole, and files that an earlier fit",
      "delivered there go.",
      "",
      "JSON: what also stands in fit.json beside the dossier; fields: format,",
      "model, devices, prefer, outcome, chosen, budget[], candidates[], decisions[], nearest,",
      "worthMeasuring[], sensitivities[], rewrites{}, files[], checks[], notes[].",
      "",
      "Examples:",
      "  inward fit examples/text-direction/budget.yaml",
      "  inward fit model.onnx --budget 20MB,30ms --device \"iPhone 13\" --shape image=1x3x224x224"
    })
final class Fit implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(
      paramLabel = "BUDGET.yaml | MODEL",
      description = "A budget file; with --budget the model.")
  private String subject = "";

  @Option(
      names = "--budget",
      paramLabel = "200MB,100ms",
      description = "The budget for MODEL: a short form, or a budget file whose model it replaces.")
  private Optional<String> budget = Optional.empty();

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description =
          "Where the model must run, instead of what the budget file says. Several are a fleet.")
  private List<String> devices = new ArrayList<>();

  @Mixin private Shapes shapes = new Shapes();

  @Option(names = "--out", paramLabel = "DIR", description = "Where the result goes.")
  private Optional<Path> out = Optional.empty();

  @Option(names = "--json", description = "Prints JSON for machines.")
  private boolean json;

  Fit(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Budget asked = asked();
    Path folder = out.orElseGet(() -> Path.of("inward-fit", name(asked)));
    checkPlace(folder, asked);
    Supplier<ModelCache> cache = () -> ModelCache.of(terminal.environment());
    Done done =
        terminal.watch(progress ->
            Replacement.into(
                folder,
                FitReport.delivered(folder.resolve(FitReport.FILE)),
                beside -> {
                  Fitted fitted = dev.inward.workbench.Fit.run(asked, cache, beside, progress);
                  progress.at("writing the dossier", 0, 0);
                  Dossier.write(fitted, beside.resolve("dossier.html"));
                  Json report = FitReport.of(fitted);
                  Files.writeString(beside.resolve(FitReport.FILE), report.pretty() + "\n");
                  return new Done(fitted, report);
                }));
    if (json) {
      terminal.print(done.report());
    } else {
      print(done.fitted(), folder);
    }
    return done.fitted().trace().outcome().exitCode();
  }

  private record Done(Fitted fitted, Json report) {}

  private Budget asked() {
    List<Device> where = devices.stream().map(Device::named).toList();
    Budget base;
    if (budget.isEmpty()) {
      base = BudgetFile.read(Path.of(subject), ModelName.bundled());
    } else if (BudgetBrief.looksLike(budget.get())) {
      if (where.isEmpty()) {
        throw InputException.at("--budget", "a short form names no device")
            .hint("say where the model must run: --device \"iPhone 13\"");
      }
      base = BudgetBrief.parse(budget.get(), new ModelName(subject).model(), where);
    } else {
      Budget read = BudgetFile.read(Path.of(budget.get()), ModelName.bundled());
      base = changed(read, new ModelName(subject).model(), read.devices());
    }
    return changed(base, base.model(), where.isEmpty() ? base.devices() : where);
  }

  /// The budget for another model and other devices, and with the shapes that were given.
  private Budget changed(Budget of, Budget.Model model, List<Device> where) {
    var bound = new java.util.LinkedHashMap<>(of.shapes());
    bound.putAll(shapes.bound());
    return new Budget(
        model,
        where,
        of.data(),
        of.preprocessing(),
        bound,
        of.outputs(),
        of.pooling(),
        of.ios(),
        of.constraints(),
        of.prefer());
  }

  private static String name(Budget budget) {
    return switch (budget.model()) {
      case Budget.Model.Bundled(var name) -> name;
      case Budget.Model.At(var path) ->
          String.valueOf(path.toAbsolutePath().normalize().getFileName())
              .replaceFirst("\\.(onnx|mlpackage)$", "");
    };
  }

  /// Refuses a folder that cannot be written before the work begins, not after.
  private static void checkPlace(Path folder, Budget budget) {
    Path existing = folder.toAbsolutePath().normalize();
    while (Files.notExists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
      throw InputException.at(
              folder.toString(), "cannot be written: %s is no folder that can", existing)
          .hint("give another folder with --out");
    }
    if (budget.model() instanceof Budget.Model.At(var model)
        && folder
            .toAbsolutePath()
            .normalize()
            .equals(model.toAbsolutePath().normalize().getParent())) {
      throw InputException.at(
              folder.toString(), "is where the model lies, which the result would replace")
          .hint("give another folder with --out");
    }
  }

  private void print(Fitted fitted, Path folder) {
    PrintStream out = terminal.out();
    Trace trace = fitted.trace();
    out.println(headline(fitted));
    out.println();
    table(fitted).print(out);
    out.println();
    trace.chosen().ifPresent(chosen -> why(trace.decision(chosen.name())));
    trace
        .nearest()
        .ifPresent(nearest ->
            out.printf(
                "The nearest budget that %s is known to keep: %s%n",
                nearest.candidate().name(), nearest.text(trace.budget())));
    trace.worthMeasuring().stream().findFirst().ifPresent(this::toKnow);
    fitted.delivery().ifPresent(delivery -> print(delivery, folder));
    out.println();
    out.println("dossier: " + folder.resolve("dossier.html"));
  }

  private static String headline(Fitted fitted) {
    Trace trace = fitted.trace();
    String on =
        trace.budget().devices().stream().map(Device::name).collect(Collectors.joining(", "));
    String result =
        switch (trace.outcome()) {
          case KEPT -> "the budget is kept by " + trace.chosen().orElseThrow().name();
          case BROKEN -> "nothing fits the budget";
          case UNDECIDED ->
              "whether the budget is kept is not known; the best that may is "
                  + trace.chosen().orElseThrow().name();
        };
    return "%s on %s: %s".formatted(fitted.model().name(), on, result);
  }

  private static Columns table(Fitted fitted) {
    Trace trace = fitted.trace();
    var columns = new Columns(" ", "candidate", ">size", ">latency", quality(trace), "verdict");
    for (Judgement judgement : trace.judgements()) {
      var candidate = judgement.candidate();
      boolean chosen = trace.chosen().filter(candidate::equals).isPresent();
      columns.row(
          chosen ? ">" : " ",
          candidate.name(),
          candidate.figure(Constraint.Kind.SIZE).map(Figure::text).orElse("-"),
          candidate.figure(Constraint.Kind.LATENCY).map(Figure::text).orElse("-"),
          candidate.figure(Constraint.Kind.QUALITY).map(Figure::text).orElse("not measured"),
          verdict(judgement));
    }
    return columns;
  }

  /// What the figures of quality are: a drop against the original, or decibels.
  private static String quality(Trace trace) {
    boolean decibels =
        trace.candidates().stream()
            .flatMap(candidate -> candidate.figure(Constraint.Kind.QUALITY).stream())
            .anyMatch(figure -> figure.unit() == Unit.DECIBELS);
    return decibels ? ">signal to noise" : ">quality drop";
  }

  private static String verdict(Judgement judgement) {
    return switch (judgement.outcome()) {
      case KEPT -> "fits";
      case BROKEN -> "breaks " + kinds(judgement.lines(Outcome.BROKEN));
      case UNDECIDED -> "undecided: " + kinds(judgement.lines(Outcome.UNDECIDED));
    };
  }

  private static String kinds(List<Constraint> lines) {
    return lines.stream().map(line -> line.kind().key()).collect(Collectors.joining(", "));
  }

  /// The decision without the figures, which are in the table above and in the dossier.
  private void why(Decision decision) {
    String other = decision.insteadOf().map(runnerUp -> " instead of " + runnerUp).orElse("");
    String cost = decision.cost().split(";")[0];
    terminal
        .out()
        .printf(
            "%s %s%s%s%n",
            decision.subject(),
            decision.step().name().toLowerCase(Locale.ROOT),
            other,
            cost.isEmpty() ? "" : ": " + cost);
    decision
        .because()
        .forEach(force ->
            terminal
                .out()
                .printf("  because %s (%s)%n", force.line().text(), force.line().line().where()));
  }

  private void toKnow(Judgement open) {
    for (Verdict verdict : open.verdicts()) {
      if (verdict instanceof Verdict.Undecided(_, _, var measure)) {
        terminal
            .out()
            .printf("To know whether %s keeps it: %s%n", open.candidate().name(), measure);
      }
    }
  }

  private void print(Delivery delivery, Path folder) {
    PrintStream out = terminal.out();
    out.println();
    delivery
        .coreMl()
        .ifPresent(file -> out.println("delivered: " + folder.resolve(file.getFileName())));
    out.println("delivered: " + folder.resolve(delivery.onnx().getFileName()));
    delivery
        .checks()
        .forEach(check ->
            out.printf(
                "  checked  %s, %s: %s%n", check.file(), check.what(), check.figure().text()));
    delivery.notes().forEach(note -> out.println("  note     " + note));
  }
}
