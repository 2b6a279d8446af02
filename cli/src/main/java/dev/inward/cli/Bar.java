package dev.inward.cli;

import dev.inward.base.Progress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/// One line that is rewritten as work gets on and is gone when the work is done:
///
/// ```text
/// calibrating  [##########..........]  50 %  12 s left
/// ```
final class Bar implements Progress, AutoCloseable {
  private static final int WIDTH = 20;
  private static final long PAUSE_NANOS = 100_000_000;
  private static final double NANOS_PER_SECOND = 1e9;

  private final PrintStream err;
  private final LongSupplier nanoClock;
  private String stage = "";
  private long stageBegan;
  private long drawn;
  private boolean visible;

  Bar(PrintStream err) {
    this(err, System::nanoTime);
  }

  Bar(PrintStream err, LongSupplier nanoClock) {
    this.err = err;
    this.nanoClock = nanoClock;
  }

  @Override
  public synchronized void at(String newStage, long done, long total) {
    long now = nanoClock.getAsLong();
    boolean begins = !newStage.equals(stage);
    if (begins) {
      stage = newStage;
      stageBegan = now;
    } else if (now - drawn < PAUSE_NANOS) {
      return;
    }
    drawn = now;
    visible = true;
    err.print("\r" + text(done, total, (now - stageBegan) / NANOS_PER_SECOND) + "\033[K");
    err.flush();
  }

  private String text(long done, long total, double seconds) {
    if (total <= 0) {
      return seconds < 1 ? stage + " ..." : "%s ... %.0f s".formatted(stage, seconds);
    }
    double share = Math.clamp((double) done / total, 0, 1);
    int filled = (int) (share * WIDTH);
    String left =
        share > 0 && share < 1 && seconds > 2
            ? String.format(Locale.ROOT, "  %.0f s left", seconds * (1 - share) / share)
            : "";
    return String.format(
        Locale.ROOT,
        "%s  [%s%s]  %.0f %%%s",
        stage,
        "#".repeat(filled),
        ".".repeat(WIDTH - filled),
        Math.floor(share * 100),
        left);
  }

  /// Takes the line away.
  @Override
  public synchronized void close() {
    if (visible) {
      err.print("\r\033[K");
      err.flush();
      visible = false;
    }
  }
}
