package dev.inward.cli;

import dev.inward.runtime.Engine;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/// Ctrl-C and its kin: the process ends in order, with 128 and the signal's number.
final class Interruption {
  /* Left to itself the JVM takes ONNX Runtime's environment down while other threads still run
   * models in it, and the process crashes instead of ending. */
  static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final List<String> SIGNALS = List.of("INT", "TERM", "HUP");

  private Interruption() {}

  static void watch(PrintStream err) {
    var begun = new AtomicBoolean();
    for (String name : SIGNALS) {
      try {
        Signal.handle(new Signal(name), signal -> end(signal, err, begun));
      } catch (IllegalArgumentException e) {
        // Not a signal of this system, or one that somebody has taken.
      }
    }
  }

  private static void end(Signal signal, PrintStream err, AtomicBoolean begun) {
    int code = 128 + signal.getNumber();
    if (begun.getAndSet(true)) {
      Runtime.getRuntime().halt(code); // asked twice
    }
    err.println("interrupted; what was there before is as it was");
    Engine.stop(PATIENCE);
    System.exit(code);
  }
}
