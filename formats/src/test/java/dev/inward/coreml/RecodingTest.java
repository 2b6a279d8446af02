package dev.inward.coreml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A package whose weights are encoded otherwise is the same package in all else.
final class RecodingTest {
  private static Graph net() {
    return GraphText.parse(
        """
        graph net
        input x: float32[1x16x8x8]
        input i: int64[3]
        const w: float32[32x16x3x3] = random 1
        const b: float32[32] = random 2
        const m: float32[64x48] = random 3
        const e: float32[100x64] = random 4
        c = Conv{groups=1, pads=[1, 1, 1, 1]}(x, w, b)
        r = Reshape(c, shape)
        const shape: int64[2] = 32, 64
        y = MatMul(r, m)
        z = Gather{axis=0}(e, i)
        output y, z
        """);
  }

  private static Path written(String name, Target target, Options options) {
    Path path = Packages.path("recoding-" + name);
    CoreMl.write(net(), path, options.target(target));
    return path;
  }

  private static Tensor int8(Tensor weight) {
    float[] values = weight.floats();
    int[] codes = new int[values.length];
    var random = new Random(3);
    for (int i = 0; i < codes.length; i++) {
      codes[i] = random.nextInt(-127, 128);
    }
    List<Long> grid = weight.dims().stream().map(_ -> 1L).toList();
    return new Tensor(
        weight.dtype(),
        weight.dims(),
        new Encoding.Affine(
            DataType.INT8,
            Storage.packed(8, codes),
            Tensor.ofFloats(grid, 0.0078125f),
            Tensor.dense(DataType.INT8, grid, Storage.packed(8, 0))));
  }

  private static Tensor int4(Tensor weight) {
    Tensor eight = int8(weight);
    int[] codes = new int[(int) weight.elements()];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = i % 16 - 8;
    }
    var affine = (Encoding.Affine) eight.encoding();
    return new Tensor(
        weight.dtype(),
        weight.dims(),
        new Encoding.Affine(
            DataType.INT4,
            Storage.packed(4, codes),
            affine.scale(),
            Tensor.dense(DataType.INT4, affine.scale().dims(), Storage.packed(4, 0))));
  }

  private static byte[] model(Path path) throws IOException {
    return Files.readAllBytes(path.resolve("Data/com.apple.CoreML/model.mlmodel"));
  }

  /// The fields of the model file but for the version and the program.
  private static List<String> rest(Path path) throws IOException {
    var fields = new java.util.ArrayList<String>();
    var in = WireReader.of(java.lang.foreign.MemorySegment.ofArray(model(path)));
    while (in.next()) {
      if (in.number() != 1 && in.number() != 502) {
        fields.add(
            java.util.HexFormat.of()
                .formatHex(in.field().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)));
      }
    }
    return fields;
  }

  @Test
  void weights_haveTheirAxesAndReaders() {
    var recoding = Recoding.of(written("axes", Target.IOS16, Options.DEFAULT));

    assertThat(recoding.weights())
        .extracting(Recoding.Weight::name)
        .contains("w", "e")
        .doesNotContain("b");
    for (var weight : recoding.weights()) {
      assertThat(weight.tensor().dtype()).isEqualTo(DataType.FLOAT16);
      if (weight.name().equals("w")) {
        assertThat(weight.channelAxis()).hasValue(0);
        assertThat(weight.inputAxis()).hasValue(1);
        assertThat(weight.readers()).containsExactly("c");
      }
    }
    assertThat(recoding.target()).isEqualTo(Target.IOS16);
  }

  @Test
  void nothingEncoded_givesTheSameModelFile() throws IOException {
    Path path = written("same", Target.IOS17, Options.DEFAULT);
    Path out = Packages.path("recoding-same-out");
    Recoding.of(path).write(out, Map.of(), Optional.empty());

    assertThat(model(out)).isEqualTo(model(path));
    assertThat(
            Files.mismatch(
                path.resolve("Data/com.apple.CoreML/weights/weight.bin"),
                out.resolve("Data/com.apple.CoreML/weights/weight.bin")))
        .isEqualTo(-1);
  }

  @Test
  void oneEncodedWeight_isThatAndNothingElseChanges() throws IOException {
    for (var options :
        List.of(Options.DEFAULT, Options.DEFAULT.precision(Options.Precision.FLOAT32))) {
      String kind = options.precision().name();
      Path path = written("one-" + kind, Target.IOS16, options);
      Path out = Packages.path("recoding-one-out-" + kind);
      var recoding = Recoding.of(path);
      var weight =
          recoding.weights().stream().filter(w -> w.name().equals("w")).findFirst().orElseThrow();
      Tensor encoded = int8(weight.tensor());
      var written = recoding.write(out, Map.of("w", encoded), Optional.empty());
      Graph before = CoreMl.read(path);
      Graph after = CoreMl.read(out);

      assertThat(written.target()).isEqualTo(Target.IOS16);
      assertThat(rest(out)).isEqualTo(rest(path));
      assertThat(after.nodes()).isEqualTo(before.nodes());
      assertThat(after.inputs()).isEqualTo(before.inputs());
      assertThat(after.outputs()).isEqualTo(before.outputs());
      before
          .constants()
          .forEach((name, tensor) -> {
            if (!name.equals("w")) {
              assertThat(after.constant(name)).contains(tensor);
            }
          });
      assertThat(after.constant("w").orElseThrow().floats()).isEqualTo(encoded.floats());
      assertThat(after.constant("w").orElseThrow().encoding()).isInstanceOf(Encoding.Affine.class);
    }
  }

  @Test
  void encodingOfALaterSystem_raisesThePackageAndItsOps() throws IOException {
    Path path = written("raised", Target.IOS15, Options.DEFAULT);
    Path out = Packages.path("recoding-raised-out");
    var recoding = Recoding.of(path);
    var weight =
        recoding.weights().stream().filter(w -> w.name().equals("w")).findFirst().orElseThrow();
    var written = recoding.write(out, Map.of("w", int4(weight.tensor())), Optional.empty());

    assertThat(written.target()).isEqualTo(Target.IOS18);
    assertThat(written.notes())
        .containsExactly(
            "op 'z_fp16' computes its indices: from iOS 17 on negative ones no longer count from the end");
    assertThat(rest(out)).isEqualTo(rest(path));
    var gather =
        Package.read(out, Optional.empty()).program().operations().stream()
            .filter(op -> op.type().equals("gather"))
            .findFirst()
            .orElseThrow();
    assertThat(gather.inputs().keySet()).contains("batch_dims", "validate_indices");
    assertThat(Package.read(out, Optional.empty()).program().opset()).isEqualTo("CoreML8");
    assertThat(CoreMl.read(out).constant("w").orElseThrow().floats())
        .isEqualTo(int4(weight.tensor()).floats());
  }

  @Test
  void targetThatCannotHoldIt_isRefused() {
    Path path = written("refused", Target.IOS16, Options.DEFAULT);
    var recoding = Recoding.of(path);
    var weight =
        recoding.weights().stream().filter(w -> w.name().equals("w")).findFirst().orElseThrow();

    assertThatThrownBy(() ->
            recoding.write(
                Packages.path("recoding-refused-out"),
                Map.of("w", int4(weight.tensor())),
                Optional.of(Target.IOS17)))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("weight 'w': 4-bit codes exist from iOS 18 on, the target is iOS 17");
    assertThatThrownBy(() ->
            recoding.write(
                Packages.path("recoding-refused-out"), Map.of(), Optional.of(Target.IOS15)))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("the package needs iOS 16; it cannot be written for iOS 15");
  }

  @Test
  void writtenTwice_isTheSameByteForByte() throws IOException {
    Path path = written("twice", Target.IOS18, Options.DEFAULT);
    var weight =
        Recoding.of(path).weights().stream()
            .filter(w -> w.name().equals("w"))
            .findFirst()
            .orElseThrow();
    Path first = Packages.path("recoding-first");
    Path second = Packages.path("recoding-second");
    Recoding.of(path).write(first, Map.of("w", int4(weight.tensor())), Optional.empty());
    Recoding.of(path).write(second, Map.of("w", int4(weight.tensor())), Optional.empty());

    for (String file :
        List.of(
            "Manifest.json",
            "Data/com.apple.CoreML/model.mlmodel",
            "Data/com.apple.CoreML/weights/weight.bin")) {
      assertThat(Files.mismatch(first.resolve(file), second.resolve(file))).as(file).isEqualTo(-1);
    }
  }
}
