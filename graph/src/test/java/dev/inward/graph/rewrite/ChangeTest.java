package dev.inward.graph.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChangeTest {
  @Test
  void constants_keepTheirOrder_soThatEveryRunWritesTheSameFile() {
    var constants = new LinkedHashMap<String, Tensor>();
    for (int i = 0; i < 100; i++) {
      constants.put("c" + i, Tensor.scalar(i));
    }
    var change = new Rewrite.Change(List.of(), constants, List.of());
    assertThat(change.constants().keySet()).containsExactlyElementsOf(constants.keySet());
  }
}
