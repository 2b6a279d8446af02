package dev.inward.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// The tokenizer of the sentence encoder example. The expected ids are those of the Python library
/// `tokenizers`, 0.23.2, for the same file.
final class MiniLmTokenizerTest {
  private final WordPiece tokenizer;

  MiniLmTokenizerTest() throws IOException {
    String name = "/all-minilm-l6-v2-q-tokenizer.json";
    try (var in = Objects.requireNonNull(getClass().getResourceAsStream(name))) {
      tokenizer = WordPiece.readJson(in, name);
    }
  }

  private void check(String text, long... ids) {
    long[] whole =
        LongStream.concat(
                LongStream.concat(LongStream.of(101), LongStream.of(ids)), LongStream.of(102))
            .toArray();
    assertThat(tokenizer.encode(text, 256).ids()).as(text).containsExactly(whole);
  }

  @Test
  void vocabulary_isThatOfBert() {
    assertThat(tokenizer.vocabularySize()).isEqualTo(30_522);
  }

  @Test
  void plainText_hasTheKnownPieces() {
    check("unaffable embeddings", 14477, 20961, 3468, 7861, 8270, 4667, 2015);
    check("In 1984 it cost $3,141.59", 1999, 3118, 2009, 3465, 1002, 1017, 1010, 15471, 1012, 5354);
    check("don't o'clock", 2123, 1005, 1056, 1051, 1005, 5119);
  }

  @Test
  void accents_areFolded_butLettersOfTheirOwnStay() {
    check(
        "Crème brûlée à la façon de Łódź",
        13675,
        21382,
        7987,
        9307,
        2063,
        1037,
        2474,
        6904,
        8663,
        2139,
        17814);
    check("e\u0301te\u0301", 3802, 2063);
    check("İSTANBUL ΣΑΣ", 9960, 1173, 14608, 29733);
    check("ﬁne ½ ①", 1984, 2638, 1092, 100);
  }

  @Test
  void scriptsOfTheEast_areCutAsBertCutsThem() {
    check("北京 is 中文abc", 1781, 1755, 2003, 1746, 1861, 5925);
    check(
        "한국어 ひらがな",
        1469,
        30006,
        30021,
        29991,
        30014,
        30020,
        29999,
        30008,
        1673,
        30211,
        30177,
        30193);
  }

  @Test
  void punctuationRuns_areSinglePieces() {
    check(
        "Wait... what?!! (no)--yes",
        3524,
        1012,
        1012,
        1012,
        2054,
        1029,
        999,
        999,
        1006,
        2053,
        1007,
        1011,
        1011,
        2748);
  }

  @Test
  void symbolsAndControls_areUnknownOrDropped() {
    check("snow☃man ☃", 100, 100);
    check("I ♥ 🙂👍🏽!", 1045, 1625, 100, 999);
    check("tab\there\u0000nul\u200bzero\u00adsoft", 21628, 2182, 11231, 23858, 27360, 15794);
    check("x\u2028y\u00a0z\ufffdw", 1060, 1061, 1062, 2860);
    check("[CLS] x [MASK]y[SEP]", 101, 1060, 103, 1061, 102);
  }

  @Test
  void longWord_isCutUpToAHundredCharacters() {
    check("a".repeat(101), 100);
    assertThat(tokenizer.encode("a".repeat(100), 256).ids())
        .startsWith(101, 13360, 11057, 11057)
        .endsWith(11057, 2050, 102)
        .hasSize(52);
  }

  @Test
  void twoTexts_haveTheTypesOfTheFile() {
    Tokens tokens = tokenizer.encode("first text here", "second", 256);
    assertThat(tokens.ids()).containsExactly(101, 2034, 3793, 2182, 102, 2117, 102);
    assertThat(tokens.types()).containsExactly(0, 0, 0, 0, 0, 1, 1);
  }
}
