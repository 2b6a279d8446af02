package dev.inward.data;

import dev.inward.base.InputException;
import dev.inward.base.Json;
import dev.inward.base.UnsupportedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Reads the two files in which BERT tokenizers are kept.
final class TokenizerFile {
  private static final int MOST_BYTES = 64_000_000;
  private static final int MOST_WORD_CHARS = 10_000;

  private TokenizerFile() {}

  static WordPiece read(Path file) {
    byte[] bytes = Reading.bytes(file, MOST_BYTES);
    return file.toString().endsWith(".txt")
        ? vocabulary(Reading.decode(bytes, file.toString()), file.toString())
        : readJson(new ByteArrayInputStream(bytes), file.toString());
  }

  static WordPiece readJson(InputStream in, String where) {
    try {
      return new WordPiece(new TokenizerFile.Document(where).rules(Json.parse(in, where)));
    } catch (IOException e) {
      throw Reading.failed(where, e);
    }
  }

  private static WordPiece vocabulary(String text, String where) {
    var ids = new HashMap<String, Integer>();
    int line = 0;
    boolean capitals = false;
    for (String piece : (Iterable<String>) text.lines()::iterator) {
      line++;
      if (piece.isEmpty()) {
        throw InputException.at(where + ":" + line, "a vocabulary has one piece a line, got none");
      }
      if (ids.putIfAbsent(piece, line - 1) != null) {
        throw InputException.at(where + ":" + line, "piece '%s' is there a second time", piece);
      }
      capitals |= !piece.startsWith("[") && piece.chars().anyMatch(Character::isUpperCase);
    }
    int unknown = special(ids, "[UNK]", where);
    int cls = special(ids, "[CLS]", where);
    int sep = special(ids, "[SEP]", where);
    var added = new HashMap<String, Integer>();
    for (String name : List.of("[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]")) {
      Optional.ofNullable(ids.get(name)).ifPresent(id -> added.put(name, id));
    }
    return new WordPiece(
        new WordPiece.Rules(
            new BertText(true, true, !capitals, !capitals),
            ids,
            "##",
            added,
            unknown,
            ids.getOrDefault("[PAD]", 0),
            100,
            around(cls, sep, 1),
            around(cls, sep, 2)));
  }

  private static int special(Map<String, Integer> ids, String name, String where) {
    Integer id = ids.get(name);
    if (id == null) {
      throw InputException.at(where, "no BERT vocabulary: it has no piece %s", name);
    }
    return id;
  }

  private static List<WordPiece.Slot> around(int cls, int sep, int texts) {
    var slots = new ArrayList<WordPiece.Slot>();
    slots.add(new WordPiece.Slot.Special(cls, 0));
    for (int which = 0; which < texts; which++) {
      slots.add(new WordPiece.Slot.Text(which, which));
      slots.add(new WordPiece.Slot.Special(sep, which));
    }
    return slots;
  }

  /// One `tokenizer.json`; `where` leads each message.
  private record Document(String where) {
    WordPiece.Rules rules(Json root) {
      Json model = need(root, "", "model");
      kind(model, "model", "WordPiece");
      Map<String, Integer> vocabulary = ids(need(model, "model", "vocab"));
      String unknown = text(model, "model", "unk_token");
      Map<String, Integer> added = added(root);
      return new WordPiece.Rules(
          normalizer(root),
          vocabulary,
          text(model, "model", "continuing_subword_prefix"),
          added,
          idOf(unknown, vocabulary, "model.unk_token"),
          pad(root, vocabulary),
          whole(model, "model", "max_input_chars_per_word", MOST_WORD_CHARS),
          template(root, "single", 1, vocabulary, added),
          template(root, "pair", 2, vocabulary, added));
    }

    private BertText normalizer(Json root) {
      Json normalizer = need(root, "", "normalizer");
      kind(normalizer, "normalizer", "BertNormalizer");
      kind(need(root, "", "pre_tokenizer"), "pre_tokenizer", "BertPreTokenizer");
      boolean lowercase = flag(normalizer, "lowercase").orElse(true);
      return new BertText(
          flag(normalizer, "clean_text").orElse(true),
          flag(normalizer, "handle_chinese_chars").orElse(true),
          flag(normalizer, "strip_accents").orElse(lowercase),
          lowercase);
    }

    private Map<String, Integer> ids(Json vocabulary) {
      if (!(vocabulary instanceof Json.Obj(var fields)) || fields.isEmpty()) {
        throw fault("model.vocab", "is to be an object of pieces and their ids");
      }
      var ids = new HashMap<String, Integer>();
      fields.forEach((piece, id) -> ids.put(piece, id(id, "model.vocab['" + piece + "']")));
      return ids;
    }

    private Map<String, Integer> added(Json root) {
      var added = new HashMap<String, Integer>();
      for (Json token : root.get("added_tokens").map(Json::items).orElse(List.of())) {
        String content = text(token, "added_tokens", "content");
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
          if (flag(token, flag).orElse(false)) {
            throw UnsupportedException.at(
                where, "added token '%s' is marked %s, which is not supported", content, flag);
          }
        }
        if (content.isEmpty()) {
          throw fault("added_tokens", "holds an empty token");
        }
        added.put(content, id(need(token, "added_tokens", "id"), "added_tokens.id"));
      }
      return added;
    }

    private int pad(Json root, Map<String, Integer> vocabulary) {
      return root.get("padding")
          .flatMap(padding -> padding.get("pad_id"))
          .map(id -> id(id, "padding.pad_id"))
          .orElse(vocabulary.getOrDefault("[PAD]", 0));
    }

    private List<WordPiece.Slot> template(
        Json root,
        String which,
        int texts,
        Map<String, Integer> vocabulary,
        Map<String, Integer> added) {
      Json processor = need(root, "", "post_processor");
      String kind = text(processor, "post_processor", "type");
      if (kind.equals("BertProcessing")) {
        return around(marker(processor, "cls"), marker(processor, "sep"), texts);
      }
      kind(processor, "post_processor", "TemplateProcessing");
      String path = "post_processor." + which;
      var slots = new ArrayList<WordPiece.Slot>();
      for (Json item : need(processor, "post_processor", which).items()) {
        slots.add(slot(item, path, vocabulary, added));
      }
      var order =
          slots.stream()
              .filter(WordPiece.Slot.Text.class::isInstance)
              .map(slot -> ((WordPiece.Slot.Text) slot).which())
              .collect(Collectors.toList());
      List<Integer> expected = texts == 1 ? List.of(0) : List.of(0, 1);
      if (!order.equals(expected)) {
        throw fault(path, "is to name each of its %d texts once, in order", texts);
      }
      return slots;
    }

    private WordPiece.Slot slot(
        Json item, String path, Map<String, Integer> vocabulary, Map<String, Integer> added) {
      Optional<Json> special = item.get("SpecialToken");
      Json inner = special.orElseGet(() -> need(item, path, "Sequence"));
      int type = whole(inner, path, "type_id", Integer.MAX_VALUE);
      String name = text(inner, path, "id");
      if (special.isPresent()) {
        int id = added.containsKey(name) ? added.get(name) : idOf(name, vocabulary, path);
        return new WordPiece.Slot.Special(id, type);
      }
      return switch (name) {
        case "A" -> new WordPiece.Slot.Text(0, type);
        case "B" -> new WordPiece.Slot.Text(1, type);
        default -> throw fault(path, "names the text '%s', expected A or B", name);
      };
    }

    private int marker(Json processor, String name) {
      List<Json> pair = need(processor, "post_processor", name).items();
      if (pair.size() != 2) {
        throw fault("post_processor." + name, "is to be a piece and its id");
      }
      return id(pair.get(1), "post_processor." + name);
    }

    private int idOf(String piece, Map<String, Integer> vocabulary, String path) {
      Integer id = vocabulary.get(piece);
      if (id == null) {
        throw fault(path, "names the piece '%s', which the vocabulary lacks", piece);
      }
      return id;
    }

    private Json need(Json parent, String path, String key) {
      return parent
          .get(key)
          .filter(value -> !(value instanceof Json.Null))
          .orElseThrow(() -> fault(path.isEmpty() ? key : path + "." + key, "is missing"));
    }

    private String text(Json parent, String path, String key) {
      return need(parent, path, key)
          .text()
          .orElseThrow(() -> fault(path + "." + key, "is to be a text"));
    }

    private Optional<Boolean> flag(Json parent, String key) {
      return parent
          .get(key)
          .flatMap(value ->
              value instanceof Json.Bool(boolean set) ? Optional.of(set) : Optional.empty());
    }

    private int id(Json value, String path) {
      return whole(value, path, Integer.MAX_VALUE);
    }

    private int whole(Json parent, String path, String key, int most) {
      return whole(need(parent, path, key), path + "." + key, most);
    }

    private int whole(Json value, String path, int most) {
      return value
          .number()
          .filter(number -> number instanceof Integer || number instanceof Long)
          .map(Number::longValue)
          .filter(number -> number >= 0 && number <= most)
          .orElseThrow(() ->
              fault(path, "is to be a whole number from 0 to %d, got %s", most, value.compact()))
          .intValue();
    }

    private void kind(Json part, String path, String expected) {
      String found = text(part, path, "type");
      if (!found.equals(expected)) {
        throw UnsupportedException.at(
            where, "%s is of type %s; the one that is supported is %s", path, found, expected);
      }
    }

    private InputException fault(String path, String what, Object... args) {
      return InputException.at(where, "%s %s", path, what.formatted(args));
    }
  }
}
