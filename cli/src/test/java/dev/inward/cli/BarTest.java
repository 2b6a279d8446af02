package dev.inward.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class BarTest {
  private static final long SECOND = 1_000_000_000;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final AtomicLong clock = new AtomicLong();

  @Test
  void bar_showsShareAndTimeLeft_andIsGoneAtTheEnd() {
    try (var bar = new Bar(err, clock::get)) {
      bar.at("calibrating", 0, 200);
      clock.addAndGet(4 * SECOND);
      bar.at("calibrating", 50, 200);
    }
    assertThat(lines())
        .containsExactly(
            "",
            "calibrating  [....................]  0 %\033[K",
            "calibrating  [#####...............]  25 %  12 s left\033[K",
            "\033[K");
  }

  @Test
  void steps_areDrawnTenTimesASecondAtMost() {
    try (var bar = new Bar(err, clock::get)) {
      for (int done = 0; done < 1000; done++) {
        bar.at("writing", done, 1000);
        clock.addAndGet(SECOND / 1000);
      }
    }
    assertThat(lines()).hasSize(12);
  }

  @Test
  void unknownTotal_showsTheTimeSpent() {
    try (var bar = new Bar(err, clock::get)) {
      bar.at("fetching", 0, 0);
      clock.addAndGet(7 * SECOND);
      bar.at("fetching", 1, 0);
    }
    assertThat(lines()).containsSequence("fetching ...\033[K", "fetching ... 7 s\033[K");
  }

  @Test
  void unwatched_isSilent() {
    var terminal = new Terminal(err, err, false, Map.of());
    String result =
        terminal.watch(progress -> {
          progress.at("fetching", 1, 2);
          return "done";
        });
    assertThat(result).isEqualTo("done");
    assertThat(bytes.size()).isZero();
  }

  private String[] lines() {
    return bytes.toString(StandardCharsets.UTF_8).split("\r");
  }
}
