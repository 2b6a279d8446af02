package dev.inward.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;

/// Types and constants as text.
final class ConstantText {
  private static final int MOST_SHOWN = 32;
  private static final int MOST_READ = 1 << 24;

  private ConstantText() {}

  /// `float32[3] = 1.0, 2.0, 3.0`; one value where all are the same, `all 0.0`; how it is stored
  /// and the bytes where it is large or encoded.
  static String print(Tensor tensor) {
    boolean plain =
        tensor.encoding() instanceof Encoding.Dense(var stored, _)
            && stored == tensor.dtype()
            && stored != DataType.STRING;
    if (plain && tensor.elements() <= MOST_SHOWN) {
      return tensor.type() + " = " + values(tensor);
    }
    return "%s, %s, %d bytes".formatted(tensor.type(), tensor.how(), tensor.storedBytes());
  }

  /// The elements, `1, 2, 3`; shortened where there are many.
  static String values(Tensor tensor) {
    if (tensor.elements() > MOST_SHOWN || tensor.dtype() == DataType.STRING) {
      return "…";
    }
    List<String> texts = new ArrayList<>();
    if (tensor.dtype() == DataType.FLOAT64
        && tensor.encoding() instanceof Encoding.Dense(var stored, var data)
        && stored == DataType.FLOAT64) {
      for (int i = 0; i < tensor.elements(); i++) {
        texts.add(Double.toString(data.bytes().get(Storage.DOUBLE, 8L * i)));
      }
    } else if (tensor.dtype().isFloat()) {
      for (float value : tensor.floats()) {
        texts.add(Float.toString(value));
      }
    } else {
      for (long value : tensor.longs()) {
        texts.add(Long.toString(value));
      }
    }
    boolean same = texts.size() > 4 && texts.stream().distinct().count() == 1;
    return same ? "all " + texts.getFirst() : String.join(", ", texts);
  }

  /// `float32[1] 0.5`, or with ` = ` between.
  ///
  /// @throws IllegalArgumentException where it does not read
  static Tensor parse(String text) {
    int close = text.indexOf(']');
    if (close < 0) {
      throw new IllegalArgumentException("'" + text + "' is no type and values");
    }
    String rest = text.substring(close + 1).strip();
    return tensor(
        type(text.substring(0, close + 1)),
        rest.startsWith("=") ? rest.substring(1).strip() : rest);
  }

  /// `float32[2 x seq]`.
  ///
  /// @throws IllegalArgumentException where it is no type
  static TensorType type(String text) {
    int open = text.indexOf('[');
    if (open < 0 || !text.endsWith("]")) {
      throw new IllegalArgumentException("'" + text + "' is no type such as float32[2x3]");
    }
    String name = text.substring(0, open).strip();
    var dtype =
        Arrays.stream(DataType.values())
            .filter(t -> t.text().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "'%s' is none of %s"
                        .formatted(
                            name,
                            Arrays.stream(DataType.values())
                                .map(DataType::text)
                                .collect(Collectors.joining(", ")))));
    String extents = text.substring(open + 1, text.length() - 1).strip();
    if (extents.equals("?")) {
      return new TensorType(dtype, Shape.UNRANKED);
    }
    boolean numbers = extents.matches("\\d+(x\\d+)*");
    List<Dim> dims = new ArrayList<>();
    for (String extent : extents.isEmpty() ? new String[0] : extents.split(numbers ? "x" : " x ")) {
      String one = extent.strip();
      boolean number = !one.isEmpty() && one.chars().allMatch(c -> c >= '0' && c <= '9');
      dims.add(number ? Dim.of(Long.parseLong(one)) : Dim.of(one));
    }
    return new TensorType(dtype, Shape.of(dims));
  }

  private static Tensor tensor(TensorType type, String values) {
    var elements = type.shape().elements();
    if (elements.isEmpty() || elements.getAsLong() > MOST_READ) {
      throw new IllegalArgumentException("a constant of the text has few elements, got " + type);
    }
    int count = (int) elements.getAsLong();
    String[] texts;
    if (values.startsWith("random ")) {
      var random = new Random(Long.parseLong(values.substring(7).strip()));
      texts = new String[count];
      Arrays.setAll(texts, _ -> Float.toString(random.nextFloat(-1, 1)));
    } else if (values.startsWith("all ")) {
      texts = new String[count];
      Arrays.fill(texts, values.substring(4).strip());
    } else {
      texts = values.isEmpty() ? new String[0] : values.split(",");
    }
    if (texts.length != count) {
      throw new IllegalArgumentException(
          "%s has %d elements, got %d".formatted(type, count, texts.length));
    }
    var dims = Arrays.stream(type.shape().sizes()).boxed().toList();
    return Tensor.dense(type.dtype(), dims, storage(type.dtype(), texts));
  }

  private static Storage storage(DataType type, String[] texts) {
    byte[] bytes = new byte[Math.toIntExact(type.bytes(texts.length))];
    var out = java.lang.foreign.MemorySegment.ofArray(bytes);
    for (int i = 0; i < texts.length; i++) {
      String text = texts[i].strip();
      switch (type) {
        case FLOAT32 -> out.set(Storage.FLOAT, 4L * i, Float.parseFloat(text));
        case FLOAT64 -> out.set(Storage.DOUBLE, 8L * i, Double.parseDouble(text));
        case FLOAT16 ->
            out.set(Storage.SHORT, 2L * i, Float.floatToFloat16(Float.parseFloat(text)));
        case BFLOAT16 ->
            out.set(
                Storage.SHORT,
                2L * i,
                (short) (Float.floatToRawIntBits(Float.parseFloat(text)) >> 16));
        case INT4, UINT4 -> bytes[i / 2] |= (byte) ((Long.parseLong(text) & 15) << i % 2 * 4);
        case INT8, UINT8, BOOL -> bytes[i] = (byte) Long.parseLong(text);
        case INT16, UINT16 -> out.set(Storage.SHORT, 2L * i, (short) Long.parseLong(text));
        case INT32, UINT32 -> out.set(Storage.INT, 4L * i, (int) Long.parseLong(text));
        case INT64, UINT64 -> out.set(Storage.LONG, 8L * i, Long.parseLong(text));
        case STRING ->
            throw new IllegalArgumentException(
                type.name().toLowerCase(Locale.ROOT) + " constants are not read from text");
      }
    }
    return Storage.of(bytes);
  }
}
