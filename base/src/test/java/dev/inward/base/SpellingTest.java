package dev.inward.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SpellingTest {
  private static final List<String> KEYS = List.of("size", "latency", "energy", "memory");

  @ParameterizedTest
  @CsvSource({
    "size, size, 0",
    "sise, size, 1",
    "lateny, latency, 1",
    "latnecy, latency, 1",
    "'', abc, 3",
    "kitten, sitting, 3",
  })
  void distance_countsSlips(String a, String b, int slips) {
    assertThat(Spelling.distance(a, b)).isEqualTo(slips);
    assertThat(Spelling.distance(b, a)).isEqualTo(slips);
  }

  @Test
  void slip_findsTheKnownWord() {
    assertThat(Spelling.nearest("LATENY", KEYS)).contains("latency");
    assertThat(Spelling.hint("enrgy", KEYS)).isEqualTo("did you mean 'energy'?");
  }

  @Test
  void wordFarFromAll_listsThem() {
    assertThat(Spelling.nearest("xyzzy", KEYS)).isEmpty();
    assertThat(Spelling.hint("xyzzy", KEYS)).isEqualTo("known: size, latency, energy, memory");
  }

  @Test
  void endlessWord_isNotCompared() {
    assertThat(Spelling.nearest("size".repeat(1_000_000), KEYS)).isEmpty();
  }
}
