package dev.inward.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models of more than 2 GiB, in files with holes, which take no room on the disk.
final class LargeModelTest {
  private static final long SIZE = 3L << 30;

  @TempDir Path folder;

  private static void put(FileChannel channel, long at, byte... bytes) throws IOException {
    channel.write(ByteBuffer.wrap(bytes), at);
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.SPARSE);
  }

  private static void holdsTheLastElement(Graph graph) {
    Tensor weight = graph.constant("w").orElseThrow();
    assertThat(weight.dims()).containsExactly(SIZE / 4);
    assertThat(weight.storedBytes()).isEqualTo(SIZE);
    var bytes = ((Encoding.Dense) weight.encoding()).data().bytes();
    assertThat(bytes.get(Storage.FLOAT, SIZE - 4)).isEqualTo(1.5f);
  }

  @Test
  void oneFileOf3GiB_isMapped() throws IOException {
    byte[] header = new WireWriter().packed(1, SIZE / 4).varint(2, 1).string(8, "w").toArray();
    byte[] rest =
        new WireWriter()
            .message(11, HandMade.valueInfo("x", DataType.FLOAT32, 1))
            .message(12, new WireWriter().string(1, "w"))
            .toArray();
    byte[] raw = lengthPrefix(9, SIZE);
    long tensorSize = header.length + raw.length + SIZE;
    byte[] tensor = lengthPrefix(5, tensorSize);
    byte[] graph = lengthPrefix(7, tensor.length + tensorSize + rest.length);
    byte[] start =
        new WireWriter()
            .varint(1, 8)
            .message(8, new WireWriter().string(1, "").varint(2, 17))
            .toArray();
    Path file = folder.resolve("large.onnx");
    try (var channel = create(file)) {
      long at = 0;
      for (byte[] part : List.of(start, graph, tensor, header, raw)) {
        put(channel, at, part);
        at += part.length;
      }
      put(channel, at + SIZE - 4, (byte) 0, (byte) 0, (byte) 0xc0, (byte) 0x3f);
      put(channel, at + SIZE, rest);
    }

    holdsTheLastElement(Onnx.read(file));
  }

  private static byte[] lengthPrefix(int field, long length) {
    var prefix = new WireWriter().bytes(field, length, () -> Storage.of(new byte[0]).bytes());
    long whole = prefix.size() - length;
    var varint = new WireWriter().varint(field, length).toArray();
    varint[0] = (byte) (field << 3 | 2);
    assertThat(varint).hasSize((int) whole);
    return varint;
  }

  @Test
  void dataOf3GiBBesideTheModel_isMapped() throws IOException {
    try (var channel = create(folder.resolve("w.bin"))) {
      put(channel, 4096 + SIZE - 4, (byte) 0, (byte) 0, (byte) 0xc0, (byte) 0x3f);
    }
    var proto =
        new WireWriter()
            .packed(1, SIZE / 4)
            .varint(2, 1)
            .string(8, "w")
            .message(13, new WireWriter().string(1, "location").string(2, "w.bin"))
            .message(13, new WireWriter().string(1, "offset").string(2, "4096"))
            .varint(14, 1);
    Path file = folder.resolve("m.onnx");
    try (var channel = create(file)) {
      put(channel, 0, HandMade.opset(17).graphField(5, proto).output("w").bytes());
    }

    holdsTheLastElement(Onnx.read(file));
  }
}
