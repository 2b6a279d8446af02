package dev.inward.coreml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Graph;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The weight file, byte by byte.
final class BlobsTest {
  @TempDir private Path folder;

  private static byte[] bytes(int... values) {
    byte[] out = new byte[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) values[i];
    }
    return out;
  }

  private ByteBuffer written() throws IOException {
    Path file = folder.resolve("weight.bin");
    try (var blobs = new Blobs(file)) {
      assertThat(blobs.add(MilType.FLOAT16, 2, Storage.of(bytes(0, 0x3c, 0, 0x40)))).isEqualTo(64);
      assertThat(blobs.add(MilType.INT4, 5, Storage.of(bytes(0xf8, 0x10, 0x07)))).isEqualTo(192);
    }
    return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void records_areOnMultiplesOf64WithTheirDataBehind() throws IOException {
    var all = written();

    assertThat(all.capacity()).isEqualTo(192 + 64 + 3);
    assertThat(all.getInt(0)).isEqualTo(2);
    assertThat(all.getInt(4)).isEqualTo(2);
    for (int i = 8; i < 64; i++) {
      assertThat(all.get(i)).isZero();
    }
    assertThat(all.getInt(64)).isEqualTo(0xDEADBEEF);
    assertThat(all.getInt(68)).isEqualTo(1);
    assertThat(all.getLong(72)).isEqualTo(4);
    assertThat(all.getLong(80)).isEqualTo(128);
    assertThat(all.getLong(88)).isEqualTo(0);
    assertThat(all.getInt(192)).isEqualTo(0xDEADBEEF);
    assertThat(all.getInt(196)).isEqualTo(8);
    assertThat(all.getLong(200)).isEqualTo(3);
    assertThat(all.getLong(208)).isEqualTo(256);
    assertThat(all.getLong(216)).as("padding bits").isEqualTo(4);
  }

  @Test
  void blobs_areReadAsSlices() throws IOException {
    written();
    var file = BlobFile.open(folder.resolve("weight.bin"), "weight.bin");

    assertThat(file.blob(64, MilType.FLOAT16, 2)).isEqualTo(Storage.of(bytes(0, 0x3c, 0, 0x40)));
    assertThat(file.blob(192, MilType.INT4, 5)).isEqualTo(Storage.of(bytes(0xf8, 0x10, 7)));
  }

  @Test
  void wrongReferences_areRefused() throws IOException {
    written();
    var file = BlobFile.open(folder.resolve("weight.bin"), "w");

    assertThatThrownBy(() -> file.blob(128, MilType.FLOAT16, 2))
        .isInstanceOf(InputException.class)
        .hasMessage("w: no weight starts at offset 128: found 40003c00, expected deadbeef");
    assertThatThrownBy(() -> file.blob(1 << 20, MilType.FLOAT16, 2))
        .hasMessage("w: the record at offset 1048576 is not inside the file of 259 bytes");
    assertThatThrownBy(() -> file.blob(-64, MilType.FLOAT16, 2))
        .hasMessage("w: the record at offset -64 is not inside the file of 259 bytes");
    assertThatThrownBy(() -> file.blob(64, MilType.FLOAT32, 1))
        .hasMessage("w: the weight at offset 64 has type code 1, the model says fp32 (2)");
    assertThatThrownBy(() -> file.blob(64, MilType.FLOAT16, 3))
        .hasMessage("w: the weight at offset 64 has 4 bytes, 3 elements of fp16 take 6");
  }

  @Test
  void dataOutsideTheFile_isRefused() throws IOException {
    var all = written();
    all.putLong(208, 1 << 20);
    Files.write(folder.resolve("weight.bin"), all.array());
    var file = BlobFile.open(folder.resolve("weight.bin"), "w");

    assertThatThrownBy(() -> file.blob(192, MilType.INT4, 5))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "w: the data of the weight at offset 192 is cut short: 3 bytes from 1048576, the file"
                + " has 259");
  }

  /// The values that were measured on the packages of Apple's tool.
  @ParameterizedTest
  @CsvSource({
    "4, -8 -1 0 1 7, f8 10 07",
    "4, 1 2 3, 21 03",
    "3, 1 2 3 4 5 6 7 0 5, d1 58 1f 05",
    "6, 1 2 3 63 5, 81 30 fc 05",
    "2, 0 1 2 3 1, e4 01",
    "1, 1 0 0 1 1 0 0 0 1 1, 19 03"
  })
  void codesBelowAByte_arePackedFromTheLowestBit(int bits, String values, String packed) {
    int[] codes = List.of(values.split(" ")).stream().mapToInt(Integer::parseInt).toArray();
    var storage = Storage.packed(bits, codes);

    assertThat(java.util.HexFormat.ofDelimiter(" ").formatHex(storage.toArray())).isEqualTo(packed);
    for (int i = 0; i < codes.length; i++) {
      assertThat(Packing.get(storage.bytes(), i, bits)).isEqualTo(codes[i] & ((1 << bits) - 1));
    }
  }

  private static Graph sum(long elements) {
    return Graph.builder("sum")
        .input("x", TensorType.of(DataType.FLOAT32, elements))
        .constant("c", Tensor.ofFloats(List.of(elements), new float[(int) elements]))
        .node(new Binary(Binary.Function.ADD), List.of("x", "c"), "y")
        .output("y")
        .build();
  }

  @Test
  void constantsOfTenElements_areInTheWeightFileAndOfNineAreNot() {
    CoreMl.write(sum(10), Packages.path("ten"), Options.DEFAULT);
    CoreMl.write(sum(9), Packages.path("nine"), Options.DEFAULT);

    assertThat(Packages.path("ten").resolve("Data/com.apple.CoreML/weights/weight.bin"))
        .exists()
        .hasSize(64 + 64 + 20);
    assertThat(Packages.path("nine").resolve("Data/com.apple.CoreML/weights")).doesNotExist();
    assertThat(Packages.path("nine").resolve("Manifest.json")).content().doesNotContain("weights");
  }

  /// Every float32 in steps, and all about the borders: the JDK's rounding where the number stays
  /// finite and other than zero, else the nearest that does.
  @Test
  void half_isTheNearestThatIsFiniteAndNotZero() {
    for (long bits = 0; bits < 1L << 32; bits += 4093) {
      sameAsTheJdk(Float.intBitsToFloat((int) bits));
    }
    for (int border : new int[] {0x33000000, 0x33800000, 0x38800000, 0x477FE000, 0x477FF000}) {
      for (int step = -5000; step <= 5000; step++) {
        sameAsTheJdk(Float.intBitsToFloat(border + step));
        sameAsTheJdk(-Float.intBitsToFloat(border + step));
      }
    }
  }

  private static void sameAsTheJdk(float value) {
    short expected = Float.floatToFloat16(value);
    float size = Math.abs(value);
    if (size > 65504 && Float.isFinite(value)) {
      expected = (short) (value < 0 ? 0xFBFF : 0x7BFF);
    } else if (size > 0 && (expected & 0x7FFF) == 0) {
      expected = (short) (value < 0 ? 0x8001 : 1);
    }
    short found = Constants.half(value);
    if (found != expected) {
      throw new AssertionError("%a is %x, expected %x".formatted(value, found, expected));
    }
  }
}
