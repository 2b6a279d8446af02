package dev.inward.planning;

import dev.inward.base.InputException;
import dev.inward.base.Spelling;
import dev.inward.data.Pooling;
import dev.inward.data.Preprocessing;
import dev.inward.device.Device;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/// Reads a budget file.
public final class BudgetFile {
  private static final int LONGEST = 256 * 1024;
  private static final long MOST_PIXELS = 16_000_000;
  private static final List<Integer> IOS = List.of(15, 16, 17, 18, 26);
  private static final List<String> KEYS =
      List.of(
          "model",
          "device",
          "data",
          "preprocessing",
          "shapes",
          "output",
          "pooling",
          "target",
          "size",
          "latency",
          "energy",
          "memory",
          "quality",
          "privacy",
          "update",
          "prefer");

  private final Path folder;
  private final Collection<String> bundled;

  private BudgetFile(Path folder, Collection<String> bundled) {
    this.folder = folder;
    this.bundled = bundled;
  }

  /// Reads a file. Relative paths in it start at its folder.
  ///
  /// @param bundled the names of models that come with the program
  /// @throws InputException with file, line and column of the first fault
  public static Budget read(Path file, Collection<String> bundled) {
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file);
    return parse(text(file), file.toString(), folder, bundled);
  }

  /// Reads a text.
  ///
  /// @param name what to call it in an error
  /// @param folder what relative paths start from
  public static Budget parse(String text, String name, Path folder, Collection<String> bundled) {
    control(text, name);
    Yaml whole = Yaml.parse(text, name);
    if (whole instanceof Yaml.Scalar(var nothing, _) && nothing.isBlank()) {
      throw InputException.at(name, "the file is empty")
          .hint("`inward new MODEL --device \"iPhone 13\"` drafts a budget file");
    }
    var file = new BudgetFile(folder.toAbsolutePath().normalize(), bundled);
    return file.budget(file.fields(whole, "", KEYS));
  }

  private static String text(Path file) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LONGEST + 1);
    } catch (NoSuchFileException e) {
      throw InputException.at(file.toString(), "there is no such file");
    } catch (IOException e) {
      throw InputException.at(
          file.toString(), "cannot be read: %s", String.valueOf(e.getMessage()));
    }
    if (bytes.length > LONGEST) {
      throw InputException.at(
          file.toString(), "this is no budget file: it is larger than %d kB", LONGEST / 1024);
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw InputException.at(file.toString(), "this is no text in UTF-8")
          .hint("a budget file is text; is this the model instead?");
    }
  }

  private static void control(String text, String name) {
    int line = 1;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        line++;
        start = i + 1;
      } else if ((c < ' ' && c != '\t' && c != '\r') || c == 0x7F) {
        throw InputException.at(
                "%s:%d:%d".formatted(name, line, i - start + 1),
                "this is no text: it holds the control character 0x%02x",
                (int) c)
            .hint("a budget file is text; is this the model instead?");
      }
    }
  }

  private Fields fields(Yaml yaml, String name, List<String> keys) {
    return Fields.of(yaml, name, folder, keys);
  }

  private Budget budget(Fields file) {
    Budget.Model model = model(file);
    List<Device> devices = devices(file);
    Optional<Budget.Data> data = file.get("data").map(this::data);
    Optional<Preprocessing> preprocessing =
        file.get("preprocessing").map(value -> preprocessing(value));
    SequencedMap<String, List<Long>> shapes = shapes(file);
    List<String> outputs = outputs(file);
    Optional<Pooling> pooling = file.oneOf("pooling", List.of(Pooling.values()), Pooling::key);
    OptionalInt ios = target(file);
    var lines = new ConstraintLines(folder);
    var constraints = new ArrayList<Constraint>();
    file.values()
        .forEach(
            (key, value) -> lines.read(key, value, data.isPresent()).ifPresent(constraints::add));
    if (constraints.isEmpty()) {
      throw InputException.at(file.where(), "the budget limits nothing")
          .hint("add a line such as size: 50 MB or latency: 100 ms");
    }
    Budget.Preference prefer =
        file.oneOf("prefer", List.of(Budget.Preference.values()), Budget.Preference::key)
            .orElse(Budget.Preference.QUALITY);
    return new Budget(
        model, devices, data, preprocessing, shapes, outputs, pooling, ios, constraints, prefer);
  }

  private Budget.Model model(Fields file) {
    Yaml.Scalar name = file.text(file.need("model", "encoder.onnx"), "model");
    if (bundled.contains(name.text())) {
      return new Budget.Model.Bundled(name.text());
    }
    Path path = Fields.resolve(folder, name);
    if (Files.exists(path)) {
      return new Budget.Model.At(path);
    }
    throw InputException.at(name.where(), "there is no model %s", name.found())
        .hint(
            "%s",
            Spelling.nearest(name.text(), bundled)
                .map(near -> "did you mean the bundled '" + near + "'?")
                .orElse("looked for " + path + "; a relative path starts at the budget file"));
  }

  private static List<Device> devices(Fields file) {
    Yaml value = file.need("device", "iPhone 13");
    var devices = new LinkedHashSet<Device>();
    for (Yaml item : Fields.items(value)) {
      Yaml.Scalar name = file.text(item, "device");
      Device device;
      try {
        device = Device.named(name.text());
      } catch (InputException e) {
        throw e.in(name.where());
      }
      if (!devices.add(device)) {
        throw InputException.at(name.where(), "%s is listed a second time", name.found());
      }
    }
    if (devices.isEmpty()) {
      throw InputException.at(value.where(), "'device' is an empty list");
    }
    return List.copyOf(devices);
  }

  private Budget.Data data(Yaml value) {
    Fields data = fields(value, "data", List.of("calibrate", "test"));
    Path test = data.existing(data.need("test", "test.txt"), "test");
    Optional<Path> calibrate = data.get("calibrate").map(path -> data.existing(path, "calibrate"));
    if (calibrate.isPresent() && calibrate.get().equals(test)) {
      throw InputException.at(value.where(), "'data.calibrate' and 'data.test' are the same file")
          .hint("quality is measured on what nothing was learnt from: split the data in two");
    }
    return new Budget.Data(calibrate, test);
  }

  private Preprocessing preprocessing(Yaml value) {
    Fields kinds = fields(value, "preprocessing", List.of("text", "image"));
    if (kinds.values().size() != 1) {
      throw InputException.at(value.where(), "'preprocessing' is one of text and image");
    }
    return kinds
        .get("text")
        .map(this::textPreprocessing)
        .orElseGet(() -> imagePreprocessing(kinds.need("image", "{ size: 224x224 }")));
  }

  private Preprocessing textPreprocessing(Yaml value) {
    Fields text = fields(value, "preprocessing.text", List.of("tokenizer", "length"));
    return new Preprocessing.Text(
        text.existing(text.need("tokenizer", "vocab.txt"), "tokenizer"),
        (int) text.whole(text.need("length", "128"), "length", 2, 1_000_000),
        Preprocessing.Padding.LONGEST);
  }

  private Preprocessing imagePreprocessing(Yaml value) {
    Fields image =
        fields(
            value,
            "preprocessing.image",
            List.of("size", "resize", "channels", "layout", "scale", "mean", "std"));
    Yaml size = image.need("size", "224x224");
    List<Long> sides = extents(image.text(size, "size"), "size");
    if (sides.size() != 2) {
      throw InputException.at(
          size.where(), "%s is no size, expected height x width such as 224x224", size.found());
    }
    if (Math.multiplyExact(Math.min(sides.get(0), 65_536), Math.min(sides.get(1), 65_536))
        > MOST_PIXELS) {
      throw InputException.at(
          size.where(), "%s is more than %,d pixels", size.found(), MOST_PIXELS);
    }
    var channels =
        image
            .oneOf(
                "channels", List.of(Preprocessing.Channels.values()), Preprocessing.Channels::key)
            .orElse(Preprocessing.Channels.RGB);
    return new Preprocessing.Image(
        Math.toIntExact(Math.min(sides.get(0), 65_536)),
        Math.toIntExact(Math.min(sides.get(1), 65_536)),
        image
            .oneOf("resize", List.of(Preprocessing.Resize.values()), Preprocessing.Resize::key)
            .orElse(Preprocessing.Resize.STRETCH),
        channels,
        image
            .oneOf("layout", List.of(Preprocessing.Layout.values()), Preprocessing.Layout::key)
            .orElse(Preprocessing.Layout.CHANNELS_FIRST),
        image.get("scale").map(scale -> image.number(scale, "scale", 0, 1e9)).orElse(1 / 255.0),
        perChannel(image, "mean", -1e9, 0.0, channels),
        perChannel(image, "std", 0, 1.0, channels));
  }

  private static List<Double> perChannel(
      Fields image, String key, double above, double usual, Preprocessing.Channels channels) {
    int count = channels.count();
    Optional<Yaml> value = image.get(key);
    List<Double> numbers = value.map(v -> image.numbers(v, key, above, 1e9)).orElse(List.of(usual));
    if (numbers.size() == 1) {
      return java.util.Collections.nCopies(count, numbers.getFirst());
    }
    if (numbers.size() != count) {
      throw InputException.at(
          value.map(Yaml::where).orElse(image.where()),
          "'%s' has %d numbers, expected 1 or %d, one for each channel of %s",
          key,
          numbers.size(),
          count,
          channels.key());
    }
    return numbers;
  }

  private SequencedMap<String, List<Long>> shapes(Fields file) {
    var shapes = new LinkedHashMap<String, List<Long>>();
    Optional<Yaml> value = file.get("shapes");
    if (value.isPresent()) {
      if (!(value.get() instanceof Yaml.Mapping(var entries, _))) {
        throw InputException.at(
                value.get().where(), "'shapes' is keys and values, found %s", value.get().found())
            .hint("write, for example, shapes: { input_ids: 1x128 }");
      }
      for (Yaml.Entry entry : entries) {
        String name = entry.key().text();
        if (shapes.containsKey(name)) {
          throw InputException.at(
              entry.key().where(),
              "the shape of '%s' is given a second time",
              Yaml.shortened(name));
        }
        shapes.put(name, extents(file.text(entry.value(), "shapes." + Yaml.shortened(name)), name));
      }
    }
    return shapes;
  }

  private static List<Long> extents(Yaml.Scalar value, String name) {
    String text = value.text().strip();
    if (!text.matches("\\d{1,12}(x\\d{1,12}){0,7}")) {
      throw InputException.at(
          value.where(),
          "%s is no shape for '%s', expected extents such as 1x128",
          value.found(),
          Yaml.shortened(name));
    }
    List<Long> extents = Arrays.stream(text.split("x")).map(Long::valueOf).toList();
    double elements = extents.stream().mapToDouble(Long::doubleValue).reduce(1, (a, b) -> a * b);
    if (elements < 1 || elements > Integer.MAX_VALUE) {
      throw InputException.at(
          value.where(),
          "the shape %s has %s elements, expected 1 to %d",
          value.found(),
          elements < 1 ? "no" : "too many",
          Integer.MAX_VALUE);
    }
    return extents;
  }

  private static List<String> outputs(Fields file) {
    var names = new LinkedHashSet<String>();
    List<Yaml> items = file.get("output").map(Fields::items).orElse(List.of());
    for (Yaml item : items) {
      Yaml.Scalar name = file.text(item, "output");
      if (!names.add(name.text())) {
        throw InputException.at(name.where(), "%s is listed a second time", name.found());
      }
    }
    if (items.isEmpty() && file.get("output").isPresent()) {
      throw InputException.at(file.need("output", "").where(), "'output' is an empty list");
    }
    return List.copyOf(names);
  }

  private static OptionalInt target(Fields file) {
    Optional<Integer> ios = file.oneOf("target", IOS, version -> "iOS " + version);
    return ios.isPresent() ? OptionalInt.of(ios.get()) : OptionalInt.empty();
  }
}
