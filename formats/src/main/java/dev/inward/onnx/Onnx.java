package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Graph;
import dev.inward.graph.Storage;
import dev.inward.protobuf.WireReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// ONNX files, in and out.
public final class Onnx {
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
