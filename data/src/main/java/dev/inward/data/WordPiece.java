package dev.inward.data;

import dev.inward.base.InputException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The tokenizer of BERT and its descendants: words are cut greedily into the longest pieces that
/// the vocabulary holds.
///
/// Source: Wu et al., 2016, arXiv:1609.08144, section 4.1, with the greedy search of Devlin et al.,
/// NAACL 2019. Time is linear in the text: a word over `maxWordChars` is one unknown piece.
public final class WordPiece {
  private final BertText text;
  private final Map<String, Integer> vocabulary;
  private final Pieces starts;
  private final Pieces continuations;
  private final Pieces added;
  private final int unknownId;
  private final int padId;
  private final int maxWordChars;
  private final List<Slot> single;
  private final List<Slot> pair;

  /// A place of the template around one or two texts.
  sealed interface Slot {
    int type();

    /// A special piece, such as `[CLS]`.
    record Special(int id, int type) implements Slot {}

    /// The first text (`which` 0) or the second (1).
    record Text(int which, int type) implements Slot {}
  }

  /// What a tokenizer file states.
  record Rules(
      BertText text,
      Map<String, Integer> vocabulary,
      String continuationPrefix,
      Map<String, Integer> added,
      int unknownId,
      int padId,
      int maxWordChars,
      List<Slot> single,
      List<Slot> pair) {}

  WordPiece(Rules rules) {
    text = rules.text();
    vocabulary = Map.copyOf(rules.vocabulary());
    unknownId = rules.unknownId();
    padId = rules.padId();
    maxWordChars = rules.maxWordChars();
    single = List.copyOf(rules.single());
    pair = List.copyOf(rules.pair());
    added = new Pieces(rules.added());
    String prefix = rules.continuationPrefix();
    var rest = new HashMap<String, Integer>();
    vocabulary.forEach((piece, id) -> {
      if (piece.startsWith(prefix) && piece.length() > prefix.length()) {
        rest.put(piece.substring(prefix.length()), id);
      }
    });
    continuations = new Pieces(rest);
    starts = new Pieces(vocabulary);
  }

  /// Reads a `tokenizer.json` of Hugging Face, or a `vocab.txt` with one piece a line.
  ///
  /// A `vocab.txt` states no rules: they are BERT's, and text is lower-cased unless the vocabulary
  /// holds a capital letter outside of brackets.
  ///
  /// @throws InputException where the file is missing, damaged or contradicts itself
  /// @throws dev.inward.base.UnsupportedException where it describes another kind of tokenizer
  public static WordPiece read(Path file) {
    return TokenizerFile.read(file);
  }

  /// Reads a `tokenizer.json`; see [#read(Path)].
  ///
  /// @param where what to call it in an error
  public static WordPiece readJson(InputStream in, String where) {
    return TokenizerFile.readJson(in, where);
  }

  /// One text in the template (`[CLS] text [SEP]`), cut to `maxLength` pieces in all.
  public Tokens encode(String a, int maxLength) {
    return fill(single, List.of(pieces(a)), maxLength);
  }

  /// Two texts in the template (`[CLS] a [SEP] b [SEP]`), cut to `maxLength` pieces in all: the
  /// longer text loses first.
  public Tokens encode(String a, String b, int maxLength) {
    return fill(pair, List.of(pieces(a), pieces(b)), maxLength);
  }

  /// The same tokens with padding on the right; tokens that are as long already are given back.
  public Tokens pad(Tokens tokens, int length) {
    if (tokens.length() >= length) {
      return tokens;
    }
    long[] ids = Arrays.copyOf(tokens.ids(), length);
    Arrays.fill(ids, tokens.length(), length, padId);
    return new Tokens(
        ids, Arrays.copyOf(tokens.mask(), length), Arrays.copyOf(tokens.types(), length));
  }

  /// The number of pieces in the vocabulary.
  public int vocabularySize() {
    return vocabulary.size();
  }

  private Tokens fill(List<Slot> template, List<Ids> texts, int maxLength) {
    int specials = template.size() - texts.size();
    if (maxLength < specials) {
      throw InputException.of(
          "a text is to be cut to %d pieces, but the template alone has %d", maxLength, specials);
    }
    int[] kept = kept(texts, maxLength - specials);
    int length = specials + Arrays.stream(kept).sum();
    long[] ids = new long[length];
    long[] types = new long[length];
    int at = 0;
    for (Slot slot : template) {
      int from = at;
      switch (slot) {
        case Slot.Special(int id, int _) -> ids[at++] = id;
        case Slot.Text(int which, int _) -> {
          for (int i = 0; i < kept[which]; i++) {
            ids[at++] = texts.get(which).values[i];
          }
        }
      }
      Arrays.fill(types, from, at, slot.type());
    }
    long[] mask = new long[length];
    Arrays.fill(mask, 1);
    return new Tokens(ids, mask, types);
  }

  private static int[] kept(List<Ids> texts, int room) {
    if (texts.size() == 1) {
      return new int[] {Math.min(texts.getFirst().count, room)};
    }
    int a = texts.get(0).count;
    int b = texts.get(1).count;
    if (a + b <= room) {
      return new int[] {a, b};
    }
    int shorter = Math.min(Math.min(a, b), room / 2);
    return a <= b ? new int[] {shorter, room - shorter} : new int[] {room - shorter, shorter};
  }

  private Ids pieces(String whole) {
    var ids = new Ids();
    int from = 0;
    if (!added.isEmpty()) {
      for (int at = 0; at < whole.length(); ) {
        int special = added.longestAt(whole, at, whole.length());
        if (special < 0) {
          at++;
          continue;
        }
        text.words(whole, from, at, word -> cut(word, ids));
        ids.add(added.id(special));
        at += added.length(special);
        from = at;
      }
    }
    text.words(whole, from, whole.length(), word -> cut(word, ids));
    return ids;
  }

  private void cut(StringBuilder word, Ids ids) {
    int end = word.length();
    if (word.codePointCount(0, end) > maxWordChars) {
      ids.add(unknownId);
      return;
    }
    int mark = ids.count;
    for (int at = 0; at < end; ) {
      Pieces pieces = at == 0 ? starts : continuations;
      int piece = pieces.longestAt(word, at, end);
      if (piece < 0) {
        ids.count = mark;
        ids.add(unknownId);
        return;
      }
      ids.add(pieces.id(piece));
      at += pieces.length(piece);
    }
  }

  private static final class Ids {
    private int[] values = new int[32];
    private int count;

    private void add(int id) {
      if (count == values.length) {
        values = Arrays.copyOf(values, count * 2);
      }
      values[count++] = id;
    }
  }
}
