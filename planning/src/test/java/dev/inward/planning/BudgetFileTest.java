package dev.inward.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import dev.inward.base.Unit;
import dev.inward.data.Metric;
import dev.inward.data.Preprocessing;
import dev.inward.device.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BudgetFileTest {
  private static final Set<String> BUNDLED = Set.of("all-minilm-l6-v2");
  private static final String EXAMPLE =
      """
      model: all-minilm-l6-v2                 # a path, or the name of a bundled example
      device: iPhone 13                       # the oldest phone that must pass; a list is a fleet
      data:    { calibrate: sentences/calibrate.txt, test: sentences/test.txt }
      size:    { most: 50 MB,  because: "the app may grow by one feature, not one game" }
      latency: { most: 100 ms, at: p95, heat: sustained, because: "search as you type" }
      energy:  { most: 2 %/h,  rate: 1/s }
      memory:  { most: 150 MB }
      quality: { metric: nearest-in-10, drop: 0.5 pp, confidence: 95 % }
      privacy: { data: stays on device }      # or: { epsilon: 2, delta: 1e-6, unit: user, cohort: 100 }
      update:  { most: 5 MB, over: wifi }
      prefer:  size                           # among the candidates that keep every line
      """;

  @TempDir Path folder;

  @BeforeEach
  void files() throws IOException {
    Files.createDirectories(folder.resolve("sentences"));
    for (String name :
        List.of("sentences/calibrate.txt", "sentences/test.txt", "m.onnx", "v.txt")) {
      Files.writeString(folder.resolve(name), "x");
    }
  }

  private Budget parse(String text) {
    return BudgetFile.parse(text, "budget.yaml", folder, BUNDLED);
  }

  @Test
  void example_readsAsItSays() {
    Budget budget = parse(EXAMPLE);
    assertThat(budget.model()).isEqualTo(new Budget.Model.Bundled("all-minilm-l6-v2"));
    assertThat(budget.devices()).containsExactly(Device.named("iPhone 13"));
    assertThat(budget.data())
        .contains(
            new Budget.Data(
                Optional.of(folder.resolve("sentences/calibrate.txt")),
                folder.resolve("sentences/test.txt")));
    assertThat(budget.prefer()).isEqualTo(Budget.Preference.SIZE);
    assertThat(budget.constraints())
        .containsExactly(
            new Constraint.Size(
                50e6,
                new Constraint.Line(
                    "budget.yaml:4:10",
                    Optional.of("the app may grow by one feature, not one game"))),
            new Constraint.Latency(
                100,
                Constraint.Latency.At.P95,
                Constraint.Latency.Heat.SUSTAINED,
                new Constraint.Line("budget.yaml:5:10", Optional.of("search as you type"))),
            new Constraint.Energy(2, Unit.PERCENT_PER_HOUR, 1, at("budget.yaml:6:10")),
            new Constraint.Memory(150e6, at("budget.yaml:7:10")),
            new Constraint.Quality(
                Metric.NEAREST_IN_10,
                0.005,
                0.95,
                Constraint.Quality.Sides.ONE,
                at("budget.yaml:8:10")),
            new Constraint.OnDevice(at("budget.yaml:9:10")),
            new Constraint.Update(5e6, Constraint.Update.Network.WIFI, at("budget.yaml:10:10")));
    assertThat(budget.constraints().stream().map(Constraint::text))
        .containsExactly(
            "size at most 50 MB",
            "latency at most 100 ms at p95, sustained",
            "energy at most 2 %/h at 1/s",
            "memory at most 150 MB",
            "nearest-in-10 drop at most 0.50 pp at 95 % confidence, one-sided",
            "data stays on the device",
            "update at most 5 MB over wifi");
  }

  private static Constraint.Line at(String where) {
    return new Constraint.Line(where, Optional.empty());
  }

  @Test
  void ownModel_statesItsPreprocessingAndShapes() {
    Budget budget =
        parse(
            """
            model: m.onnx
            device: [iPhone 13, iphone se 3, this machine]
            preprocessing:
              image: { size: 48x192, resize: pad, channels: bgr, scale: 1/255, mean: 0.5, std: [0.5, 0.4, 0.3] }
            shapes: { x: 1x3x48x192, batch: 1 }
            target: iOS 16
            size: 5MB
            privacy: { epsilon: 2, delta: 1e-6, unit: user, cohort: 100 }
            """);
    assertThat(budget.model()).isEqualTo(new Budget.Model.At(folder.resolve("m.onnx")));
    assertThat(budget.phones().getFirst().name()).isEqualTo("iPhone SE 3");
    assertThat(budget.preprocessing())
        .contains(
            new Preprocessing.Image(
                48,
                192,
                Preprocessing.Resize.PAD,
                Preprocessing.Channels.BGR,
                Preprocessing.Layout.CHANNELS_FIRST,
                1 / 255.0,
                List.of(0.5, 0.5, 0.5),
                List.of(0.5, 0.4, 0.3)));
    assertThat(budget.shapes())
        .containsEntry("x", List.of(1L, 3L, 48L, 192L))
        .containsEntry("batch", List.of(1L));
    assertThat(budget.ios()).isEqualTo(OptionalInt.of(16));
    assertThat(budget.prefer()).isEqualTo(Budget.Preference.QUALITY);
    assertThat(budget.line(Constraint.Differential.class))
        .hasValueSatisfying(privacy -> {
          assertThat(privacy.limit().value()).isEqualTo(2);
          assertThat(privacy.cohort()).isEqualTo(100);
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"50 MB", "50MB", "50000 kB", "0.05 GB", "50e6 B", "  50   MB ", "\"50 MB\""})
  void sameSize_isReadHoweverItIsWritten(String text) {
    Budget budget = parse("model: m.onnx\ndevice: iPhone 13\nsize: " + text);
    assertThat(budget.line(Constraint.Size.class).orElseThrow().bytes()).isEqualTo(50e6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1/s", "60/min", "3600 / h", "1 /s"})
  void sameRate_isReadHoweverItIsWritten(String text) {
    Budget budget =
        parse("model: m.onnx\ndevice: iPhone 13\nenergy: { most: 1 %/h, rate: " + text + " }");
    assertThat(budget.line(Constraint.Energy.class).orElseThrow().rate()).isEqualTo(1.0);
  }

  static Stream<Arguments> faults() {
    String head = "model: m.onnx\ndevice: iPhone 13\n";
    return Stream.of(
        // keys
        fault(head + "sise: 5 MB", ":3:1: unknown key 'sise'", "did you mean 'size'?"),
        fault(
            head + "latency: { most: 5 ms, hea: cool }",
            ":3:24: unknown key 'hea' in 'latency'",
            "did you mean 'heat'?"),
        fault(
            head + "size: { 50 MB }",
            ":3:9: unknown key '50 MB' in 'size'",
            "known: most, because"),
        fault(
            head + "size: 5 MB\nsize: 6 MB",
            ":4:1: the key 'size' is given a second time",
            "each key stands once; take one of the two out"),
        fault(
            head + "memory: { most: 5 MB, most: 6 MB }",
            ":3:23: the key 'most' is given a second time",
            "each key stands once; take one of the two out"),
        fault(
            "device: iPhone 13\nsize: 5 MB",
            ":1:1: there is no 'model'",
            "write, for example, model: encoder.onnx"),
        fault(
            "model: m.onnx\nsize: 5 MB",
            ":1:1: there is no 'device'",
            "write, for example, device: iPhone 13"),
        fault(
            head,
            ":1:1: the budget limits nothing",
            "add a line such as size: 50 MB or latency: 100 ms"),
        fault(
            head + "size: { because: x }",
            ":3:7: there is no 'size.most'",
            "write, for example, most: 50 MB"),
        // types
        fault(
            head + "size: [5 MB]",
            ":3:7: 'size' is keys and values, found a list",
            "keys: most, because"),
        fault(head + "size: { most: [5 MB] }", ":3:15: 'size.most' is one value, found a list", ""),
        fault(
            head + "size: { most: }",
            ":3:14: 'size.most' is empty",
            "give a value, or leave the line out"),
        fault(
            "- a\n- b",
            ":1:1: the file is keys and values, found a list",
            "keys: model, device, data, preprocessing, shapes, output, pooling, target, size, latency, energy, memory,"
                + " quality, privacy, update, prefer"),
        fault(
            "just words",
            ":1:1: the file is keys and values, found 'just words'",
            "keys: model, device, data, preprocessing, shapes, output, pooling, target, size, latency, energy, memory,"
                + " quality, privacy, update, prefer"),
        // quantities
        fault(
            head + "size: { most: 50 MX }",
            ":3:15: 'MX' is not a unit, expected a size such as 50 MB",
            "did you mean 'MB'?"),
        fault(
            head + "size: 50 mb",
            ":3:7: 'mb' is not a unit, expected a size such as 50 MB",
            "did you mean 'MB'?"),
        fault(
            head + "size: 50 parsecs",
            ":3:7: 'parsecs' is not a unit, expected a size such as 50 MB",
            "units: B, kB, MB, GB, KiB, MiB, GiB"),
        fault(
            head + "size: 50",
            ":3:7: '50' has no unit, expected a size such as 50 MB",
            "units: B, kB, MB, GB, KiB, MiB, GiB"),
        fault(
            head + "size: small",
            ":3:7: 'small' is not a size, expected a number and a unit such as 50 MB",
            "write it as 50 MB"),
        fault(
            head + "size: 1,5 MB",
            ":3:7: '1,5 MB' is not a size, expected a number and a unit such as 50 MB",
            "the decimal sign is a point"),
        fault(
            head + "size: .inf MB",
            ":3:7: '.inf MB' is not a size, expected a number and a unit such as 50 MB",
            "write it as 50 MB"),
        fault(head + "size: -5 MB", ":3:7: '-5 MB' is below zero", ""),
        fault(
            head + "size: 0 MB",
            ":3:7: '0 MB' can be kept by no model",
            "expected more than zero, such as 50 MB; leave the line out to set no limit"),
        fault(
            head + "latency: 0 ms",
            ":3:10: '0 ms' can be kept by no model",
            "expected more than zero, such as 100 ms; leave the line out to set no limit"),
        fault(head + "size: 1e999 MB", ":3:7: '1e999 MB' is too large, expected at most 1 TB", ""),
        fault(
            head + "size: 99999999999999999999999999999999999999999999 MB",
            ":3:7: '9999999999999999999999999999999999999...' is not a size, expected a number and a unit such as 50 MB",
            "write it as 50 MB"),
        fault(
            head + "latency: 5 MB",
            ":3:10: 'MB' is the wrong unit, expected a time such as 100 ms",
            "units: ms, s, us"),
        fault(
            head + "latency: { most: 5 ms, at: p80 }",
            ":3:28: 'p80' is no 'latency.at', expected one of p50, p95, p99",
            "did you mean 'p50'?"),
        fault(
            head + "energy: 2 %/h",
            ":3:9: there is no 'energy.rate'",
            "battery use depends on how often the model answers: add, for example, rate: 1/s"),
        fault(
            head + "energy: { most: 2 mJ, rate: 1/s }",
            ":3:29: 'energy.rate' means nothing beside an energy for each answer",
            "take the rate out, or give the limit in %/h"),
        fault(
            head + "energy: { most: 200 %/h, rate: 1/s }",
            ":3:17: '200 %/h' is too large, expected at most 100 %/h",
            ""),
        // quality
        fault(
            head + "quality: { metric: accuracy, drop: 1 pp }",
            ":3:20: the metric accuracy needs data",
            "add data: { calibrate: FILE, test: FILE }, or use metric: signal-to-noise, least: 40 dB"),
        fault(
            head + "data: { test: v.txt }\nquality: { metric: accuracy, drop: 1 % }",
            ":4:36: '1 %' is a share, expected a drop in percentage points",
            "write it as 1 pp"),
        fault(
            head
                + "data: { test: v.txt }\nquality: { metric: accuracy, drop: 1 pp, confidence: 20 % }",
            ":4:54: '20 %' is too small, expected at least 50 %",
            ""),
        fault(
            head
                + "data: { test: v.txt }\nquality: { metric: accuracy, drop: 1 pp, confidence: 100 % }",
            ":4:54: '100 %' is too large, expected at most 99.99 %",
            ""),
        fault(
            head + "data: { test: v.txt }\nquality: { metric: acuracy, drop: 1 pp }",
            ":4:20: 'acuracy' is no 'quality.metric', expected one of nearest-in-10, top-ten-overlap, embedding-error, accuracy, agreement, character-accuracy, signal-to-noise",
            "did you mean 'accuracy'?"),
        fault(
            head + "quality: { metric: signal-to-noise, drop: 1 pp }",
            ":3:43: 'quality.drop' does not go with signal-to-noise",
            "write least: 40 dB"),
        fault(
            head + "data: { test: v.txt }\nquality: { metric: embedding-error, drop: 1 pp }",
            ":4:43: 'quality.drop' does not go with embedding-error",
            "write most: 0.01"),
        fault(
            head + "data: { test: v.txt }\nquality: { metric: embedding-error }",
            ":4:10: there is no 'quality.most'",
            "write, for example, most: 0.01"),
        fault(
            head + "data: { test: v.txt }\nquality: { metric: top-ten-overlap, least: 90 dB }",
            ":4:44: 'quality.least' does not go with top-ten-overlap",
            "write drop: 0.5 pp"),
        // output
        fault(head + "output: [y, y]\nsize: 1 MB", ":3:13: 'y' is listed a second time", ""),
        fault(head + "output: []\nsize: 1 MB", ":3:9: 'output' is an empty list", ""),
        fault(
            head + "pooling: max\nsize: 1 MB",
            ":3:10: 'max' is no 'pooling', expected one of none, first, mean, ctc",
            "known: none, first, mean, ctc"),
        // privacy
        fault(
            head + "privacy: { data: stays on device, epsilon: 2 }",
            ":3:44: 'privacy.epsilon' does not go with data: stays on device",
            "data that stays on the device spends no privacy: keep one of the two"),
        fault(
            head + "privacy: { epsilon: 0, delta: 1e-6, cohort: 100 }",
            ":3:21: '0' is no 'privacy.epsilon', expected a number above 0 and at most 1000",
            ""),
        fault(
            head + "privacy: { epsilon: 2, delta: 1e-6, cohort: 1 }",
            ":3:45: '1' is no 'privacy.cohort', expected a whole number from 2 to 1000000000",
            ""),
        fault(
            head + "privacy: { data: goes everywhere }",
            ":3:18: 'goes everywhere' is no 'privacy.data', expected one of stays on device",
            "known: stays on device"),
        // names and files
        fault(
            "model: all-minilm-l6\ndevice: iPhone 13\nsize: 5 MB",
            ":1:8: there is no model 'all-minilm-l6'",
            "did you mean the bundled 'all-minilm-l6-v2'?"),
        fault(
            "model: m.onnx\ndevice: iPhon 13\nsize: 5 MB",
            ":2:9: unknown device 'iPhon 13'",
            "did you mean 'iPhone 13'?"),
        fault(
            "model: m.onnx\ndevice: [iPhone 13, iphone 13]\nsize: 5 MB",
            ":2:21: 'iphone 13' is listed a second time",
            ""),
        fault("model: m.onnx\ndevice: []\nsize: 5 MB", ":2:9: 'device' is an empty list", ""),
        fault(
            head + "data: { calibrate: v.txt, test: v.txt }\nsize: 5 MB",
            ":3:7: 'data.calibrate' and 'data.test' are the same file",
            "quality is measured on what nothing was learnt from: split the data in two"),
        fault(
            head + "target: iOS 14\nsize: 5 MB",
            ":3:9: 'iOS 14' is no 'target', expected one of iOS 15, iOS 16, iOS 17, iOS 18, iOS 26",
            "did you mean 'iOS 15'?"),
        fault(
            head + "prefer: cheap\nsize: 5 MB",
            ":3:9: 'cheap' is no 'prefer', expected one of quality, size, latency, energy",
            "known: quality, size, latency, energy"),
        fault(
            head + "shapes: { x: 1x0 }\nsize: 5 MB",
            ":3:14: the shape '1x0' has no elements, expected 1 to 2147483647",
            ""),
        fault(
            head + "shapes: { x: 99999x99999 }\nsize: 5 MB",
            ":3:14: the shape '99999x99999' has too many elements, expected 1 to 2147483647",
            ""),
        fault(
            head + "shapes: { x: -1x2 }\nsize: 5 MB",
            ":3:14: '-1x2' is no shape for 'x', expected extents such as 1x128",
            ""),
        fault(
            head + "preprocessing: { image: { size: 5x5, std: 0 } }\nsize: 5 MB",
            ":3:43: '0' is no 'preprocessing.image.std', expected a number above 0 and at most 1000000000",
            ""),
        fault(
            head + "preprocessing: { image: { size: 5x5, mean: [1, 2] } }\nsize: 5 MB",
            ":3:44: 'mean' has 2 numbers, expected 1 or 3, one for each channel of rgb",
            ""),
        // YAML
        fault(
            head + "size: {most: 5 MB",
            ":3:18: this is not YAML: expected ',' or '}', but got <stream end>",
            "a line is `key: value`; put text that holds ': ', '#', '{' or '%' in quotes"),
        fault(
            head + "size: a: b",
            ":3:8: this is not YAML: mapping values are not allowed here",
            "a line is `key: value`; put text that holds ': ', '#', '{' or '%' in quotes"),
        fault(
            head + "size: &a 5 MB\nmemory: *a",
            ":3:7: anchors and aliases (& and *) are not used here",
            "write the value out; put text that starts with & or * in quotes"),
        fault(
            head + "size: !!float 5",
            ":3:7: tags (!) are not used here",
            "put text that starts with ! in quotes"),
        fault(
            head + "---\n" + head,
            ":3:1: a second document starts here",
            "one file is one budget; take the '---' out"),
        fault(head + "? [a]\n: b", ":3:3: a key is a word, found a list", ""),
        fault(
            "\u0000ELF",
            ":1:1: this is no text: it holds the control character 0x00",
            "a budget file is text; is this the model instead?"),
        fault("[".repeat(100_000), ":1:18: nested more than 16 deep", ""),
        fault(
            "",
            ": the file is empty",
            "`inward new MODEL --device \"iPhone 13\"` drafts a budget file"),
        fault(
            "# only a comment\n",
            ": the file is empty",
            "`inward new MODEL --device \"iPhone 13\"` drafts a budget file"));
  }

  private static Arguments fault(String text, String message, String hint) {
    return Arguments.of(text, "budget.yaml" + message, hint);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void fault_isNamedWithItsPlaceAndTheFix(String text, String message, String hint) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOfSatisfying(
            InputException.class,
            e -> {
              assertThat(e.getMessage()).isEqualTo(message);
              assertThat(e.hint().orElse("")).isEqualTo(hint);
            });
  }

  @Test
  void missingDataFile_isNamedOnItsLine() {
    assertThatThrownBy(
            () -> parse("model: m.onnx\ndevice: iPhone 13\ndata: { test: gone.txt }\nsize: 5 MB"))
        .isInstanceOfSatisfying(
            InputException.class,
            e ->
                assertThat(e.text())
                    .isEqualTo(
                        "budget.yaml:3:15: there is no file 'gone.txt' for 'data.test'\n  hint: looked"
                            + " for %s; a relative path starts at the budget file",
                        folder.resolve("gone.txt")));
  }

  @Test
  void relativePaths_startAtTheFile() throws IOException {
    Path file = Files.writeString(folder.resolve("budget.yaml"), EXAMPLE);
    Budget budget = BudgetFile.read(file, BUNDLED);
    assertThat(budget.data().orElseThrow().test()).isEqualTo(folder.resolve("sentences/test.txt"));
  }

  @Test
  void missingFile_binaryFile_hugeFile_areRefused() throws IOException {
    Path gone = folder.resolve("gone.yaml");
    assertThatThrownBy(() -> BudgetFile.read(gone, BUNDLED))
        .isInstanceOf(InputException.class)
        .hasMessage(gone + ": there is no such file");
    Path binary = Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xC3, 0x28, 0x7F});
    assertThatThrownBy(() -> BudgetFile.read(binary, BUNDLED))
        .isInstanceOf(InputException.class)
        .hasMessage(binary + ": this is no text in UTF-8");
    Path huge = folder.resolve("huge.yaml");
    byte[] megabyte = new byte[1_000_000];
    Arrays.fill(megabyte, (byte) ' ');
    try (var out = Files.newOutputStream(huge)) {
      for (int i = 0; i < 100; i++) {
        out.write(megabyte);
      }
    }
    assertThatThrownBy(() -> BudgetFile.read(huge, BUNDLED))
        .isInstanceOf(InputException.class)
        .hasMessage(huge + ": this is no budget file: it is larger than 256 kB");
    assertThatThrownBy(() -> BudgetFile.read(folder, BUNDLED))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(folder + ": cannot be read");
  }
}
