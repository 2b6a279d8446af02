package dev.inward.onnx;

import static dev.inward.onnx.HandMade.ints;
import static dev.inward.onnx.HandMade.number;
import static dev.inward.onnx.HandMade.tensorAttribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BadInputTest {
  @TempDir Path folder;

  private static HandMade small() {
    return HandMade.opset(17).input("x", DataType.FLOAT32, 2, 3);
  }

  private static void refused(HandMade model, String message) {
    assertThatThrownBy(model::read)
        .isInstanceOf(InputException.class)
        .hasMessage("made.onnx: " + message);
  }

  private static void refused(byte[] bytes, String message) {
    assertThatThrownBy(() -> Onnx.read(MemorySegment.ofArray(bytes), "f.onnx"))
        .isInstanceOf(InputException.class)
        .hasMessage("f.onnx: " + message);
  }

  @Test
  void fileThatIsNone_isRefused() {
    assertThatThrownBy(() -> Onnx.read(folder.resolve("none.onnx")))
        .isInstanceOf(InputException.class)
        .hasMessage(folder.resolve("none.onnx") + ": there is no such file");
    assertThatThrownBy(() -> Onnx.read(folder))
        .hasMessage(folder + ": is a directory, expected an ONNX file");
    refused(new byte[0], "is empty");
    refused("#!/bin/sh\n".getBytes(), "byte 0: field 4 has wire type 3, which is not known");
    refused("PK\3\4 a zip".getBytes(), "byte 2: is no field: its number is 0");
    refused(new WireWriter().varint(1, 8).toArray(), "is no ONNX model: it has no graph");
  }

  @Test
  void truncatedFile_isRefusedWithAHint() {
    byte[] whole = small().floats("w", List.of(64L), new float[64]).output("x").bytes();
    byte[] cut = Arrays.copyOf(whole, whole.length - 10);

    assertThatThrownBy(() -> Onnx.read(MemorySegment.ofArray(cut), "f.onnx"))
        .isInstanceOfSatisfying(
            InputException.class,
            e ->
                assertThat(e.text())
                    .isEqualTo(
                        "f.onnx: byte 8: field 7 takes 302 bytes, 292 are left\n  hint: the file is"
                            + " cut short or damaged, or it is no ONNX file"));
  }

  @Test
  void everyCut_isRefused() {
    byte[] whole = small().numbers("a", 0).node("ReduceSum", "x,a", "y").output("y").bytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> Onnx.read(MemorySegment.ofArray(cut), "f"))
          .isInstanceOf(InputException.class);
    }
  }

  @Test
  void otherOpsets_areRefusedByVersion() {
    assertThatThrownBy(() -> HandMade.opset(6).output("x").read())
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("made.onnx: uses opset 6 of ONNX, this version reads 7 to 26");
    assertThatThrownBy(() -> HandMade.opset(27).output("x").read())
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("made.onnx: uses opset 27 of ONNX, this version reads 7 to 26");
  }

  @Test
  void ownOperatorWithoutAnOpset_isRefused() {
    var graph =
        new WireWriter()
            .message(1, HandMade.nodeProto("Relu", List.of("x"), List.of("y")))
            .message(11, HandMade.valueInfo("x", DataType.FLOAT32, 2))
            .message(12, new WireWriter().string(1, "y"));
    var model =
        new WireWriter()
            .varint(1, 8)
            .message(7, graph)
            .message(8, new WireWriter().string(1, "acme").varint(2, 1));
    refused(
        model.toArray(), "node 'y': applies ONNX's own Relu, and the model names no opset of ONNX");
  }

  @Test
  void graphThatDoesNotHangTogether_isRefusedByNode() {
    refused(
        small().node("Add", "x,z", "y").node("Relu", "y", "z").output("y"),
        "node 'y': is part of a cycle: it needs its own result");
    refused(
        small().node("Add", "x,w", "y").output("y"),
        "node 'y': reads 'w', which is no input, no constant and no result of a node");
    refused(small().output("q"), "output 'q': nothing defines it");
    refused(
        small().node("Relu", "x", "y").node("Relu", "x", "y").output("y"),
        "node 'y.1': defines 'y', which is defined already");
    refused(
        small().numbers("a", 1).numbers("a", 2).output("x"),
        "value 'a': is defined twice, both times as an initialiser");
    refused(small().node("", "x", "y").output("y"), "node 'y': names no operator");
    refused(small().node("Relu", "x", "").output("x"), "node '': has no result");
  }

  @Test
  void tensorThatContradictsItself_isRefusedByName() {
    refused(
        tensor(new WireWriter().packed(1, 3).varint(2, 1).bytes(9, bytes(8))),
        "tensor 't': float32[3] takes 12 bytes, the file has 8");
    refused(
        tensor(new WireWriter().packed(1, 1L << 40, 1L << 40).varint(2, 1).bytes(9, bytes(8))),
        "tensor 't': its extents [1099511627776, 1099511627776] do not fit into memory");
    refused(
        tensor(new WireWriter().packed(1, 1L << 62).varint(2, 7).bytes(9, bytes(8))),
        "tensor 't': its extents [4611686018427387904] do not fit into memory");
    refused(
        tensor(new WireWriter().packed(1, 1L << 50).varint(2, 7)),
        "tensor 't': int64[1125899906842624] takes 1125899906842624 numbers, the file has 0");
    refused(
        tensor(new WireWriter().packed(1, -3).varint(2, 1)),
        "tensor 't': its extents [-3] are negative");
    refused(
        tensor(new WireWriter().packed(1, new long[65]).varint(2, 1)),
        "tensor 't': it has 65 axes, at most 64 are read");
    refused(
        tensor(new WireWriter().packed(1, 2).varint(2, 99).bytes(9, bytes(8))),
        "tensor 't': its elements have the type 99, which ONNX does not know");
    assertThatThrownBy(
            () -> tensor(new WireWriter().packed(1, 8).varint(2, 17).bytes(9, bytes(8))).read())
        .isInstanceOf(UnsupportedException.class)
        .hasMessage(
            "made.onnx: tensor 't': its elements are float8e4m3fn, which this version cannot hold");
  }

  private static HandMade tensor(WireWriter proto) {
    return small().graphField(5, proto.string(8, "t")).output("x");
  }

  private static MemorySegment bytes(int size) {
    return MemorySegment.ofArray(new byte[size]);
  }

  @Test
  void attributesThatCannotBe_areRefusedByNode() {
    refused(
        HandMade.opset(17)
            .input("x", DataType.FLOAT32, 1, 1, 4, 4)
            .node("MaxPool", "x", "y", ints("kernel_shape", 2, 2), ints("strides", 1))
            .output("y"),
        "node 'y': kernel [2, 2], strides [1], dilations [] and pads [] differ in their number of"
            + " axes");
    refused(
        small().node("Concat", "x,x", "y", HandMade.real("axis", 1)).output("y"),
        "node 'y': the attribute 'axis' has another kind of value than it must");
    refused(
        small().node("Concat", "x,x", "y", number("axis", 0), number("axis", 1)).output("y"),
        "node 'y': the attribute 'axis' is given twice");
    refused(small().node("Concat", "x,x", "y").output("y"), "node 'y': states no axis");
    refused(
        small()
            .node("ConstantOfShape", "x", "y", tensorAttribute("value", Tensor.vector(1, 2)))
            .output("y"),
        "node 'y': its value has 2 elements, expected 1");
    refused(
        HandMade.opset(17).input("x", DataType.FLOAT32, -5).output("x"),
        "value 'x': axis 0 has the extent -5");
  }

  @Test
  void fewBytesThatAskForMuch_areRefused() {
    WireWriter sparse =
        new WireWriter()
            .message(1, HandMade.tensor("s", Tensor.ofFloats(List.of(1L), 5)))
            .message(2, HandMade.tensor("", Tensor.vector(0)))
            .packed(3, 1L << 28);
    assertThatThrownBy(() -> small().graphField(15, sparse).output("x").read())
        .isInstanceOf(UnsupportedException.class)
        .hasMessage(
            "made.onnx: sparse tensor 's': stores 1 of 268435456 elements, too few to be written"
                + " out");
  }

  @Test
  void deepNesting_isRefused() {
    WireWriter graph = new WireWriter();
    for (int i = 0; i < 60; i++) {
      graph =
          new WireWriter()
              .message(
                  1,
                  HandMade.nodeProto(
                      "If", List.of("c"), List.of("y" + i), HandMade.body("then_branch", graph)));
    }
    var deep = small().graphField(1, nodeOf(graph));
    assertThatThrownBy(deep::read)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("messages are nested more than 100 deep");
  }

  private static WireWriter nodeOf(WireWriter body) {
    return HandMade.nodeProto("If", List.of("c"), List.of("y"), HandMade.body("then_branch", body));
  }

  @Test
  void externalData_mustLieBesideTheModel() throws IOException {
    Files.write(folder.resolve("secret"), new byte[64]);
    Path inner = Files.createDirectories(folder.resolve("model"));
    Files.write(inner.resolve("data.bin"), new byte[64]);
    Files.createSymbolicLink(inner.resolve("link"), folder.resolve("secret"));

    assertThat(external(inner, "data.bin", "16", "8").constant("t").orElseThrow().floats())
        .containsExactly(0, 0);
    for (String away : List.of("../secret", "/etc/hosts", "link", "a/../../secret")) {
      assertThatThrownBy(() -> external(inner, away, "0", "8"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(
              "file '" + away + "': holds weights and lies outside the folder of the model");
    }
    assertThatThrownBy(() -> external(inner, "none.bin", "0", "8"))
        .hasMessageContaining("file 'none.bin': holds weights and cannot be read");
    assertThatThrownBy(() -> external(inner, "data.bin", "60", "8"))
        .hasMessageContaining("file 'data.bin': 8 bytes from 60 on are wanted, the file has 64");
    assertThatThrownBy(() -> external(inner, "data.bin", "-8", "8"))
        .hasMessageContaining("file 'data.bin': 8 bytes from -8 on are wanted, the file has 64");
    assertThatThrownBy(() -> external(inner, "data.bin", "9223372036854775807", "8"))
        .hasMessageContaining("are wanted, the file has 64");
    assertThatThrownBy(() -> external(inner, "data.bin", "x", "8"))
        .hasMessageContaining("its external offset is 'x', expected a number");
    assertThatThrownBy(() -> external(inner, "data\0bin", "0", "8"))
        .isInstanceOf(InputException.class);
  }

  private static Graph external(Path folder, String location, String offset, String length)
      throws IOException {
    var proto =
        new WireWriter()
            .packed(1, 2)
            .varint(2, 1)
            .string(8, "t")
            .message(13, new WireWriter().string(1, "location").string(2, location))
            .message(13, new WireWriter().string(1, "offset").string(2, offset))
            .message(13, new WireWriter().string(1, "length").string(2, length))
            .varint(14, 1);
    Path file = folder.resolve("m.onnx");
    Files.write(file, small().graphField(5, proto).output("t").bytes());
    return Onnx.read(file);
  }

  @Test
  void externalDataOfAModelInMemory_isRefused() {
    var proto =
        new WireWriter()
            .packed(1, 2)
            .varint(2, 1)
            .message(13, new WireWriter().string(1, "location").string(2, "w.bin"))
            .varint(14, 1);
    refused(
        tensor(proto),
        "tensor 't': file 'w.bin': holds weights, and a model that is read from memory has no"
            + " folder");
  }
}
