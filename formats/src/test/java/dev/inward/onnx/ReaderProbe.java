package dev.inward.onnx;

import dev.inward.base.Refusal;
import java.lang.foreign.MemorySegment;

/// Where a fuzzer enters: whatever the bytes are, a graph that can be written again or a refusal
/// comes out.
public final class ReaderProbe {
  private ReaderProbe() {}

  /// Reads the bytes as a model, and writes and reads what came out.
  ///
  /// @throws IllegalStateException where what was written does not read
  public static void fuzzerTestOneInput(byte[] bytes) {
    byte[] written;
    try {
      written = Onnx.bytes(Onnx.read(MemorySegment.ofArray(bytes), "bytes"));
    } catch (Refusal expected) {
      return;
    }
    try {
      Onnx.read(MemorySegment.ofArray(written), "written");
    } catch (Refusal e) {
      throw new IllegalStateException("what was written does not read: " + e.getMessage(), e);
    }
  }
}
