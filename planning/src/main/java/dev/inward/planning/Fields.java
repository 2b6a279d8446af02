package dev.inward.planning;

import dev.inward.base.InputException;
import dev.inward.base.Spelling;
import dev.inward.data.DataSet;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// The keys and values of one mapping, each key known and given once.
///
/// @param name the key that the mapping stands under, empty for the whole file
/// @param folder what relative paths start from
record Fields(String name, String where, Path folder, Map<String, Yaml> values) {
  /// Refuses what is no mapping, and keys that are unknown or repeated.
  static Fields of(Yaml yaml, String name, Path folder, List<String> known) {
    String whole = name.isEmpty() ? "the file" : "'" + name + "'";
    if (!(yaml instanceof Yaml.Mapping(var entries, var where))) {
      throw InputException.at(yaml.where(), "%s is keys and values, found %s", whole, yaml.found())
          .hint("keys: %s", String.join(", ", known));
    }
    var values = new LinkedHashMap<String, Yaml>();
    for (Yaml.Entry entry : entries) {
      String key = entry.key().text();
      if (!known.contains(key)) {
        throw InputException.at(
                entry.key().where(),
                "unknown key %s%s",
                entry.key().found(),
                name.isEmpty() ? "" : " in '" + name + "'")
            .hint("%s", Spelling.hint(Yaml.shortened(key), known));
      }
      if (values.put(key, entry.value()) != null) {
        throw InputException.at(entry.key().where(), "the key '%s' is given a second time", key)
            .hint("each key stands once; take one of the two out");
      }
    }
    return new Fields(name, where, folder, values);
  }

  private String path(String key) {
    return name.isEmpty() ? key : name + "." + key;
  }

  Optional<Yaml> get(String key) {
    return Optional.ofNullable(values.get(key));
  }

  Yaml need(String key, String example) {
    return get(key)
        .orElseThrow(() ->
            InputException.at(where, "there is no '%s'", path(key))
                .hint("write, for example, %s: %s", key, example));
  }

  /// The text under a key, not blank.
  Yaml.Scalar text(Yaml value, String key) {
    if (!(value instanceof Yaml.Scalar scalar)) {
      throw InputException.at(
          value.where(), "'%s' is one value, found %s", path(key), value.found());
    }
    if (scalar.text().isBlank()) {
      throw InputException.at(value.where(), "'%s' is empty", path(key))
          .hint("give a value, or leave the line out");
    }
    return scalar;
  }

  Optional<String> text(String key) {
    return get(key).map(value -> text(value, key).text());
  }

  double quantity(String key, Quantity quantity) {
    Yaml.Scalar scalar = text(need(key, quantity.example()), key);
    return quantity.parse(scalar.text(), scalar.where());
  }

  /// The constant whose name stands under the key.
  <T> Optional<T> oneOf(String key, List<T> constants, Function<T, String> name) {
    return get(key)
        .map(value -> {
          Yaml.Scalar scalar = text(value, key);
          List<String> names = constants.stream().map(name).toList();
          int at = names.indexOf(scalar.text().strip());
          if (at < 0) {
            throw InputException.at(
                    scalar.where(),
                    "%s is no '%s', expected one of %s",
                    scalar.found(),
                    path(key),
                    String.join(", ", names))
                .hint("%s", Spelling.hint(Yaml.shortened(scalar.text()), names));
          }
          return constants.get(at);
        });
  }

  /// A whole number within bounds.
  long whole(Yaml value, String key, long least, long most) {
    Yaml.Scalar scalar = text(value, key);
    String text = scalar.text().strip();
    long number = text.matches("-?\\d{1,18}") ? Long.parseLong(text) : Long.MIN_VALUE;
    if (number < least || number > most) {
      throw InputException.at(
          scalar.where(),
          "%s is no '%s', expected a whole number from %d to %d",
          scalar.found(),
          path(key),
          least,
          most);
    }
    return number;
  }

  /// A number within bounds, the lower one left out; `1/255` is one too.
  double number(Yaml value, String key, double above, double most) {
    Yaml.Scalar scalar = text(value, key);
    String text = scalar.text().strip();
    double number = Double.NaN;
    String pattern = "[+-]?(\\d{1,30}(\\.\\d{0,30})?|\\.\\d{1,30})([eE][+-]?\\d{1,3})?";
    if (text.matches(pattern)) {
      number = new BigDecimal(text).doubleValue();
    } else if (text.matches(pattern + "\\s*/\\s*" + pattern)) {
      String[] parts = text.split("/", -1);
      number =
          new BigDecimal(parts[0].strip()).doubleValue()
              / new BigDecimal(parts[1].strip()).doubleValue();
    }
    if (!(number > above && number <= most)) {
      throw InputException.at(
          scalar.where(),
          "%s is no '%s', expected a number above %s and at most %s",
          scalar.found(),
          path(key),
          BudgetText.number(above),
          BudgetText.number(most));
    }
    return number;
  }

  /// The values of a list; one value by itself is a list of one.
  static List<Yaml> items(Yaml value) {
    return value instanceof Yaml.Sequence(var items, _) ? items : List.of(value);
  }

  /// The numbers of a list.
  List<Double> numbers(Yaml value, String key, double above, double most) {
    var numbers = new ArrayList<Double>();
    items(value).forEach(item -> numbers.add(number(item, key, above, most)));
    return numbers;
  }

  /// A file or folder that is there.
  Path existing(Yaml value, String key) {
    Yaml.Scalar scalar = text(value, key);
    Path path = resolve(folder, scalar);
    if (!Files.exists(path)) {
      throw InputException.at(
              scalar.where(), "there is no file %s for '%s'", scalar.found(), path(key))
          .hint(
              "%s",
              DataSet.isInstalled(path)
                  ? DataSet.missing(path)
                  : "looked for %s; a relative path starts at the budget file".formatted(path));
    }
    return path;
  }

  static Path resolve(Path folder, Yaml.Scalar scalar) {
    try {
      return folder.resolve(scalar.text()).normalize();
    } catch (InvalidPathException e) {
      throw InputException.at(scalar.where(), "%s is no path: %s", scalar.found(), e.getReason());
    }
  }
}
