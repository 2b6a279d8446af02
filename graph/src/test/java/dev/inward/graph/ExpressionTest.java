package dev.inward.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class ExpressionTest {
  private static Expression of(String text) {
    return Expression.of(Dim.of(text));
  }

  @Test
  void sumsOfProducts_areCanonical() {
    assertThat(of("b + a")).isEqualTo(of("a + b")).hasToString("a + b");
    assertThat(of("2*seq + 3*seq - 1")).hasToString("5*seq - 1");
    assertThat(of("(a + b)*(a - b)")).hasToString("a*a - b*b");
    assertThat(of("seq - seq").constant()).hasValue(0);
    assertThat(of("past_length + 1").plus(-1)).hasToString("past_length");
    assertThat(of("a+b")).isEqualTo(of("a + b"));
  }

  @Test
  void namesThatAreNoExpressions_areSymbols() {
    assertThat(of("batch-size").times(2)).hasToString("2*batch-size");
    assertThat(of("s0//2").times(2)).hasToString("2*'s0//2'");
    assertThat(of("2*'s0//2'")).isEqualTo(of("s0//2").times(2));
    assertThat(of("((((").plus(1)).hasToString("'((((' + 1");
    assertThat(of("it's (").plus(of("it's ("))).isEqualTo(of("2*'it''s ('"));
    assertThat(of("(".repeat(500))).hasToString("(".repeat(500));
    assertThat(of("floor(".repeat(100) + "a" + "/2)".repeat(100)).times(3).toString())
        .startsWith("3*");
  }

  @Test
  void floors_areBroughtTogether() {
    assertThat(of("4*s + 3").floorDividedBy(2)).hasToString("2*s + 1");
    assertThat(of("6*s + 5").floorDividedBy(4)).hasToString("floor(s/2) + s + 1");
    assertThat(of("s").floorDividedBy(2).floorDividedBy(3)).hasToString("floor(s/6)");
    assertThat(of("s").plus(-1).floorDividedBy(2).plus(1)).hasToString("floor((s + 1)/2)");
    assertThat(of("floor(s/2)").floorDividedBy(2)).hasToString("floor(s/4)");
  }

  @Test
  void division_isExactOrNot() {
    assertThat(of("b*s*768").dividedBy(of("b*384"))).contains(of("2*s"));
    assertThat(of("(a + b)*64*n").dividedBy(of("a + b"))).contains(of("64*n"));
    assertThat(of("a*3").dividedBy(of("2"))).isEmpty();
    assertThat(of("a").dividedBy(Expression.ZERO)).isEmpty();
  }

  @Test
  void leastAndLargest_areKnownWhereSymbolsDoNotMatter() {
    assertThat(Expression.min(of("s"), of("s + 1"))).hasToString("s");
    assertThat(Expression.max(of("s"), Expression.ONE)).hasToString("s");
    assertThat(Expression.min(of("s"), Expression.of(512))).hasToString("min(512, s)");
    assertThat(Expression.max(of("t"), of("s"))).hasToString("max(s, t)");
    assertThat(of("s - t").isAtLeast(0)).isFalse();
    assertThat(of("2*s - 2").isAtLeast(0)).isTrue();
    assertThat(of("2*s - 3").isAtLeast(0)).isFalse();
  }

  @Test
  void numbersThatOverflow_areRefused() {
    assertThatThrownBy(() -> of("s").times(Long.MAX_VALUE).times(2))
        .isInstanceOf(ArithmeticException.class);
  }

  /// Random expressions against their values with numbers for the symbols.
  @RepeatedTest(200)
  void arithmetic_agreesWithNumbers(RepetitionInfo repetition) {
    int seed = repetition.getCurrentRepetition();
    var random = new Random(seed);
    Map<String, Long> numbers = new HashMap<>();
    numbers.put("a", random.nextLong(1, 50));
    numbers.put("b", random.nextLong(1, 50));
    numbers.put("c", random.nextLong(1, 50));
    var symbolic = of("a");
    long value = numbers.getOrDefault("a", 0L);
    for (int step = 0; step < 6; step++) {
      String name = Character.toString('a' + random.nextInt(3));
      long number = random.nextLong(1, 6);
      switch (random.nextInt(6)) {
        case 0 -> {
          symbolic = symbolic.plus(of(name));
          value += numbers.getOrDefault(name, 0L);
        }
        case 1 -> {
          symbolic = symbolic.times(number);
          value *= number;
        }
        case 2 -> {
          symbolic = symbolic.plus(number);
          value += number;
        }
        case 3 -> {
          symbolic = symbolic.floorDividedBy(number);
          value = Math.floorDiv(value, number);
        }
        case 4 -> {
          symbolic = symbolic.ceilDividedBy(number);
          value = -Math.floorDiv(-value, number);
        }
        default -> {
          symbolic = Expression.min(symbolic, of(name));
          value = Math.min(value, numbers.getOrDefault(name, 0L));
        }
      }
      // Reading the text again gives the same value, and so the same text.
      assertThat(of(symbolic.toString())).as("seed %d: %s", seed, symbolic).isEqualTo(symbolic);
    }

    assertThat(ExpressionValue.of(symbolic.toString(), numbers))
        .as("seed %d: %s for %s", seed, symbolic, numbers)
        .isEqualTo(value);
  }
}
