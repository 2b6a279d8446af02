package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.graph.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The files beside a model that hold weights, each mapped once. They must lie in the folder of the
/// model, or, where the model is a link, in the folder that it leads to.
final class ExternalData {
  private final Optional<Path> model;
  private final Map<String, Storage> mapped = new HashMap<>();

  /// @param model empty where the model comes from memory and has no folder
  ExternalData(Optional<Path> model) {
    this.model = model;
  }

  /// @param length empty means up to the end of the file
  Storage slice(String location, long offset, Optional<Long> length) {
    Storage file = mapped.computeIfAbsent(location, this::map);
    long size = length.orElse(file.size() - offset);
    if (offset < 0 || size < 0 || offset > file.size() || size > file.size() - offset) {
      throw InputException.at(
          "file '" + location + "'",
          "%d bytes from %d on are wanted, the file has %d",
          size,
          offset,
          file.size());
    }
    return file.slice(offset, size);
  }

  private Storage map(String location) {
    Path origin =
        model.orElseThrow(() ->
            InputException.at(
                "file '" + location + "'",
                "holds weights, and a model that is read from memory has no folder"));
    try {
      Path folder = folder(origin.toAbsolutePath().normalize());
      Path named = folder.resolve(location).normalize();
      if (Path.of(location).isAbsolute() || !named.startsWith(folder)) {
        throw outside(location);
      }
      Path real = named.toRealPath();
      if (!real.startsWith(folder.toRealPath()) && !real.startsWith(folder(origin.toRealPath()))) {
        throw outside(location);
      }
      if (!Files.isRegularFile(real)) {
        throw InputException.at("file '" + location + "'", "holds weights and is no regular file");
      }
      return Storage.map(real);
    } catch (InvalidPathException e) {
      throw InputException.at("file '" + location + "'", "holds weights and is no name of a file");
    } catch (IOException e) {
      throw InputException.at("file '" + location + "'", "holds weights and cannot be read")
          .hint("it belongs beside the model file");
    }
  }

  private static Path folder(Path file) {
    Path parent = file.getParent();
    return parent == null ? file : parent;
  }

  private static InputException outside(String location) {
    return InputException.at(
        "file '" + location + "'", "holds weights and lies outside the folder of the model");
  }
}
