package dev.inward.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The expected ids are read off this vocabulary by hand.
final class WordPieceTest {
  /// In this order: ids 0 to 4 the special pieces, 5 `un`, 6 `##aff`, and so on.
  private static final String VOCABULARY =
      """
      [PAD]
      [UNK]
      [CLS]
      [SEP]
      [MASK]
      un
      ##aff
      ##able
      ##a
      cafe
      ##s
      中
      国
      ,
      !
      1
      ##9
      '
      d
      \u00b6
      $
      """;

  private static final int CLS = 2;
  private static final int SEP = 3;

  @TempDir Path folder;

  private WordPiece small() throws IOException {
    return WordPiece.read(Files.writeString(folder.resolve("vocab.txt"), VOCABULARY));
  }

  private long[] idsOf(String text) throws IOException {
    return small().encode(text, 64).ids();
  }

  @Test
  void word_isCutIntoTheLongestPieces() throws IOException {
    assertThat(idsOf("unaffable una")).containsExactly(CLS, 5, 6, 7, 5, 8, SEP);
  }

  @Test
  void wordWithARestThatIsNoPiece_isUnknownAsAWhole() throws IOException {
    assertThat(idsOf("unaffx un")).containsExactly(CLS, 1, 5, SEP);
  }

  @Test
  void accentsAndCase_areFolded() throws IOException {
    assertThat(idsOf("CAFÉS cafe\u0301")).containsExactly(CLS, 9, 10, 9, SEP);
  }

  @Test
  void chineseCharacters_areWordsOfTheirOwn() throws IOException {
    assertThat(idsOf("中国un")).containsExactly(CLS, 11, 12, 5, SEP);
  }

  @Test
  void punctuation_isCutOffOneByOne() throws IOException {
    assertThat(idsOf("un,!!'d$")).containsExactly(CLS, 5, 13, 14, 14, 17, 18, 20, SEP);
  }

  @Test
  void nonAsciiSymbolThatIsPunctuation_isCutOff() throws IOException {
    assertThat(idsOf("un¶un")).containsExactly(CLS, 5, 19, 5, SEP);
  }

  @Test
  void numbers_areCutLikeWords() throws IOException {
    assertThat(idsOf("19 1999")).containsExactly(CLS, 15, 16, 15, 16, 16, 16, SEP);
  }

  @Test
  void controlCharacters_areDropped_butTabsAndBreaksPart() throws IOException {
    assertThat(idsOf("u\u0000n\tun\u200b\n\u00adun\ufffd")).containsExactly(CLS, 5, 5, 5, SEP);
  }

  @Test
  void surrogates_areOneUnknownWord_andALoneOneIsDropped() throws IOException {
    assertThat(idsOf("🙂👍🏽 un")).containsExactly(CLS, 1, 5, SEP);
    assertThat(idsOf("u\ud83dn")).containsExactly(CLS, 5, SEP);
  }

  @ParameterizedTest
  @CsvSource({"100, 50", "101, 1"})
  void wordOverAHundredCharacters_isUnknown(int length, int pieces) throws IOException {
    String word = "1" + "9".repeat(length - 1);
    assertThat(idsOf(word).length).isEqualTo(length == 100 ? 64 : 2 + pieces);
    assertThat(idsOf(word)[1]).isEqualTo(length == 100 ? 15 : 1);
  }

  @ParameterizedTest
  @CsvSource({"''", "'   '"})
  void emptyText_isTheTemplateAlone(String text) throws IOException {
    assertThat(idsOf(text)).containsExactly(CLS, SEP);
  }

  @Test
  void specialPiecesInTheText_areTakenAsThemselves() throws IOException {
    assertThat(idsOf("un[MASK]un[SEP]")).containsExactly(CLS, 5, 4, 5, 3, SEP);
  }

  @Test
  void longText_isCutInsideTheTemplate() throws IOException {
    Tokens tokens = small().encode("un un un un", 4);
    assertThat(tokens.ids()).containsExactly(CLS, 5, 5, SEP);
    assertThat(tokens.mask()).containsExactly(1, 1, 1, 1);
  }

  @Test
  void padding_goesToTheRightAndIsMasked() throws IOException {
    WordPiece tokenizer = small();
    Tokens tokens = tokenizer.pad(tokenizer.encode("un", 64), 5);
    assertThat(tokens.ids()).containsExactly(CLS, 5, SEP, 0, 0);
    assertThat(tokens.mask()).containsExactly(1, 1, 1, 0, 0);
    assertThat(tokens.types()).containsExactly(0, 0, 0, 0, 0);
  }

  @Test
  void twoTexts_haveTypes_andTheLongerLosesFirst() throws IOException {
    Tokens whole = small().encode("un", "cafe cafes", 64);
    assertThat(whole.ids()).containsExactly(CLS, 5, SEP, 9, 9, 10, SEP);
    assertThat(whole.types()).containsExactly(0, 0, 0, 1, 1, 1, 1);

    assertThat(small().encode("un un un un", "cafe", 6).ids())
        .containsExactly(CLS, 5, 5, SEP, 9, SEP);
    assertThat(small().encode("un un un un", "cafe cafe cafe", 6).ids())
        .containsExactly(CLS, 5, 5, SEP, 9, SEP);
  }

  @Test
  void roomForLessThanTheTemplate_isRefused() throws IOException {
    WordPiece tokenizer = small();
    assertThatThrownBy(() -> tokenizer.encode("un", 1))
        .isInstanceOf(InputException.class)
        .hasMessage("a text is to be cut to 1 pieces, but the template alone has 2");
  }

  @Test
  @Timeout(20)
  void nastyText_takesLinearTime() throws IOException {
    WordPiece tokenizer = small();
    String marks = "\u0301\u0323".repeat(500_000);
    String pieces = ("1" + "9".repeat(98) + " ").repeat(10_000);
    String oneWord = "9".repeat(1_000_000);
    long start = System.nanoTime();
    assertThat(tokenizer.encode(marks, 8).ids()).containsExactly(CLS, SEP);
    assertThat(tokenizer.encode(pieces, 2_000_000).length()).isEqualTo(990_002);
    assertThat(tokenizer.encode(oneWord, 8).ids()).containsExactly(CLS, 1, SEP);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void vocabularyWithCapitals_keepsCaseAndAccents() throws IOException {
    Path file = Files.writeString(folder.resolve("vocab.txt"), VOCABULARY + "Un\ncafé\n");
    assertThat(WordPiece.read(file).encode("Un un café cafe", 64).ids())
        .containsExactly(CLS, 21, 5, 22, 9, SEP);
  }

  @Test
  void vocabularyWithAPieceTwice_namesTheLine() throws IOException {
    Path file = Files.writeString(folder.resolve("vocab.txt"), VOCABULARY + "un\n");
    assertThatThrownBy(() -> WordPiece.read(file))
        .isInstanceOf(InputException.class)
        .hasMessage(file + ":22: piece 'un' is there a second time");
  }

  @Test
  void missingFile_isNamed() {
    Path file = folder.resolve("none.json");
    assertThatThrownBy(() -> WordPiece.read(file))
        .isInstanceOf(InputException.class)
        .hasMessage(file + ": there is no such file");
  }

  private static final String JSON =
      """
      {"added_tokens": [{"id": 0, "content": "[U]", "normalized": false}],
       "normalizer": {"type": "BertNormalizer", "lowercase": true, "strip_accents": null},
       "pre_tokenizer": {"type": "BertPreTokenizer"},
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<s>", "type_id": 1}},
                  {"Sequence": {"id": "B", "type_id": 1}}]},
       "padding": {"pad_id": 7},
       "model": {"type": "WordPiece", "unk_token": "[U]", "continuing_subword_prefix": "~",
         "max_input_chars_per_word": 4,
         "vocab": {"[U]": 0, "<s>": 9, "a": 1, "~b": 2}}}
      """;

  private static WordPiece json(String text) {
    return WordPiece.readJson(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "tokenizer.json");
  }

  @Test
  void json_statesPrefixTemplateAndLimits() {
    WordPiece tokenizer = json(JSON);
    assertThat(tokenizer.encode("Äb abbbb", 64).ids()).containsExactly(9, 1, 2, 0);
    assertThat(tokenizer.encode("a", "ab", 64).ids()).containsExactly(1, 9, 1, 2);
    assertThat(tokenizer.encode("a", "ab", 64).types()).containsExactly(0, 1, 1, 1);
    assertThat(tokenizer.pad(tokenizer.encode("a", 64), 3).ids()).containsExactly(9, 1, 7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"vocab\" | \"words\" | model.vocab is missing",
        "\"unk_token\": \"[U]\" | \"unk_token\": \"?\" | model.unk_token names the piece '?', which the vocabulary lacks",
        "\"~b\": 2 | \"~b\": -2 | model.vocab['~b'] is to be a whole number from 0 to 2147483647, got -2",
        "\"~b\": 2 | \"~b\": 2.5 | model.vocab['~b'] is to be a whole number from 0 to 2147483647, got 2.5",
        "\"id\": \"B\" | \"id\": \"A\" | post_processor.pair is to name each of its 2 texts once, in order",
        "_word\": 4 | _word\": 99999 | model.max_input_chars_per_word is to be a whole number from 0 to 10000, got 99999",
      })
  void damagedJson_isRefusedByName(String from, String to, String message) {
    assertThat(JSON).contains(from);
    assertThatThrownBy(() -> json(JSON.replace(from, to)))
        .isInstanceOf(InputException.class)
        .hasMessage("tokenizer.json: " + message);
  }

  @Test
  void cutJson_isRefusedWithItsPlace() {
    assertThatThrownBy(() -> json(JSON.substring(0, JSON.length() / 2)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("tokenizer.json:")
        .hasMessageContaining("no JSON");
  }

  @Test
  void anotherKindOfTokenizer_isNotSupported() {
    assertThatThrownBy(() -> json(JSON.replace("\"WordPiece\"", "\"BPE\"")))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("tokenizer.json: model is of type BPE; the one that is supported is WordPiece");
  }
}
