package dev.inward.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// One run of `./inward` as a person starts it: from the start of the shell script to its end.
///
/// @param processorSeconds of all processors, by the user's code and the system's
/// @param peakBytes the most memory that was resident; empty where there is no `/proc`
/// @param said on both streams
record Command(
    double seconds, double processorSeconds, OptionalLong peakBytes, int exit, String said) {
  private static final int LOOK_EVERY_MS = 2;

  /// Runs it in the root of the checkout, without building first.
  ///
  /// @throws IllegalStateException where it ends with anything but 0
  static Command inward(String... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("./inward"));
    line.addAll(List.of(arguments));
    Path out = Files.createTempFile("inward-bench", ".txt");
    var builder = new ProcessBuilder(line).redirectOutput(out.toFile()).redirectErrorStream(true);
    builder.environment().put("INWARD_BUILD", "no");
    long start = System.nanoTime();
    Process process = builder.start();
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    OptionalLong peak = OptionalLong.empty();
    // The launcher becomes the JVM (exec), so that one process is all there is to watch.
    Duration processor = Duration.ZERO;
    while (!process.waitFor(Duration.ofMillis(LOOK_EVERY_MS))) {
      OptionalLong seen = peak(status);
      peak = seen.isPresent() ? seen : peak;
      processor = process.info().totalCpuDuration().orElse(processor);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    int exit = process.exitValue();
    String said = Files.readString(out);
    Files.delete(out);
    if (exit != 0) {
      throw new IllegalStateException(line + " ended with " + exit + ":\n" + said);
    }
    return new Command(seconds, processor.toMillis() / 1e3, peak, exit, said);
  }

  private static OptionalLong peak(Path status) {
    try {
      Optional<String> line =
          Files.readAllLines(status).stream().filter(l -> l.startsWith("VmHWM:")).findFirst();
      return line.isEmpty()
          ? OptionalLong.empty()
          : OptionalLong.of(1024 * Long.parseLong(line.get().replaceAll("\\D", "")));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /// The peak in MB, or `-`.
  String peakText() {
    return peakBytes.isPresent() ? Math.round(peakBytes.getAsLong() / 1e6) + " MB" : "-";
  }
}
