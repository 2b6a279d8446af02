package dev.inward.base;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;

/// A JSON document as a value. Objects keep the order of their keys.
public sealed interface Json {
  record Obj(SequencedMap<String, Json> fields) implements Json {
    public Obj {
      fields = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(fields));
    }
  }

  record Arr(List<Json> items) implements Json {
    public Arr {
      items = List.copyOf(items);
    }
  }

  record Text(String value) implements Json {}

  /// A number; whole numbers that fit a `long` are kept exactly.
  record Num(Number value) implements Json {}

  record Bool(boolean value) implements Json {}

  record Null() implements Json {}

  /// An object of the given keys and values, in order: `obj("a", 1, "b", "x")`. A value may be a
  /// [Json], a string, a number, a boolean, a list, a map with string keys, an [Optional] (left out
  /// when empty) or a [Figure].
  static Obj obj(Object... keysAndValues) {
    var fields = new LinkedHashMap<String, Json>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      Object value = keysAndValues[i + 1];
      if (value instanceof Optional<?> optional) {
        if (optional.isEmpty()) {
          continue;
        }
        value = optional.get();
      }
      fields.put((String) keysAndValues[i], of(value));
    }
    return new Obj(fields);
  }

  /// The value as JSON; see [#obj] for what is taken. NaN and the infinities become null.
  static Json of(Object value) {
    return switch (value) {
      case Json json -> json;
      case String text -> new Text(text);
      case Double d when !Double.isFinite(d) -> new Null();
      case Float f when !Float.isFinite(f) -> new Null();
      case Number number -> new Num(number);
      case Boolean bool -> new Bool(bool);
      case Enum<?> constant -> new Text(constant.name().toLowerCase(java.util.Locale.ROOT));
      case Figure figure ->
          obj(
              "value", figure.value(),
              "low", figure.low(),
              "high", figure.high(),
              "unit", figure.unit(),
              "source", figure.source().text());
      case Iterable<?> items -> {
        var list = new ArrayList<Json>();
        items.forEach(item -> list.add(of(item)));
        yield new Arr(list);
      }
      case Map<?, ?> map -> {
        var fields = new LinkedHashMap<String, Json>();
        map.forEach((key, item) -> fields.put(key.toString(), of(item)));
        yield new Obj(fields);
      }
      default -> throw new IllegalArgumentException("no JSON form for " + value.getClass());
    };
  }

  /// Reads a document.
  ///
  /// @param where what to call it in an error
  /// @throws InputException where it is no JSON, with line and column
  static Json parse(String text, String where) {
    try (var parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      return whole(parser, where);
    } catch (JacksonException e) {
      throw fault(e, where);
    }
  }

  /// Reads a document in UTF-8; see [#parse(String, String)].
  static Json parse(InputStream in, String where) throws IOException {
    try (var parser = FACTORY.createParser(ObjectReadContext.empty(), in)) {
      return whole(parser, where);
    } catch (JacksonException e) {
      throw fault(e, where);
    }
  }

  /// The field of an object, empty where this is no object or has no such field.
  default Optional<Json> get(String key) {
    return this instanceof Obj(var fields)
        ? Optional.ofNullable(fields.get(key))
        : Optional.empty();
  }

  /// The items of an array, empty where this is none.
  default List<Json> items() {
    return this instanceof Arr(var items) ? items : List.of();
  }

  /// The text, empty where this is none.
  default Optional<String> text() {
    return this instanceof Text(var value) ? Optional.of(value) : Optional.empty();
  }

  /// The number, empty where this is none.
  default Optional<Number> number() {
    return this instanceof Num(var value) ? Optional.of(value) : Optional.empty();
  }

  /// The document, indented by two spaces, ending without a line break.
  default String pretty() {
    var out = new StringWriter();
    var printer = new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    var context =
        new ObjectWriteContext.Base() {
          @Override
          public tools.jackson.core.PrettyPrinter getPrettyPrinter() {
            return printer;
          }

          @Override
          public boolean hasPrettyPrinter() {
            return true;
          }
        };
    try (var generator = FACTORY.createGenerator(context, out)) {
      write(generator, this);
    }
    return out.toString();
  }

  /// The document on one line.
  default String compact() {
    var out = new StringWriter();
    try (var generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      write(generator, this);
    }
    return out.toString();
  }

  JsonFactory FACTORY = JsonFactory.builder().build();

  private static Json whole(JsonParser parser, String where) {
    JsonToken first = parser.nextToken();
    if (first == null) {
      throw InputException.at(where, "no JSON: the document is empty");
    }
    Json json = read(parser, first);
    if (parser.nextToken() != null) {
      throw InputException.at(where, "no JSON: more text after the end of the document");
    }
    return json;
  }

  private static InputException fault(JacksonException e, String where) {
    var at = e.getLocation();
    String place = at == null ? where : where + ":" + at.getLineNr() + ":" + at.getColumnNr();
    return InputException.at(place, "no JSON: %s", e.getOriginalMessage());
  }

  private static Json read(JsonParser parser, JsonToken token) {
    return switch (token) {
      case START_OBJECT -> {
        var fields = new LinkedHashMap<String, Json>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          String key = parser.currentName();
          fields.put(key, read(parser, parser.nextToken()));
        }
        yield new Obj(fields);
      }
      case START_ARRAY -> {
        var items = new ArrayList<Json>();
        for (JsonToken next = parser.nextToken();
            next != JsonToken.END_ARRAY;
            next = parser.nextToken()) {
          items.add(read(parser, next));
        }
        yield new Arr(items);
      }
      case VALUE_STRING -> new Text(parser.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Num(parser.getNumberValue());
      case VALUE_TRUE -> new Bool(true);
      case VALUE_FALSE -> new Bool(false);
      default -> new Null();
    };
  }

  private static void write(JsonGenerator generator, Json json) {
    switch (json) {
      case Obj(var fields) -> {
        generator.writeStartObject();
        fields.forEach((key, value) -> {
          generator.writeName(key);
          write(generator, value);
        });
        generator.writeEndObject();
      }
      case Arr(var items) -> {
        generator.writeStartArray();
        items.forEach(item -> write(generator, item));
        generator.writeEndArray();
      }
      case Text(var value) -> generator.writeString(value);
      case Num(var value) -> {
        switch (value) {
          case Integer i -> generator.writeNumber(i);
          case Long l -> generator.writeNumber(l);
          case Float f -> generator.writeNumber(f);
          case java.math.BigInteger big -> generator.writeNumber(big);
          case java.math.BigDecimal big -> generator.writeNumber(big);
          default -> generator.writeNumber(value.doubleValue());
        }
      }
      case Bool(var value) -> generator.writeBoolean(value);
      case Null() -> generator.writeNull();
    }
  }
}
