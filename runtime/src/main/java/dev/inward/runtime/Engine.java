package dev.inward.runtime;

import ai.onnxruntime.OrtEnvironment;
import dev.inward.base.UnsupportedException;

/// ONNX Runtime as a whole, whether or not a model is run.
public final class Engine {
  private Engine() {}

  /// Its version, after its native library was loaded.
  ///
  /// @throws UnsupportedException where it has no library for this machine, or it does not load
  public static String version() {
    try {
      return OrtEnvironment.getEnvironment().getVersion();
    } catch (LinkageError | RuntimeException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw UnsupportedException.of(
              "ONNX Runtime does not load on %s %s: %s",
              System.getProperty("os.name"),
              System.getProperty("os.arch"),
              String.valueOf(cause.getMessage()))
          .hint("it comes for Linux x64 and arm64, macOS arm64 and Windows x64");
    }
  }
}
