package dev.inward.data;

import java.text.Normalizer;
import java.util.function.Consumer;

/// How BERT cleans a text and cuts it into words, before words are cut into pieces.
///
/// Source: Devlin et al., NAACL 2019 (`BasicTokenizer` of its published code), in the form of
/// Hugging Face's `BertNormalizer` and `BertPreTokenizer`. Character classes are those of this
/// JDK's Unicode version.
///
/// @param cleanText drop control characters and make every white space a blank
/// @param splitChinese make every Chinese character a word of its own
/// @param stripAccents decompose and drop non-spacing marks
record BertText(boolean cleanText, boolean splitChinese, boolean stripAccents, boolean lowercase) {

  /// Hands each word of `text[from, to)` on. The builder is reused: its content holds during the
  /// call only.
  void words(CharSequence text, int from, int to, Consumer<StringBuilder> words) {
    var word = new StringBuilder();
    for (int i = from; i < to; ) {
      int point = Character.codePointAt(text, i);
      i += Character.charCount(point);
      if (point < 0x80) {
        place(lowercase ? Character.toLowerCase(point) : point, word, words);
      } else if (cleanText && dropped(point)) {
        continue;
      } else if (splitChinese && chinese(point)) {
        end(word, words);
        foldInto(point, word, words);
        end(word, words);
      } else {
        foldInto(point, word, words);
      }
    }
    end(word, words);
  }

  /// Accents off and lower case, a code point at a time: marks that a decomposition leaves are
  /// dropped, so their canonical order does not matter, and no run of marks costs more than its
  /// length.
  private void foldInto(int point, StringBuilder word, Consumer<StringBuilder> words) {
    if (!stripAccents) {
      lower(point, word, words);
      return;
    }
    if (Character.getType(point) == Character.NON_SPACING_MARK) {
      return;
    }
    String single = Character.toString(point);
    if (Normalizer.isNormalized(single, Normalizer.Form.NFD)) {
      lower(point, word, words);
      return;
    }
    Normalizer.normalize(single, Normalizer.Form.NFD)
        .codePoints()
        .filter(part -> Character.getType(part) != Character.NON_SPACING_MARK)
        .forEach(part -> lower(part, word, words));
  }

  private void lower(int point, StringBuilder word, Consumer<StringBuilder> words) {
    if (lowercase && point == 'İ') {
      place('i', word, words);
      place('\u0307', word, words);
    } else {
      place(lowercase ? Character.toLowerCase(point) : point, word, words);
    }
  }

  private void place(int point, StringBuilder word, Consumer<StringBuilder> words) {
    if (whitespace(point)) {
      end(word, words);
    } else if (cleanText && dropped(point)) {
      return;
    } else if (punctuation(point)) {
      end(word, words);
      word.appendCodePoint(point);
      end(word, words);
    } else {
      word.appendCodePoint(point);
    }
  }

  private static void end(StringBuilder word, Consumer<StringBuilder> words) {
    if (!word.isEmpty()) {
      words.accept(word);
      word.setLength(0);
    }
  }

  private boolean whitespace(int point) {
    return point == '\t'
        || point == '\n'
        || point == '\r'
        || Character.isSpaceChar(point)
        || (!cleanText && (point == 0x0B || point == 0x0C || point == 0x85));
  }

  private static boolean dropped(int point) {
    if (point == '\t' || point == '\n' || point == '\r') {
      return false;
    }
    return point == 0xFFFD
        || switch (Character.getType(point)) {
          case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE ->
              true;
          default -> false;
        };
  }

  private static boolean punctuation(int point) {
    if (point < 0x80) {
      return point > ' ' && point < 0x7F && !Character.isLetterOrDigit(point);
    }
    return switch (Character.getType(point)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }

  /// The blocks of Chinese characters that BERT names; kana and hangul are words like any other.
  private static boolean chinese(int point) {
    return (point >= 0x4E00 && point <= 0x9FFF)
        || (point >= 0x3400 && point <= 0x4DBF)
        || (point >= 0x20000 && point <= 0x2A6DF)
        || (point >= 0x2A700 && point <= 0x2B73F)
        || (point >= 0x2B740 && point <= 0x2B81F)
        || (point >= 0x2B920 && point <= 0x2CEAF)
        || (point >= 0xF900 && point <= 0xFAFF)
        || (point >= 0x2F800 && point <= 0x2FA1F);
  }
}
