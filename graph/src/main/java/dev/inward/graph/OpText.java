package dev.inward.graph;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// Ops as text, `Conv{kernel=[3, 3], groups=1}`: the name, then the attributes, which are the
/// components of the record. A flag is written where it is set; an empty list, an empty option and
/// explicit padding are not written.
final class OpText {
  private static final int LONGEST_LIST = 32;

  /// A record of the sealed set, with the values that its name stands for: `Add` is `Binary` with
  /// the function `ADD`.
  private record Form(Class<?> type, Map<String, Object> named) {}

  private static final Map<String, Form> FORMS = new TreeMap<>();

  static {
    collect(Op.class);
  }

  private OpText() {}

  static String print(Op op) {
    if (op instanceof Opaque(var domain, var operator, var attributes, var captures)) {
      return "opaque %s %s{%s%s}"
          .formatted(
              GraphText.quoted(domain),
              GraphText.quoted(operator),
              attributes,
              captures.isEmpty() ? "" : ", captures=" + list(captures));
    }
    var attributes = new ArrayList<String>();
    var form = FORMS.get(op.name());
    print(op, form == null ? Map.of() : form.named(), attributes);
    return op.name() + (attributes.isEmpty() ? "" : "{" + String.join(", ", attributes) + "}");
  }

  private static void print(Object item, Map<String, Object> named, List<String> out) {
    for (var component : item.getClass().getRecordComponents()) {
      String name = component.getName();
      Object value = get(item, component);
      switch (value) {
        case Windowed.Window window -> print(window, Map.of(), out);
        case Boolean flag -> {
          if (flag && !named.containsKey(name)) {
            out.add(name);
          }
        }
        case List<?> all -> {
          if (!all.isEmpty()) {
            out.add(name + "=" + list(all));
          }
        }
        case OptionalLong option -> option.ifPresent(v -> out.add(name + "=" + v));
        case OptionalDouble option -> option.ifPresent(v -> out.add(name + "=" + v));
        case Tensor tensor ->
            out.add(name + "=" + tensor.type() + " " + ConstantText.values(tensor));
        case Enum<?> constant -> {
          if (!named.containsKey(name) && constant != Windowed.AutoPad.EXPLICIT) {
            out.add(name + "=" + constant.name().toLowerCase(Locale.ROOT));
          }
        }
        case String text -> out.add(name + "=" + GraphText.quoted(text));
        default -> out.add(name + "=" + value);
      }
    }
  }

  private static String list(List<?> all) {
    var shown = new ArrayList<String>();
    for (Object item : all.subList(0, Math.min(all.size(), LONGEST_LIST))) {
      shown.add(item instanceof String text ? GraphText.quoted(text) : item.toString());
    }
    if (all.size() > LONGEST_LIST) {
      shown.add("… " + (all.size() - LONGEST_LIST) + " more");
    }
    return "[" + String.join(", ", shown) + "]";
  }

  /// The op of a name with attributes as texts; a flag has the text `true`.
  ///
  /// @throws IllegalArgumentException where there is none, or an attribute does not read
  static Op parse(String name, Map<String, String> attributes) {
    var form = FORMS.get(name);
    if (form == null) {
      throw new IllegalArgumentException("there is no op '" + name + "'");
    }
    var rest = new LinkedHashMap<>(attributes);
    var op = (Op) create(form.type(), form.named(), rest);
    if (!rest.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no attribute '%s'".formatted(name, rest.keySet().iterator().next()));
    }
    return op;
  }

  private static Object create(
      Class<?> type, Map<String, Object> named, Map<String, String> texts) {
    var components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      var component = components[i];
      String name = component.getName();
      Object fixed = named.get(name);
      if (fixed != null) {
        values[i] = fixed;
      } else if (component.getType() == Windowed.Window.class) {
        values[i] = create(Windowed.Window.class, Map.of(), texts);
      } else {
        values[i] = value(component, Optional.ofNullable(texts.remove(name)));
      }
    }
    return construct(type, components, values);
  }

  private static Object value(RecordComponent component, Optional<String> text) {
    Class<?> type = component.getType();
    String shown = text.orElse("0");
    if (type == long.class) {
      return Long.parseLong(shown);
    } else if (type == int.class) {
      return Integer.parseInt(shown);
    } else if (type == float.class) {
      return Float.parseFloat(shown);
    } else if (type == boolean.class) {
      return Boolean.parseBoolean(shown);
    } else if (type == String.class) {
      return GraphText.unquoted(text.orElse(""));
    } else if (type == OptionalLong.class) {
      return text.map(t -> OptionalLong.of(Long.parseLong(t))).orElse(OptionalLong.empty());
    } else if (type == OptionalDouble.class) {
      return text.map(t -> OptionalDouble.of(Double.parseDouble(t))).orElse(OptionalDouble.empty());
    } else if (type == List.class) {
      return list(component.getGenericType(), text.orElse("[]"));
    } else if (type == Tensor.class) {
      return text.map(ConstantText::parse).orElse(Tensor.scalar(0f));
    } else if (type.isEnum()) {
      return constant(type, text);
    }
    throw new IllegalArgumentException(component.getName() + " cannot be written as text");
  }

  private static Object constant(Class<?> type, Optional<String> text) {
    return Arrays.stream(type.getEnumConstants())
        .filter(
            c -> text.isEmpty() || ((Enum<?>) c).name().equals(text.get().toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'%s' is none of %s"
                    .formatted(text.orElse(""), Arrays.toString(type.getEnumConstants()))));
  }

  private static List<?> list(Type type, String text) {
    if (!text.startsWith("[") || !text.endsWith("]")) {
      throw new IllegalArgumentException("'" + text + "' is no list");
    }
    String inner = text.substring(1, text.length() - 1).strip();
    Type element = ((ParameterizedType) type).getActualTypeArguments()[0];
    UnaryOperator<Object> read =
        item -> {
          String one = item.toString().strip();
          return element == Long.class
              ? (Object) Long.valueOf(one)
              : element == Float.class ? (Object) Float.valueOf(one) : GraphText.unquoted(one);
        };
    return inner.isEmpty()
        ? List.of()
        : Arrays.stream(inner.split(",")).map(item -> read.apply(item)).toList();
  }

  private static void collect(Class<?> type) {
    if (type.isSealed()) {
      Arrays.stream(type.getPermittedSubclasses()).forEach(OpText::collect);
      return;
    }
    if (type == Opaque.class) {
      return;
    }
    Class<?> naming =
        type.getRecordComponents().length == 0
            ? Object.class
            : type.getRecordComponents()[0].getType();
    String first =
        type.getRecordComponents().length == 0 ? "" : type.getRecordComponents()[0].getName();
    List<?> stands =
        first.equals("function") || first.equals("kind")
            ? List.of(naming.getEnumConstants())
            : type == Reduction.ArgReduce.class ? List.of(true, false) : List.of();
    if (stands.isEmpty()) {
      FORMS.put(type.getSimpleName(), new Form(type, Map.of()));
    }
    for (Object value : stands) {
      Map<String, Object> named = Map.of(first, value);
      var op = (Op) create(type, named, new LinkedHashMap<>());
      FORMS.put(op.name(), new Form(type, named));
    }
  }

  private static Object get(Object item, RecordComponent component) {
    try {
      return component.getAccessor().invoke(item);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }

  private static Object construct(Class<?> type, RecordComponent[] components, Object[] values) {
    try {
      Constructor<?> constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(
          e.getCause() == null ? type + " cannot be made" : e.getCause().getMessage(), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make " + type, e);
    }
  }
}
