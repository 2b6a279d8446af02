package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.base.Replacement;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Graph;
import dev.inward.graph.Storage;
import dev.inward.protobuf.WireReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/// ONNX files, in and out.
public final class Onnx {
  /// What readers of protocol buffers take in one message.
  private static final long LARGEST = Integer.MAX_VALUE;

  private Onnx() {}

  /// Reads a model. The file is mapped, its weights are slices of it, weights in files beside it
  /// are mapped too; a page of weights is read from disk when somebody looks at it. Every operator
  /// is brought to the newest form, one that is not known or does not map is carried as an
  /// [dev.inward.graph.Opaque].
  ///
  /// @throws InputException where the file is damaged, is no ONNX file, or contradicts itself
  /// @throws UnsupportedException where its opset is older than 7 or newer than this version knows,
  ///   or a tensor has a type that a graph cannot hold
  public static Graph read(Path file) {
    Storage bytes;
    try {
      if (Files.isDirectory(file)) {
        throw InputException.at(file.toString(), "is a directory, expected an ONNX file");
      }
      bytes = Storage.map(file);
    } catch (IOException e) {
      throw InputException.at(
          file.toString(), Files.exists(file) ? "cannot be read" : "there is no such file");
    }
    String stem = String.valueOf(file.getFileName()).replaceFirst("\\.onnx$", "");
    return read(bytes.bytes(), file.toString(), stem, new ExternalData(Optional.of(file)));
  }

  /// Reads a model from memory, which must not change as long as the graph lives. Weights in other
  /// files are refused.
  ///
  /// @param where what messages call it
  public static Graph read(MemorySegment bytes, String where) {
    return read(bytes, where, "graph", new ExternalData(Optional.empty()));
  }

  /// Writes a model, for the lowest opset from 17 on that can express it, or one that the carried
  /// operators allow. What would not fit into one file of 2 GiB goes into `<file>.data` beside it.
  ///
  /// @return what is written otherwise than it is encoded, a sentence each
  /// @throws UnsupportedException where no opset can hold both a carried operator and another
  /// @throws InputException where the place cannot be written
  public static List<String> write(Graph graph, Path file) {
    return write(graph, file, LARGEST);
  }

  static List<String> write(Graph graph, Path file, long largest) {
    var whole = ModelWriter.of(graph, Optional.empty());
    if (whole.model().size() <= largest) {
      Replacement.of(file, beside -> save(whole, beside));
      return whole.notes();
    }
    Path data = file.resolveSibling(file.getFileName() + ".data");
    var split = ModelWriter.of(graph, Optional.of(String.valueOf(data.getFileName())));
    Replacement.of(
        data,
        besideData -> {
          try (var channel = create(besideData)) {
            split.data().writeData(channel);
          }
          Replacement.of(file, beside -> save(split, beside));
        });
    return split.notes();
  }

  private static void save(ModelWriter model, Path beside) throws IOException {
    try (var channel = create(beside)) {
      model.model().writeTo(channel);
    }
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /// The bytes that [#write] would write into one file.
  ///
  /// @throws ArithmeticException where they are more than an array holds
  public static byte[] bytes(Graph graph) {
    return ModelWriter.of(graph, Optional.empty()).model().toArray();
  }

  /// The same bytes outside of the heap.
  public static MemorySegment segment(Graph graph, Arena arena) {
    return ModelWriter.of(graph, Optional.empty()).model().toSegment(arena);
  }

  private static Graph read(MemorySegment bytes, String where, String stem, ExternalData external) {
    try {
      if (bytes.byteSize() == 0) {
        throw InputException.of("is empty");
      }
      return ModelReader.read(WireReader.of(bytes), external, stem);
    } catch (InputException e) {
      throw e.in(where);
    } catch (UnsupportedException e) {
      throw e.in(where);
    }
  }
}
