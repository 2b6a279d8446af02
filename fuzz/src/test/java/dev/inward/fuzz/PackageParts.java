package dev.inward.fuzz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/// The three files of a Core ML package, and their form as one array: the lengths of the manifest
/// and of the model, four bytes each, then manifest, model and weights. Any array splits; a length
/// that is more than there is takes what is left.
final class PackageParts {
  private static final String DATA = "Data/com.apple.CoreML/";
  private static final String MANIFEST = "Manifest.json";
  private static final String MODEL = DATA + "model.mlmodel";
  private static final String WEIGHTS = DATA + "weights/weight.bin";

  private final byte[] manifest;
  private final byte[] model;
  private final byte[] weights;

  private PackageParts(byte[] manifest, byte[] model, byte[] weights) {
    this.manifest = manifest;
    this.model = model;
    this.weights = weights;
  }

  static PackageParts split(byte[] bytes) {
    var buffer = ByteBuffer.wrap(bytes);
    int manifest = length(buffer);
    int model = length(buffer);
    return new PackageParts(
        take(buffer, manifest), take(buffer, model), take(buffer, buffer.remaining()));
  }

  private static int length(ByteBuffer buffer) {
    return buffer.remaining() < Integer.BYTES ? 0 : buffer.getInt() & Integer.MAX_VALUE;
  }

  private static byte[] take(ByteBuffer buffer, int length) {
    byte[] part = new byte[Math.min(length, buffer.remaining())];
    buffer.get(part);
    return part;
  }

  static PackageParts of(Path folder) throws IOException {
    Path weights = folder.resolve(WEIGHTS);
    return new PackageParts(
        Files.readAllBytes(folder.resolve(MANIFEST)),
        Files.readAllBytes(folder.resolve(MODEL)),
        Files.exists(weights) ? Files.readAllBytes(weights) : new byte[0]);
  }

  static PackageParts alone(byte[] model) {
    return new PackageParts(new byte[0], model, new byte[0]);
  }

  boolean isModelAlone() {
    return manifest.length == 0;
  }

  byte[] model() {
    return model.clone();
  }

  byte[] joined() {
    return ByteBuffer.allocate(2 * Integer.BYTES + manifest.length + model.length + weights.length)
        .putInt(manifest.length)
        .putInt(model.length)
        .put(manifest)
        .put(model)
        .put(weights)
        .array();
  }

  Path write(Path folder) throws IOException {
    Files.createDirectories(folder.resolve(WEIGHTS).getParent());
    Files.write(folder.resolve(MANIFEST), manifest);
    Files.write(folder.resolve(MODEL), model);
    Files.write(folder.resolve(WEIGHTS), weights);
    return folder;
  }
}
