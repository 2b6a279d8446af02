package dev.inward.coreml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import dev.inward.base.Refusal;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Product;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.protobuf.WireWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged packages end in one clear message.
final class DamageTest {
  @TempDir private Path folder;
  private Path pack = Path.of("");
  private Path model = Path.of("");
  private Path weights = Path.of("");

  @BeforeEach
  void write() {
    float[] bias = new float[12];
    Arrays.fill(bias, 0.5f);
    int[] codes = new Random(1).ints(48, -128, 128).toArray();
    float[] table = new float[16];
    var graph =
        Graph.builder("small")
            .input("x", TensorType.of(DataType.FLOAT32, 2, 4))
            .constant(
                "w",
                Tensor.affine(
                    List.of(4L, 12L),
                    DataType.INT8,
                    codes,
                    Tensor.ofFloats(List.of(1L, 12L), bias)))
            .constant("b", Tensor.ofFloats(List.of(12L), bias))
            .constant(
                "p",
                new Tensor(
                    DataType.FLOAT32,
                    List.of(12L, 3L),
                    new Encoding.Palette(
                        4,
                        Storage.packed(4, new int[36]),
                        Tensor.ofFloats(List.of(1L, 1L, 16L), table))))
            .node(new Product.Linear(), List.of("x", "w", "b"), "h")
            .node(new Product.MatMul(), List.of("h", "p"), "y")
            .output("y")
            .build();
    pack = folder.resolve("small.mlpackage");
    CoreMl.write(graph, pack, Options.DEFAULT.target(Target.IOS18));
    model = pack.resolve("Data/com.apple.CoreML/model.mlmodel");
    weights = pack.resolve("Data/com.apple.CoreML/weights/weight.bin");
  }

  private void assertDamaged(String message) {
    assertThatThrownBy(() -> CoreMl.read(pack))
        .isInstanceOf(InputException.class)
        .hasMessage(pack + ": " + message);
  }

  private void manifest(String old, String replacement) throws IOException {
    Path file = pack.resolve("Manifest.json");
    String text = Files.readString(file);
    assertThat(text).contains(old);
    Files.writeString(file, text.replace(old, replacement));
  }

  @Test
  void noFolder_isNamed() {
    assertThatThrownBy(() -> CoreMl.read(folder.resolve("none.mlpackage")))
        .isInstanceOf(InputException.class)
        .hasMessage(folder.resolve("none.mlpackage") + ": is not there");
    assertThatThrownBy(() -> CoreMl.read(weights))
        .isInstanceOf(InputException.class)
        .hasMessage(weights + ": is no folder; a package is one");
    assertThatThrownBy(() -> CoreMl.read(model))
        .isInstanceOf(InputException.class)
        .hasMessage(model + ": op 'b' (const): its weights are in another file of its package");
  }

  @Test
  void noManifest_isNamed() throws IOException {
    Files.delete(pack.resolve("Manifest.json"));

    assertDamaged("Manifest.json: is not there; a package has one");
  }

  @Test
  void manifestThatIsNoJson_isNamedWithItsLine() throws IOException {
    Files.writeString(pack.resolve("Manifest.json"), "{\n  oops");

    assertThatThrownBy(() -> CoreMl.read(pack))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(pack + ": Manifest.json:2:");
  }

  @Test
  void manifestWithoutRoot_isNamed() throws IOException {
    manifest("rootModelIdentifier", "other");

    assertDamaged("Manifest.json: the entry 'rootModelIdentifier' is missing");
  }

  @Test
  void manifestWithoutWeights_isNamed() throws IOException {
    manifest("\"name\" : \"weights\"", "\"name\" : \"other\"");

    assertThatThrownBy(() -> CoreMl.read(pack))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith(
            "weight file '@model_path/weights/weight.bin': the manifest has no item called"
                + " 'weights'");
  }

  @Test
  void pathOutOfThePackage_isRefused() throws IOException {
    Files.writeString(folder.resolve("secret"), "secret");
    manifest("com.apple.CoreML/model.mlmodel", "../../secret");

    assertThatThrownBy(() -> CoreMl.read(pack))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("'../../secret' leads out of the package");
  }

  @Test
  void linkOutOfThePackage_isRefused() throws IOException {
    Path outside = folder.resolve("weight.bin");
    Files.move(weights, outside);
    Files.createSymbolicLink(weights, outside);

    assertThatThrownBy(() -> CoreMl.read(pack))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("leads out of the package");
  }

  @Test
  void missingModelFile_isNamed() throws IOException {
    Files.delete(model);

    assertThatThrownBy(() -> CoreMl.read(pack))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("'com.apple.CoreML/model.mlmodel' is not there");
  }

  @Test
  void wrongSentinel_isNamed() throws IOException {
    byte[] all = Files.readAllBytes(weights);
    all[64] = 0;
    Files.write(weights, all);

    assertThatThrownBy(() -> CoreMl.read(pack))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("no weight starts at offset 64: found deadbe00, expected deadbeef");
  }

  @Test
  void cutWeightFile_isRefused() throws IOException {
    byte[] all = Files.readAllBytes(weights);
    for (int length = 0; length < all.length; length += 13) {
      Files.write(weights, Arrays.copyOf(all, length));
      assertThatThrownBy(() -> CoreMl.read(pack)).isInstanceOf(InputException.class);
    }
  }

  @Test
  void cutModelFile_isRefused() throws IOException {
    byte[] all = Files.readAllBytes(model);
    for (int length = 0; length < all.length; length += 7) {
      Files.write(model, Arrays.copyOf(all, length));
      assertThatThrownBy(() -> CoreMl.read(pack)).isInstanceOf(Refusal.class);
    }
  }

  @Test
  void changedBytes_giveAGraphOrARefusalNothingElse() throws IOException {
    byte[] all = Files.readAllBytes(model);
    var random = new Random(6);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] changed = all.clone();
      for (int j = random.nextInt(3); j >= 0; j--) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      }
      Files.write(model, changed);
      try {
        CoreMl.read(pack);
      } catch (Refusal refusal) {
        assertThat(refusal.getMessage()).startsWith(pack + ": ");
        refused++;
      }
    }
    assertThat(refused).isBetween(500, 2999);
  }

  private void program(WireWriter block) throws IOException {
    var function =
        new WireWriter()
            .string(2, "CoreML6")
            .message(3, new WireWriter().string(1, "CoreML6").message(2, block));
    var program =
        new WireWriter()
            .varint(1, 1)
            .message(2, new WireWriter().string(1, "main").message(2, function));
    Files.write(model, new WireWriter().varint(1, 7).message(502, program).toArray());
  }

  private static WireWriter tensor(long... dims) {
    var tensor = new WireWriter().varint(1, 11).varint(2, dims.length);
    for (long size : dims) {
      tensor.message(3, new WireWriter().message(1, new WireWriter().varint(1, size)));
    }
    return new WireWriter().message(1, tensor);
  }

  private static WireWriter op(String type, String out, WireWriter outType, String x) {
    var name = new WireWriter().string(1, x);
    var argument = new WireWriter().message(1, name);
    return new WireWriter()
        .string(1, type)
        .message(2, new WireWriter().string(1, "x").message(2, argument))
        .message(3, new WireWriter().string(1, out).message(2, outType));
  }

  @Test
  void extentsThatOverflow_areRefused() throws IOException {
    program(
        new WireWriter()
            .string(2, "y")
            .message(3, op("relu", "y", tensor(1L << 40, 1L << 40), "y")));

    assertThatThrownBy(() -> CoreMl.read(pack))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("the extents [1099511627776, 1099511627776] overflow");
  }

  @Test
  void hugeConstantWithoutData_isRefusedBeforeAnythingIsAllocated() throws IOException {
    var empty = new WireWriter().message(1, new WireWriter().message(1, new WireWriter()));
    var value = new WireWriter().message(2, tensor(1L << 50)).message(3, empty);
    program(
        new WireWriter()
            .string(2, "y")
            .message(
                3,
                new WireWriter()
                    .string(1, "const")
                    .message(3, new WireWriter().string(1, "y").message(2, tensor(1L << 50)))
                    .message(5, new WireWriter().string(1, "val").message(2, value))));

    assertThatThrownBy(() -> CoreMl.read(pack))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith(
            "op 'y' (const): a constant has 0 bytes, its type says 4503599627370496");
  }

  @Test
  void opsThatNeedEachOther_areRefused() throws IOException {
    program(
        new WireWriter()
            .string(2, "b")
            .message(3, op("relu", "a", tensor(2), "b"))
            .message(3, op("relu", "b", tensor(2), "a")));

    assertThatThrownBy(() -> CoreMl.read(pack))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("op 'a': reads 'b', which nothing before it defines");
  }

  @Test
  void unknownOp_isRefusedByName() throws IOException {
    program(new WireWriter().string(2, "a").message(3, op("make_tea", "a", tensor(2), "a")));

    assertThatThrownBy(() -> CoreMl.read(pack))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageEndingWith("op 'a': make_tea cannot be read: this op is not known");
  }

  @Test
  void otherKindOfModel_isNamed() throws IOException {
    Files.write(model, new WireWriter().varint(1, 5).message(202, new WireWriter()).toArray());

    assertThatThrownBy(() -> CoreMl.read(pack))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("a pipeline");
  }

  @Test
  void statedTypeThatContradicts_isNamed() throws IOException {
    byte[] all = Files.readAllBytes(model);
    var text = new String(all, java.nio.charset.StandardCharsets.ISO_8859_1);
    // The declared extents of 'h': [2, 12] becomes [2, 11].
    int at = text.indexOf("h", text.indexOf("linear"));
    int extent = text.indexOf("\u0008\u000c", at);
    all[extent + 1] = 11;
    Files.write(model, all);

    assertThatThrownBy(() -> CoreMl.read(pack)).isInstanceOf(InputException.class);
  }

  @Test
  void nameWithoutTheEnding_isRefused() {
    assertThatThrownBy(
            () -> CoreMl.write(CoreMl.read(pack), folder.resolve("x.mlmodel"), Options.DEFAULT))
        .isInstanceOf(InputException.class)
        .hasMessage(
            folder.resolve("x.mlmodel")
                + ": a Core ML package is a folder whose name ends in .mlpackage");
  }

  @Test
  void refusedWriting_leavesTheEarlierPackage() throws IOException {
    byte[] before = Files.readAllBytes(model);
    var graph =
        Graph.builder("no")
            .input("x", TensorType.of(DataType.INT32, 2))
            .node(new dev.inward.graph.Movement.NonZero(), List.of("x"), "y")
            .output("y")
            .build();

    assertThatThrownBy(() -> CoreMl.write(graph, pack, Options.DEFAULT))
        .isInstanceOf(UnsupportedException.class);
    assertThat(Files.readAllBytes(model)).isEqualTo(before);
    assertThat(CoreMl.read(pack).nodes()).hasSize(4);
  }
}
