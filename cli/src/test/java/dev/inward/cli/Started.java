package dev.inward.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// What a command left behind.
record Started(int code, String out, String err) {

  /// Runs a command in this process, with no one watching.
  static Started inward(Map<String, String> environment, String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int code;
    try (var outPrinter = new PrintStream(out, true, StandardCharsets.UTF_8);
        var errPrinter = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      code = Main.run(new Terminal(outPrinter, errPrinter, false, environment), args);
    }
    return new Started(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
