package dev.inward.cli;

import dev.inward.base.InputException;
import dev.inward.base.Replacement;
import dev.inward.device.Device;
import dev.inward.graph.Graph;
import dev.inward.planning.Budget;
import dev.inward.planning.BudgetFile;
import dev.inward.planning.BudgetText;
import dev.inward.workbench.Draft;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `inward new`.
@Command(
    name = "new",
    description = {
      "Drafts a budget file for a model and a device: every line with its reason, the largest size",
      "that the device suggests, a guess for every shape that the model leaves open."
    },
    footer = {"", "Example: inward new model.onnx --device \"iPhone 13\" --test photos/test"})
final class New implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(paramLabel = "MODEL", description = "An .onnx, an .mlpackage, or a bundled name.")
  private String model = "";

  @Option(
      names = "--device",
      required = true,
      paramLabel = "NAME",
      description = "The oldest phone that must pass. Several are a fleet.")
  private List<String> devices = new ArrayList<>();

  @Option(
      names = "--test",
      paramLabel = "PATH",
      description = "Held-out data: text lines, images in folders by label, or .npy.")
  private Optional<Path> test = Optional.empty();

  @Option(
      names = "--calibrate",
      paramLabel = "PATH",
      description = "Data that ranges may be learnt from; with --test.")
  private Optional<Path> calibrate = Optional.empty();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      defaultValue = "budget.yaml",
      description = "Where to; budget.yaml in the current folder where it is not said.")
  private Path out = Path.of("budget.yaml");

  @Option(names = "--force", description = "Replaces a file that is there.")
  private boolean force;

  New(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    List<Device> where = devices.stream().map(Device::named).toList();
    if (calibrate.isPresent() && test.isEmpty()) {
      throw InputException.at("--calibrate", "needs held-out data beside it")
          .hint("name that with --test");
    }
    if (Files.isDirectory(out)) {
      throw InputException.at(out.toString(), "is a folder, expected the name of a file");
    }
    if (Files.exists(out) && !force) {
      throw InputException.at(out.toString(), "is there already")
          .hint("give another name with -o, or --force to replace it");
    }
    var name = new ModelName(model);
    Budget.Model kind = name.model();
    Graph graph = name.graph(terminal, java.util.Map.of());
    Path folder = Optional.ofNullable(out.toAbsolutePath().normalize().getParent()).orElse(out);
    String text =
        BudgetText.of(Draft.of(kind, graph, name.usual(terminal), where, calibrate, test), folder);
    BudgetFile.parse(text, out.toString(), folder, ModelName.bundled());
    Replacement.of(out, beside -> Files.writeString(beside, text));
    terminal.out().print(text);
    terminal
        .out()
        .printf("%nwritten to %s: change what is not so, then: inward fit %s%n", out, out);
    return Exit.KEPT.code;
  }
}
