package dev.inward.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class JsonTest {
  @Test
  void document_survivesARoundTrip() {
    var document =
        Json.obj("a", 1, "b", List.of("x", true, 2.5), "c", Json.obj("d", new Json.Null()));

    assertThat(Json.parse(document.pretty(), "t").compact())
        .isEqualTo("{\"a\":1,\"b\":[\"x\",true,2.5],\"c\":{\"d\":null}}");
    assertThat(Json.parse(document.compact(), "t")).isEqualTo(Json.parse(document.pretty(), "t"));
  }

  @Test
  void brokenDocument_isRefusedWithLineAndColumn() {
    assertThatThrownBy(() -> Json.parse("{\n  \"a\": }", "vocab.json"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("vocab.json:2:8: no JSON: ");
  }

  @Test
  void textAfterTheEnd_isRefused() {
    assertThatThrownBy(() -> Json.parse("1 2", "t"))
        .hasMessage("t: no JSON: more text after the end of the document");
  }
}
