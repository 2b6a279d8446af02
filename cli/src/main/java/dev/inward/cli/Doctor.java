package dev.inward.cli;

import dev.inward.base.Json;
import dev.inward.base.Refusal;
import dev.inward.base.Unit;
import dev.inward.runtime.Engine;
import dev.inward.workbench.BundledModel;
import dev.inward.workbench.ModelCache;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `inward doctor`.
@Command(
    name = "doctor",
    description = "Says what is on this machine, what works, what is missing and what to do.",
    footer = {
      "",
      "JSON: works, findings[] of {name, state: ok | absent | broken, text, hint?}.",
      "",
      "Example: inward doctor"
    })
final class Doctor implements Callable<Integer> {
  // What a first fit writes: the model as it comes, in Maven's repository and in the cache, and
  // what
  // is made of it.
  private static final long ROOM = 1_000_000_000L;

  private enum State {
    OK,
    /// Not here, and nothing is wrong with that.
    ABSENT,
    /// Something will not work.
    BROKEN
  }

  private record Finding(String name, State state, String text, Optional<String> hint) {
    Finding(String name, State state, String text) {
      this(name, state, text, Optional.empty());
    }
  }

  private final Terminal terminal;

  @Option(names = "--json", description = "Prints JSON for machines.")
  private boolean json;

  Doctor(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    var findings = new ArrayList<Finding>(List.of(machine(), java(), engine(), maven()));
    try {
      var cache = ModelCache.of(terminal.environment());
      findings.add(place(cache.root()));
      BundledModel.ALL.forEach(model -> findings.add(model(model, cache)));
    } catch (Refusal e) {
      findings.add(new Finding("cache", State.BROKEN, e.what(), e.hint()));
    }
    boolean works = findings.stream().noneMatch(finding -> finding.state() == State.BROKEN);
    if (json) {
      terminal.print(
          Json.obj("works", works, "findings", findings.stream().map(Doctor::json).toList()));
    } else {
      findings.forEach(this::print);
    }
    return works ? Exit.KEPT.code : Exit.BROKEN.code;
  }

  private static Json json(Finding finding) {
    return Json.obj(
        "name", finding.name(),
        "state", finding.state(),
        "text", finding.text(),
        "hint", finding.hint());
  }

  private void print(Finding finding) {
    String state =
        switch (finding.state()) {
          case OK -> "ok";
          case ABSENT -> "-";
          case BROKEN -> "BROKEN";
        };
    terminal.out().printf("%-7s %-18s  %s%n", state, finding.name(), finding.text());
    finding.hint().ifPresent(hint -> terminal.out().printf("%28s%s%n", "hint: ", hint));
  }

  private static Finding machine() {
    return new Finding(
        "machine",
        State.OK,
        "%s %s, %d cores, up to %s of memory for inward"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                Unit.BYTES.text(Runtime.getRuntime().maxMemory())));
  }

  private static Finding java() {
    return new Finding(
        "java",
        State.OK,
        "%s (%s) in %s"
            .formatted(
                Runtime.version(),
                System.getProperty("java.vendor"),
                System.getProperty("java.home")));
  }

  private static Finding engine() {
    try {
      return new Finding("onnxruntime", State.OK, Engine.version() + " loads");
    } catch (Refusal e) {
      return new Finding("onnxruntime", State.BROKEN, e.what(), e.hint());
    }
  }

  private Finding maven() {
    String path = terminal.environment().getOrDefault("PATH", "");
    for (String folder : path.split(Pattern.quote(File.pathSeparator))) {
      for (String name : List.of("mvn", "mvn.cmd")) {
        Path command = Path.of(folder, name);
        if (Files.isExecutable(command) && !Files.isDirectory(command)) {
          return new Finding("maven", State.OK, command.toString());
        }
      }
    }
    return new Finding(
        "maven",
        State.BROKEN,
        "there is no mvn on the PATH: nothing can be built, no bundled model fetched",
        Optional.of("install Maven 3.8.7 or newer"));
  }

  private static Finding place(Path cache) {
    Path existing = cache;
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
      return new Finding(
          "cache",
          State.BROKEN,
          "%s cannot be written".formatted(cache),
          Optional.of("set INWARD_CACHE to a folder that can"));
    }
    try {
      long free = Files.getFileStore(existing).getUsableSpace();
      var hint =
          free < ROOM
              ? Optional.of("a first fit needs about " + Unit.BYTES.text(ROOM))
              : Optional.<String>empty();
      return new Finding(
          "cache",
          free < ROOM ? State.BROKEN : State.OK,
          "%s, %s free".formatted(cache, Unit.BYTES.text(free)),
          hint);
    } catch (IOException e) {
      return new Finding("cache", State.BROKEN, cache + ": " + e.getMessage());
    }
  }

  private static Finding model(BundledModel model, ModelCache cache) {
    return cache
        .present(model)
        .map(here ->
            new Finding(model.name(), State.OK, model.about() + ", in " + here.model().getParent()))
        .orElseGet(() ->
            new Finding(
                model.name(),
                State.ABSENT,
                "%s: not here yet, its first use downloads %s"
                    .formatted(model.about(), Unit.BYTES.text(model.downloadBytes()))));
  }
}
