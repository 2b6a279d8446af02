package dev.inward.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WireTest {
  private static WireReader reader(String hex) {
    return WireReader.of(MemorySegment.ofArray(HexFormat.of().parseHex(hex)));
  }

  private static WireReader reader(WireWriter message) {
    return WireReader.of(MemorySegment.ofArray(message.toArray()));
  }

  /// The bytes are the examples of protobuf's own description of its encoding.
  @Test
  void fields_haveThePublishedBytes() {
    assertThat(new WireWriter().varint(1, 150).toArray()).isEqualTo(hex("089601"));
    assertThat(new WireWriter().string(2, "testing").toArray())
        .isEqualTo(hex("120774657374696e67"));
    assertThat(new WireWriter().message(3, new WireWriter().varint(1, 150)).toArray())
        .isEqualTo(hex("1a03089601"));
    assertThat(new WireWriter().packed(6, 3, 270, 86942).toArray())
        .isEqualTo(hex("3206038e029ea705"));
    assertThat(new WireWriter().varint(1, -2).toArray()).isEqualTo(hex("08feffffffffffffffff01"));
  }

  @Test
  void everyKind_readsBackAsWritten() {
    var inner = new WireWriter().string(1, "grüße").varint(2, Long.MIN_VALUE);
    var fields =
        reader(
            new WireWriter()
                .float32(1, 0.5f)
                .float64(2, -1e300)
                .message(3, inner)
                .packed(4, 1.5f, -0f)
                .varint(5, 1));

    assertThat(fields.next()).isTrue();
    assertThat(fields.float32()).isEqualTo(0.5f);
    fields.next();
    assertThat(fields.float64()).isEqualTo(-1e300);
    fields.next();
    var nested = fields.message();
    nested.next();
    assertThat(nested.string()).isEqualTo("grüße");
    nested.next();
    assertThat(nested.varint()).isEqualTo(Long.MIN_VALUE);
    assertThat(nested.next()).isFalse();
    fields.next();
    assertThat(fields.fixedElements(4).byteSize()).isEqualTo(8);
    fields.next();
    assertThat(fields.bool()).isTrue();
    assertThat(fields.next()).isFalse();
  }

  @Test
  void repeatedNumbers_readTheSamePackedAndOneByOne() {
    List<Long> packed = new ArrayList<>();
    List<Long> single = new ArrayList<>();
    var fields = reader(new WireWriter().packed(6, 3, 270, -1).varint(6, 5));
    fields.next();
    fields.longs(packed::add);
    assertThat(fields.countLongs()).isEqualTo(3);
    fields.next();
    fields.longs(single::add);

    assertThat(packed).containsExactly(3L, 270L, -1L);
    assertThat(single).containsExactly(5L);
  }

  @Test
  void longBytes_areNotCopiedAndComeOutInOrder() throws IOException {
    byte[] weights = new byte[1000];
    weights[999] = 7;
    int[] made = new int[1];
    var child =
        new WireWriter()
            .varint(1, 1)
            .bytes(2, MemorySegment.ofArray(weights))
            .bytes(
                3,
                2,
                () -> {
                  made[0]++;
                  return MemorySegment.ofArray(new byte[] {8, 9});
                })
            .varint(4, 4);
    var message = new WireWriter().message(1, child).varint(2, 2);
    assertThat(made[0]).as("nothing is made before it is written").isZero();

    var out = new ByteArrayOutputStream();
    message.writeTo(Channels.newChannel(out));
    try (var arena = Arena.ofConfined()) {
      assertThat(message.toSegment(arena).toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(out.toByteArray());
    }
    assertThat(message.toArray()).isEqualTo(out.toByteArray()).hasSize((int) message.size());
    assertThat(made[0]).isEqualTo(3);

    MemorySegment bytes = MemorySegment.ofArray(out.toByteArray());
    var fields = WireReader.of(bytes);
    fields.next();
    var inside = fields.message();
    inside.next();
    inside.next();
    assertThat(inside.bytes().byteSize()).isEqualTo(1000);
    assertThat(inside.bytes().heapBase()).isEqualTo(bytes.heapBase());
    assertThat(inside.bytes().get(ValueLayout.JAVA_BYTE, 999)).isEqualTo((byte) 7);
  }

  @Test
  void wholeField_travelsUnchanged() {
    var message = new WireWriter().string(1, "a").string(5, "body").varint(9, 3);
    var fields = reader(message);
    var copy = new WireWriter();
    while (fields.next()) {
      copy.raw(fields.field());
    }
    assertThat(copy.toArray()).isEqualTo(message.toArray());
  }

  @Test
  void damage_isRefusedAtItsByte() {
    refuses("08", "byte 0: ends inside a number");
    refuses("0896", "byte 0: ends inside a number");
    refuses("08ffffffffffffffffffffff", "byte 0: has a number of more than 10 bytes");
    refuses("0801120774", "byte 2: field 2 takes 7 bytes, 1 are left");
    refuses(
        "12ffffffffffffffffff01", "byte 0: field 2 takes 18446744073709551615 bytes, 0 are left");
    refuses("0d0000", "byte 0: field 1 takes 4 bytes, 2 are left");
    refuses("0b", "byte 0: field 1 has wire type 3, which is not known");
    refuses("00", "byte 0: is no field: its number is 0");
  }

  @Test
  void otherKindOfField_isRefused() {
    var fields = reader("089601");
    fields.next();
    assertThatThrownBy(fields::string)
        .isInstanceOf(InputException.class)
        .hasMessage("byte 0: field 1 is a varint, expected length-delimited");
  }

  @Test
  void nestingBeyondTheLimit_isRefused() {
    var message = new WireWriter().varint(1, 1);
    for (int i = 0; i < WireReader.DEEPEST + 1; i++) {
      message = new WireWriter().message(1, message);
    }
    var outer = reader(message);
    assertThatThrownBy(
            () -> {
              var fields = outer;
              while (fields.next()) {
                fields = fields.message();
              }
            })
        .hasMessageContaining("messages are nested more than 100 deep");
  }

  private static void refuses(String hex, String message) {
    var fields = reader(hex);
    assertThatThrownBy(
            () -> {
              while (fields.next()) {}
            })
        .isInstanceOf(InputException.class)
        .hasMessage(message);
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
