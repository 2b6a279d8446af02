package dev.inward.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/// The standard output, which remembers that it could not be written: a [java.io.PrintStream] would
/// say nothing of a full disk.
final class Results extends FilterOutputStream {
  private Optional<IOException> fault = Optional.empty();

  Results(OutputStream out) {
    super(out);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    try {
      out.write(bytes, from, length);
    } catch (IOException e) {
      fault = fault.or(() -> Optional.of(e));
      throw e;
    }
  }

  /// Whether something was lost, other than by a reader that had seen enough (`| head`).
  boolean refused() {
    return fault.isPresent() && !reason().contains("Broken pipe");
  }

  String reason() {
    return fault.map(e -> String.valueOf(e.getMessage())).orElse("");
  }
}
