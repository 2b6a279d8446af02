package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.base.Json;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Storage;
import dev.inward.protobuf.WireWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;

/// The folder of a package: a manifest that names the items, and the items.
final class Package {
  private static final String AUTHOR = "com.apple.CoreML";

  private Package() {}

  /// Makes the model file; what is large goes to the weight file on the way.
  interface Content {
    WireWriter write(Blobs blobs) throws IOException;
  }

  /// Makes something of the model file of a package.
  interface Reading<T> {
    T read(MemorySegment model, ModelReader.Weights weights) throws IOException;
  }

  /// Writes all files and gives the sum of their sizes.
  static long write(Model model, Path folder) throws IOException {
    return write(folder, blobs -> ModelWriter.write(model, blobs));
  }

  static long write(Path folder, Content content) throws IOException {
    Path data = folder.resolve("Data").resolve(AUTHOR);
    Path weights = data.resolve("weights");
    Files.createDirectories(weights);
    Path file = weights.resolve("weight.bin");
    WireWriter message;
    byte[] fingerprint;
    boolean empty;
    try (var blobs = new Blobs(file)) {
      message = content.write(blobs);
      empty = blobs.isEmpty();
      fingerprint = blobs.fingerprint();
    }
    if (empty) {
      Files.delete(file);
      Files.delete(weights);
    }
    byte[] bytes = message.toArray();
    Files.write(data.resolve("model.mlmodel"), bytes);
    MessageDigest digest = Blobs.sha256();
    digest.update(bytes);
    digest.update(fingerprint);
    byte[] manifest =
        (manifest(digest.digest(), !empty).pretty() + "\n").getBytes(StandardCharsets.UTF_8);
    Files.write(folder.resolve("Manifest.json"), manifest);
    return manifest.length + bytes.length + (empty ? 0 : Files.size(file));
  }

  private static Json manifest(byte[] content, boolean withWeights) {
    String root = id(content, "model");
    SequencedMap<String, Json> items = new LinkedHashMap<>();
    items.put(root, item("model.mlmodel", "Core ML Model Specification"));
    if (withWeights) {
      items.put(id(content, "weights"), item("weights", "Core ML Model Weights"));
    }
    return Json.obj(
        "fileFormatVersion",
        "1.0.0",
        "itemInfoEntries",
        new Json.Obj(items),
        "rootModelIdentifier",
        root);
  }

  private static Json item(String name, String description) {
    return Json.obj(
        "author", AUTHOR,
        "description", description,
        "name", name,
        "path", AUTHOR + "/" + name);
  }

  /// An identifier that follows from the content: same package, same identifiers.
  private static String id(byte[] content, String item) {
    MessageDigest digest = Blobs.sha256();
    digest.update(content);
    digest.update(item.getBytes(StandardCharsets.UTF_8));
    return UUID.nameUUIDFromBytes(digest.digest()).toString().toUpperCase(Locale.ROOT);
  }

  /// Reads the manifest and the model that it names.
  static Model read(Path folder, Optional<String> function) throws IOException {
    return open(folder, (model, weights) -> ModelReader.read(model, function, weights));
  }

  /// The same as a graph; the model may be of the older form.
  ///
  /// @param name of the graph
  static CoreMl.Read graph(Path folder, Optional<String> function, String name) throws IOException {
    return open(
        folder,
        (bytes, weights) -> {
          if (NeuralReader.holds(bytes)) {
            return NeuralReader.read(bytes, name);
          }
          Model read = ModelReader.read(bytes, function, weights);
          return new CoreMl.Read(
              Raising.graph(read, name), FaceReader.of(read), read.specification());
        });
  }

  static <T> T open(Path folder, Reading<T> reading) throws IOException {
    Path file = folder.resolve("Manifest.json");
    if (!Files.isRegularFile(file)) {
      throw InputException.at("Manifest.json", "is not there; a package has one");
    }
    if (Files.size(file) > 1 << 20) {
      throw InputException.at("Manifest.json", "has %d bytes, too many", Files.size(file));
    }
    Json manifest = Json.parse(Files.readString(file), "Manifest.json");
    String version = text(manifest, "fileFormatVersion", "Manifest.json");
    if (!version.equals("1.0.0")) {
      throw UnsupportedException.at(
          "Manifest.json", "package format %s is not known; 1.0.0 is", version);
    }
    String root = text(manifest, "rootModelIdentifier", "Manifest.json");
    var entries = manifest.get("itemInfoEntries").orElse(new Json.Null());
    if (!(entries instanceof Json.Obj(var items)) || !items.containsKey(root)) {
      throw InputException.at("Manifest.json", "no item is the root model '%s'", root);
    }
    Path model = place(folder, items.get(root), root);
    Storage bytes = Storage.map(model);
    try {
      return reading.read(bytes.bytes(), name -> BlobFile.open(weights(folder, items, name), name));
    } catch (InputException e) {
      throw e.in(folder.relativize(model).toString());
    }
  }

  private static String text(Json json, String key, String where) {
    return json.get(key)
        .flatMap(Json::text)
        .orElseThrow(() -> InputException.at(where, "the entry '%s' is missing", key));
  }

  /// The file or folder of an item, which must be inside the package.
  private static Path place(Path folder, Json item, String id) throws IOException {
    String where = "Manifest.json: item '" + id + "'";
    String path = text(item, "path", where);
    Path data = folder.resolve("Data").toAbsolutePath().normalize();
    Path place;
    try {
      place = data.resolve(path).normalize();
    } catch (java.nio.file.InvalidPathException e) {
      throw InputException.at(where, "'%s' is no path", path);
    }
    if (!Files.exists(place)) {
      requireInside(place.startsWith(data), where, path);
      throw InputException.at(where, "'%s' is not there", path);
    }
    requireInside(
        place.startsWith(data) && place.toRealPath().startsWith(data.toRealPath()), where, path);
    return place;
  }

  private static void requireInside(boolean inside, String where, String path) {
    if (!inside) {
      throw InputException.at(where, "'%s' leads out of the package", path);
    }
  }

  /// The weight file that the model file calls `@model_path/weights/weight.bin`: in the folder of
  /// the item called `weights`, wherever the manifest says that is.
  private static Path weights(Path folder, Map<String, Json> items, String name)
      throws IOException {
    String prefix = "@model_path/";
    if (!name.startsWith(prefix)) {
      throw InputException.at(
          "weight file '" + name + "'", "its name does not start with %s", prefix);
    }
    Path inner;
    try {
      inner = Path.of(name.substring(prefix.length())).normalize();
    } catch (java.nio.file.InvalidPathException e) {
      throw InputException.at("weight file", "'%s' is no path", name);
    }
    String first = inner.getName(0).toString();
    for (var item : items.entrySet()) {
      if (item.getValue().get("name").flatMap(Json::text).filter(first::equals).isEmpty()) {
        continue;
      }
      Path place = place(folder, item.getValue(), item.getKey());
      Path file =
          inner.getNameCount() == 1 ? place : place.resolve(inner.subpath(1, inner.getNameCount()));
      if (!Files.isRegularFile(file)) {
        throw InputException.at("weight file '" + name + "'", "is not there");
      }
      requireInside(
          file.toRealPath().startsWith(folder.toRealPath()), "weight file '" + name + "'", name);
      return file;
    }
    throw InputException.at(
        "weight file '" + name + "'", "the manifest has no item called '%s'", first);
  }
}
