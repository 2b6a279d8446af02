package dev.inward.planning;

import dev.inward.base.InputException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.DocumentEndEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.events.StreamEndEvent;
import org.snakeyaml.engine.v2.events.StreamStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// A YAML document as a tree that knows where each part stands. Anchors, aliases and tags are
/// refused: no budget needs them, and an alias can make a small text huge.
sealed interface Yaml {
  int DEEPEST = 16;

  /// `file:line:column`, counted from one.
  String where();

  /// What it is, for a message.
  default String found() {
    return switch (this) {
      case Scalar(var text, _) -> text.isEmpty() ? "nothing" : "'" + shortened(text) + "'";
      case Mapping _ -> "keys and values";
      case Sequence _ -> "a list";
    };
  }

  record Scalar(String text, String where) implements Yaml {}

  record Mapping(List<Entry> entries, String where) implements Yaml {}

  record Sequence(List<Yaml> items, String where) implements Yaml {}

  record Entry(Scalar key, Yaml value) {}

  /// Text of a length that fits a message.
  static String shortened(String text) {
    return shortened(text, 40);
  }

  private static String shortened(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 3) + "...";
  }

  /// The one document of a text.
  ///
  /// @param file what to call it in an error
  static Yaml parse(String text, String file) {
    var settings = LoadSettings.builder().setLabel(file).build();
    var reader = new Reader(new Parse(settings).parseString(text).iterator(), file);
    try {
      return reader.document();
    } catch (MarkedYamlEngineException e) {
      String where = e.getProblemMark().map(mark -> place(file, mark)).orElse(file);
      throw InputException.at(where, "this is not YAML: %s", shortened(e.getProblem(), 100))
          .hint(
              "%s",
              e.getProblem().contains("\\t")
                  ? "indent with blanks, not tabs"
                  : "a line is `key: value`; put text that holds ': ', '#', '{' or '%' in quotes");
    } catch (YamlEngineException e) {
      throw InputException.at(
          file,
          "this is not YAML: %s",
          shortened(Optional.ofNullable(e.getMessage()).orElse("damaged")));
    }
  }

  private static String place(String file, Mark mark) {
    return "%s:%d:%d".formatted(file, mark.getLine() + 1, mark.getColumn() + 1);
  }

  /// Builds the tree from the parser's events.
  final class Reader {
    private final Iterator<Event> events;
    private final String file;

    private Reader(Iterator<Event> events, String file) {
      this.events = events;
      this.file = file;
    }

    private Yaml document() {
      Yaml whole = new Scalar("", file + ":1:1");
      boolean read = false;
      while (events.hasNext()) {
        Event event = events.next();
        if (event instanceof StreamStartEvent
            || event instanceof StreamEndEvent
            || event instanceof DocumentEndEvent) {
          continue;
        }
        if (event instanceof DocumentStartEvent) {
          if (read) {
            throw InputException.at(where(event), "a second document starts here")
                .hint("one file is one budget; take the '---' out");
          }
          continue;
        }
        whole = node(event, 0);
        read = true;
      }
      return whole;
    }

    private Yaml node(Event event, int depth) {
      String where = where(event);
      if (depth > DEEPEST) {
        throw InputException.at(where, "nested more than %d deep", DEEPEST);
      }
      if (event instanceof AliasEvent
          || (event instanceof NodeEvent named && named.getAnchor().isPresent())) {
        throw InputException.at(where, "anchors and aliases (& and *) are not used here")
            .hint("write the value out; put text that starts with & or * in quotes");
      }
      return switch (event) {
        case ScalarEvent scalar -> {
          plain(scalar.getTag(), where);
          String text = scalar.getValue();
          boolean nothing = scalar.isPlain() && (text.equals("null") || text.equals("~"));
          yield new Scalar(nothing ? "" : text, where);
        }
        case SequenceStartEvent start -> {
          plain(start.getTag(), where);
          var items = new ArrayList<Yaml>();
          for (Event next = events.next();
              !(next instanceof SequenceEndEvent);
              next = events.next()) {
            items.add(node(next, depth + 1));
          }
          yield new Sequence(List.copyOf(items), where);
        }
        case MappingStartEvent start -> {
          plain(start.getTag(), where);
          var entries = new ArrayList<Entry>();
          for (Event next = events.next();
              !(next instanceof MappingEndEvent);
              next = events.next()) {
            Yaml key = node(next, depth + 1);
            if (!(key instanceof Scalar name)) {
              throw InputException.at(key.where(), "a key is a word, found %s", key.found());
            }
            entries.add(new Entry(name, node(events.next(), depth + 1)));
          }
          yield new Mapping(List.copyOf(entries), where);
        }
        default -> throw new IllegalStateException("unexpected event " + event);
      };
    }

    private static void plain(Optional<String> tag, String where) {
      if (tag.isPresent()) {
        throw InputException.at(where, "tags (!) are not used here")
            .hint("put text that starts with ! in quotes");
      }
    }

    private String where(Event event) {
      return event.getStartMark().map(mark -> place(file, mark)).orElse(file);
    }
  }
}
