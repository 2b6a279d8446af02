package dev.inward.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NpyTest {
  @TempDir Path folder;

  private Path npy(int version, String header, String dataHex) throws IOException {
    var out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    var length = ByteBuffer.allocate(version == 1 ? 2 : 4).order(ByteOrder.LITTLE_ENDIAN);
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    if (version == 1) {
      length.putShort((short) text.length);
    } else {
      length.putInt(text.length);
    }
    out.write(length.array());
    out.write(text);
    out.write(HexFormat.of().parseHex(dataHex));
    return Files.write(folder.resolve("a.npy"), out.toByteArray());
  }

  private static String header(String descr, boolean fortran, String shape) {
    return "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }  \n"
        .formatted(descr, fortran ? "True" : "False", shape);
  }

  /// Two elements of each type, their bytes written by hand: 1 and -2, or 1 and the type's largest.
  @ParameterizedTest
  @CsvSource({
    "|b1, 0100, 1, 0",
    "|i1, 01fe, 1, -2",
    "|u1, 01ff, 1, 255",
    "<i2, 0100feff, 1, -2",
    ">i2, 0001fffe, 1, -2",
    "<u2, 0100ffff, 1, 65535",
    "<i4, 01000000feffffff, 1, -2",
    ">u4, 00000001ffffffff, 1, 4294967295",
    "<i8, 0100000000000000feffffffffffffff, 1, -2",
    ">u8, 00000000000000017fffffffffffffff, 1, 9223372036854775807"
  })
  void wholeNumbers_areReadOfAnyWidthAndOrder(String descr, String hex, long first, long second)
      throws IOException {
    NamedArray array = Npy.open(npy(1, header(descr, false, "(2,)"), hex)).rows("x", 0, 2);
    assertThat(((NamedArray.Longs) array).values()).containsExactly(first, second);
  }

  @ParameterizedTest
  @CsvSource({
    "<f2, 003c00c1", ">f2, 3c00c100",
    "<f4, 0000803f000020c0", ">f4, 3f800000c0200000",
    "<f8, 000000000000f03f00000000000004c0", ">f8, 3ff0000000000000c004000000000000"
  })
  void realNumbers_areReadOfAnyWidthAndOrder(String descr, String hex) throws IOException {
    NamedArray array = Npy.open(npy(2, header(descr, false, "(2,)"), hex)).rows("x", 0, 2);
    assertThat(((NamedArray.Floats) array).values()).containsExactly(1f, -2.5f);
  }

  @Test
  void fortranOrder_isGivenInCOrder() throws IOException {
    // numpy.asfortranarray(numpy.arange(24, dtype='u1').reshape(2, 3, 4)) in memory order.
    Path file =
        npy(
            3,
            header("|u1", true, "(2, 3, 4)"),
            "000c0410081401" + "0d05110915020e06120a16030f07130b17");
    Npy array = Npy.open(file);
    assertThat(((NamedArray.Longs) array.rows("x", 0, 2)).values())
        .containsExactly(java.util.stream.LongStream.range(0, 24).toArray());
    assertThat(((NamedArray.Longs) array.rows("x", 1, 2)).values())
        .containsExactly(java.util.stream.LongStream.range(12, 24).toArray());
  }

  @Test
  void written_isReadBack_andIsWhatNumPyWrites() throws IOException {
    Path file = folder.resolve("w.npy");
    Npy.write(file, new NamedArray.Floats("x", List.of(2), new float[] {1, -2.5f}));
    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes).hasSize(128 + 8);
    assertThat(new String(bytes, 10, 54, StandardCharsets.US_ASCII))
        .isEqualTo("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)");
    assertThat(bytes[127]).isEqualTo((byte) '\n');

    long[] values = new long[20_000];
    java.util.Arrays.setAll(values, i -> i * 3L - 7);
    Npy.write(file, new NamedArray.Longs("x", List.of(100, 200), values));
    Npy read = Npy.open(file);
    assertThat(read.shape()).containsExactly(100, 200);
    assertThat(((NamedArray.Longs) read.rows("x", 0, 100)).values()).containsExactly(values);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'(2, 3)' | the header states [2, 3] of f4, so 24 bytes, and 8 follow",
        "'(1,)' | the header states [1] of f4, so 4 bytes, and 8 follow",
        "'(2147483647, 2147483647, 2147483647)' | damaged .npy header: the shape [2147483647, 2147483647, 2147483647] is larger than any file",
        "'(2147483648,)' | damaged .npy header: an extent is to be a whole number below 2^31, got '2147483648'",
        "'(-2,)' | damaged .npy header: an extent is to be a whole number below 2^31, got ''",
        "'(2' | damaged .npy header: an extent is to be a whole number below 2^31, got ''",
        "'2' | damaged .npy header: expected '(' at character 50"
      })
  void shapeThatTheBytesDoNotBear_isRefused(String shape, String message) throws IOException {
    Path file = npy(1, header("<f4", false, shape), "0000803f000020c0");
    assertThatThrownBy(() -> Npy.open(file))
        .isInstanceOf(InputException.class)
        .hasMessage(file + ": " + message);
  }

  @Test
  void everyCutOfAFile_isRefused() throws IOException {
    byte[] whole = Files.readAllBytes(npy(1, header("<f4", false, "(2,)"), "0000803f000020c0"));
    for (int length = 0; length < whole.length; length++) {
      Path file = Files.write(folder.resolve("cut.npy"), java.util.Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Npy.open(file))
          .as("%d bytes", length)
          .isInstanceOf(InputException.class);
    }
  }

  @Test
  void headerLongerThanTheFile_isRefused() throws IOException {
    byte[] bytes = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, -1, -1, -1, -1};
    Path file = Files.write(folder.resolve("a.npy"), bytes);
    assertThatThrownBy(() -> Npy.open(file))
        .isInstanceOf(InputException.class)
        .hasMessage(file + ": claims a header of 4294967295 bytes, the file has 12 bytes");
  }

  @Test
  void typesThatAreNoNumbers_areNotSupported() throws IOException {
    Path complex = npy(1, header("<c8", false, "(1,)"), "0000000000000000");
    assertThatThrownBy(() -> Npy.open(complex))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage(
            complex + ": elements of type <c8 are not read; b1, i1 to i8, u1 to u8, f2 to f8 are");
    Path records =
        npy(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}\n", "00000000");
    assertThatThrownBy(() -> Npy.open(records))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage(records + ": records of several fields are not read");
  }

  @Test
  void unsignedNumberTooLarge_isRefused() throws IOException {
    Npy array = Npy.open(npy(1, header("<u8", false, "(1,)"), "ffffffffffffffff"));
    assertThatThrownBy(() -> array.rows("x", 0, 1))
        .isInstanceOf(InputException.class)
        .hasMessage(folder.resolve("a.npy") + ": element 0 is 18446744073709551615, too large");
  }
}
