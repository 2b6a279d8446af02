package dev.inward.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What `fuzz/run` starts: the fuzzer calls [#fuzzerTestOneInput] with bytes that it makes up, of
/// the target that the system property `inward.fuzz` names.
public final class Fuzzing {
  private static final Target TARGET =
      Target.valueOf(System.getProperty("inward.fuzz", "onnx").toUpperCase(Locale.ROOT));

  private Fuzzing() {}

  /// One run.
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    TARGET.survive(bytes);
  }

  /// Writes the seeds and findings of a target into a folder, for the fuzzer to start from.
  ///
  /// @param arguments the target and the folder
  public static void main(String[] arguments) throws IOException {
    Target target = Target.valueOf(arguments[0].toUpperCase(Locale.ROOT));
    Path folder = Files.createDirectories(Path.of(arguments[1]));
    for (var seed : Seeds.of(target).entrySet()) {
      Files.write(folder.resolve("seed-" + seed.getKey()), seed.getValue());
    }
    for (var finding : Findings.of(target).entrySet()) {
      Files.write(folder.resolve("finding-" + finding.getKey()), finding.getValue());
    }
  }
}
