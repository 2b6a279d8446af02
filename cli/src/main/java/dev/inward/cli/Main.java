package dev.inward.cli;

import dev.inward.base.Refusal;
import dev.inward.runtime.Engine;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/// `inward VERB …`: parses, calls, and is the one place where what was thrown becomes a message and
/// an exit code.
@Command(
    name = "inward",
    description = "Fits a trained model into a device budget, and says why.",
    synopsisSubcommandLabel = "VERB",
    footer = {
      "",
      "inward VERB --help explains a verb, with an example.",
      "",
      "Exit codes:",
      "  0  done, and the budget kept     4    whether it is kept cannot be known",
      "  1  the budget broken             70   a fault of inward itself",
      "  2  wrong input                   130  interrupted",
      "  3  not supported"
    })
public final class Main implements Runnable {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Shows this help.")
  private boolean help;

  private final CommandLine commands;

  private Main(Terminal terminal) {
    commands =
        new CommandLine(this)
            .addSubcommand("new", new New(terminal))
            .addSubcommand("fit", new Fit(terminal))
            .addSubcommand("inspect", new Inspect(terminal))
            .addSubcommand("convert", new Convert(terminal))
            .addSubcommand("compress", new Compress(terminal))
            .addSubcommand("run", new Run(terminal))
            .addSubcommand("compare", new Compare(terminal))
            .addSubcommand("doctor", new Doctor(terminal))
            .setOut(new PrintWriter(terminal.out(), true))
            .setErr(new PrintWriter(terminal.err(), true))
            .setParameterExceptionHandler((e, _) -> misspelt(e))
            .setExecutionExceptionHandler((e, _, _) -> failed(terminal, e));
  }

  public static void main(String[] args) {
    var results = new Results(new FileOutputStream(FileDescriptor.out));
    var out = new PrintStream(results, false, StandardCharsets.UTF_8);
    var err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    Interruption.watch(err);
    boolean watched = Boolean.getBoolean("inward.watched");
    int code = run(new Terminal(out, err, watched, System.getenv()), args);
    out.flush();
    if (results.refused()) {
      err.println("the results cannot be written to the standard output: " + results.reason());
      code = Exit.WRONG.code;
    }
    Engine.stop(Interruption.PATIENCE);
    System.exit(code);
  }

  /// Runs one command; the result is its exit code. What went wrong is told on `err`.
  static int run(Terminal terminal, String... args) {
    try {
      return new Main(terminal).commands.execute(args);
    } catch (Throwable e) {
      return failed(terminal, e);
    }
  }

  /// `inward` alone.
  @Override
  public void run() {
    throw new ParameterException(commands, "Missing verb");
  }

  private static int misspelt(ParameterException e) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(e.getMessage());
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, err)
        && command.getParent() == null) {
      command.usage(err);
    }
    err.println(
        "  hint: " + command.getCommandSpec().qualifiedName() + " --help shows what it takes");
    return Exit.WRONG.code;
  }

  private static int failed(Terminal terminal, Throwable e) {
    PrintStream err = terminal.err();
    if (e instanceof Refusal refusal) {
      err.println(refusal.text());
      return refusal.exitCode();
    }
    err.println(
        """
        This is a fault of inward, not of what you gave it. Please report it as an issue of the project,
        with the command, the lines below, and what ./inward doctor prints.\
        """);
    e.printStackTrace(err);
    return Exit.BUG.code;
  }
}
