package dev.inward.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class InspectTest {
  @TempDir Path folder;
  private String model = "";

  @BeforeEach
  void write() {
    model = SmallModel.write(folder).toString();
  }

  @Test
  void unboundModel_saysWhatNeedsNoShapesAndHowToBind() {
    var started = inspect(model);
    assertThat(started.code()).isZero();
    assertThat(started.err()).isEmpty();
    assertThat(started.out())
        .startsWith(model + ": 4 nodes, 208 parameters, 832 B of weights as stored\n")
        .contains("input    x: float32[rows x 8]", "output   y: float32[rows x 4]")
        .contains("832 B as float32 dense, 208 elements in 3 tensors")
        .contains("ops      2 MatMul, 1 Add, 1 Relu")
        .endsWith("work and peak are not counted: bind the shapes with --shape x=<rows>x8\n");
  }

  @Test
  void boundModel_isCounted() {
    var started = inspect(model, "--shape", "x=3x8", "--json");
    assertThat(started.code()).isZero();
    var json = Json.parse(started.out(), "inspect");
    // 3 rows of 8 x 16 and 16 x 4 products.
    assertThat(json.get("macs").flatMap(Json::number)).contains(576);
    // 3 rows: bias added and relu applied to 16 each.
    assertThat(json.get("operations").flatMap(Json::number)).contains(96);
    // Both the sum and the hidden layer, 3 x 16 floats each, are live while relu runs.
    assertThat(json.get("peak_bytes").flatMap(Json::number)).contains(384);
    assertThat(json.get("peak_node").flatMap(Json::text)).isPresent();
    assertThat(json.get("uncounted")).isEmpty();
    assertThat(json.get("table")).isEmpty();
  }

  @Test
  void nodes_areListedWithTheirCosts() {
    var started = inspect(model, "--shape", "x=1x8", "--nodes");
    assertThat(started.out().lines().filter(line -> line.matches(".* MatMul +float32.*")))
        .satisfiesExactly(
            first -> assertThat(first.split(" +")).contains("product", "128", "512"),
            second -> assertThat(second.split(" +")).contains("y", "64", "256"));
  }

  @Test
  void device_addsPlacementAndFiguresWithTheirSource() {
    var started = inspect(model, "--shape", "x=1x8", "--device", "iphone 13", "--nodes", "--json");
    assertThat(started.code()).as(started.err()).isZero();
    var device = Json.parse(started.out(), "inspect").get("device").orElseThrow();
    assertThat(device.get("name").flatMap(Json::text)).contains("iPhone 13");
    var latency = device.get("latency").orElseThrow();
    assertThat(latency.get("source").flatMap(Json::text).orElse("")).startsWith("modelled: ");
    assertThat(latency.get("high").flatMap(Json::number).orElse(0).doubleValue()).isPositive();
    // Simplified: product and bias are one node; the package casts its input and its output.
    assertThat(Json.parse(started.out(), "inspect").get("table").orElseThrow().items())
        .extracting(row -> row.get("op").flatMap(Json::text).orElse(""))
        .containsExactly("Cast", "Linear", "Relu", "MatMul", "Cast");
  }

  @Test
  void placement_saysWhatToChangeWithRuleAndSource() {
    var started = inspect(model, "--shape", "x=1x8", "--device", "iphone 13", "--placement");
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.out())
        .contains("on iPhone 13 (A15 Bionic), modelled, as the program of its package:")
        .contains("3 on the Neural Engine, 2 on the CPU; 2 crossings; 100 % of the work")
        .contains("to keep it on the Neural Engine of A15 Bionic:")
        .contains("  2 nodes, 0 % of the work, likely on the CPU\n    rule    interface: ")
        .contains("    change  give the package float16 inputs and outputs (from iOS 16 on)\n")
        .contains("  3 nodes, 100 % of the work, only eligible on the Neural Engine\n")
        .contains("not promised");
  }

  @Test
  void placementOfAChip_needsNoPhone() {
    var started = inspect(model, "--shape", "x=1x8", "--device", "m2", "--json", "--nodes");
    assertThat(started.code()).as(started.err()).isZero();
    var device = Json.parse(started.out(), "inspect").get("device").orElseThrow();
    assertThat(device.get("latency")).isEmpty();
    var placement = device.get("placement").orElseThrow();
    assertThat(placement.get("chip").flatMap(Json::text)).contains("M2");
    assertThat(placement.get("crossings").flatMap(Json::number)).contains(2);
    var departure = placement.get("departures").orElseThrow().items().getFirst();
    assertThat(departure.get("rule").flatMap(Json::text)).contains("interface");
    assertThat(departure.get("kind").flatMap(Json::text)).contains("type");
    assertThat(departure.get("source").flatMap(Json::text).orElse("")).contains("ane-guide");
    var row = Json.parse(started.out(), "inspect").get("table").orElseThrow().items().get(1);
    assertThat(row.get("rule").flatMap(Json::text)).contains("small model");
    assertThat(row.get("certainty").flatMap(Json::text)).contains("eligible");
  }

  @Test
  void allChips_areALineEach() {
    var started = inspect(model, "--shape", "x=1x8", "--all-chips");
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.out().lines().filter(line -> line.matches("(A1\\d|M\\d).*")))
        .hasSize(16)
        .anySatisfy(line -> assertThat(line).matches("A11 Bionic +2017 +0 +3 +2 +0 % .*"))
        .anySatisfy(line -> assertThat(line).matches("M5 +2025 +3 +0 +2 +100 % .*"));
  }

  @Test
  void placementWithoutADevice_isRefused() {
    var started = inspect(model, "--placement");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo("--placement needs a device\n  hint: add --device \"iPhone 13\"\n");
  }

  @Test
  void deviceOfAnUnboundModel_isRefusedAfterWhatCanBeSaid() {
    var started = inspect(model, "--device", "iPhone 13");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.out()).contains("208 parameters");
    assertThat(started.err()).contains("cannot be counted", "hint: bind the inputs");
  }

  @Test
  void unknownDevice_isRefusedWithTheNearest() {
    var started = inspect(model, "--device", "iPhone 31");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo("unknown device 'iPhone 31'\n  hint: did you mean 'iPhone 11'?\n");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "x, names no input",
        "x=1xy, 'y' is no number",
        "x=, '' is no number",
        "x=0x8, \"an extent is from 1 to 2147483647, not 0\"",
        "x=99999999999x8, \"an extent is from 1 to 2147483647, not 99999999999\"",
      })
  void badShape_isRefused(String shape, String what) {
    var started = inspect(model, "--shape", shape);
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo(
            "--shape %s: %s\n  hint: write the extents with an x between them: --shape input_ids=1x128\n"
                .formatted(shape, what));
  }

  @Test
  void contradictingShape_isRefused() {
    var started = inspect(model, "--shape", "x=1x9");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo("input 'x': the shape [1x9] contradicts the stated [rows x 8]\n");
  }

  @Test
  void missingFile_isRefusedWithTheBundledModelThatWasMeant() {
    var started = inspect("text-directon");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo(
            "text-directon: there is no such file\n"
                + "  hint: did you mean the bundled model 'text-direction'?\n");
  }

  @Test
  void damagedFiles_areRefusedInOneLine() throws IOException {
    byte[] whole = Files.readAllBytes(Path.of(model));
    Path cut = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(whole, whole.length / 2));
    Path text = Files.writeString(folder.resolve("text.onnx"), "not a model at all\n");
    for (Path bad : new Path[] {cut, text, folder}) {
      var started = inspect(bad.toString());
      assertThat(started.code()).as(bad.toString()).isEqualTo(2);
      assertThat(started.out()).isEmpty();
      assertThat(started.err()).startsWith(bad + ": ").doesNotContain("\tat ");
      assertThat(started.err().lines().count()).isLessThanOrEqualTo(2);
    }
  }

  private static Started inspect(String... args) {
    var all = new String[args.length + 1];
    all[0] = "inspect";
    System.arraycopy(args, 0, all, 1, args.length);
    return Started.inward(Map.of(), all);
  }
}
