package dev.inward.fuzz;

import dev.inward.base.Refusal;
import dev.inward.coreml.CoreMl;
import dev.inward.data.Npy;
import dev.inward.data.WordPiece;
import dev.inward.device.Device;
import dev.inward.onnx.Onnx;
import dev.inward.planning.Budget;
import dev.inward.planning.BudgetBrief;
import dev.inward.planning.BudgetFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/// A reader that is given any bytes. It may refuse them; nothing else may come out of it, in a few
/// seconds and with memory in proportion to the bytes.
enum Target {
  ONNX {
    @Override
    void read(byte[] bytes) {
      Onnx.read(MemorySegment.ofArray(bytes), "fuzz.onnx");
    }
  },
  /// The parts of a package in one array, as [PackageParts] lays them out; without a manifest the
  /// model alone, as an older `.mlmodel` file.
  COREML {
    @Override
    void read(byte[] bytes) throws IOException {
      try (var folder = new Scratch()) {
        var parts = PackageParts.split(bytes);
        CoreMl.read(
            parts.isModelAlone()
                ? folder.write("fuzz.mlmodel", parts.model())
                : parts.write(folder.fresh("fuzz.mlpackage")));
      }
    }
  },
  BUDGET {
    @Override
    void read(byte[] bytes) throws IOException {
      try (var folder = new Scratch()) {
        folder.write("calibrate.txt", new byte[0]);
        folder.write("test.txt", new byte[0]);
        BudgetFile.read(folder.write("budget.yaml", bytes), List.of("all-minilm-l6-v2"));
      }
    }
  },
  BRIEF {
    @Override
    void read(byte[] bytes) {
      String text = new String(bytes, StandardCharsets.UTF_8);
      if (BudgetBrief.looksLike(text)) {
        BudgetBrief.parse(
            text, new Budget.Model.Bundled("all-minilm-l6-v2"), List.of(new Device.Host()));
      }
    }
  },
  TOKENIZER {
    @Override
    void read(byte[] bytes) {
      WordPiece.readJson(new ByteArrayInputStream(bytes), "tokenizer.json")
          .encode("A sentence, with façades & 東京 in it.", 32);
    }
  },
  NPY {
    @Override
    void read(byte[] bytes) throws IOException {
      try (var folder = new Scratch()) {
        Npy array = Npy.open(folder.write("fuzz.npy", bytes));
        if (!array.shape().isEmpty()) {
          array.rows("x", 0, Math.min(2, array.shape().getFirst()));
        }
      }
    }
  };

  /// Reads as a user's file is read.
  ///
  /// @throws Refusal where the reader does not take them
  abstract void read(byte[] bytes) throws IOException;

  /// What the fuzzer and the tests run: refusals are what a reader is for.
  final void survive(byte[] bytes) throws IOException {
    try {
      read(bytes);
    } catch (Refusal refused) {
      if (refused.text().isBlank()) {
        throw new IllegalStateException("a refusal that says nothing", refused);
      }
    }
  }

  /// Its name on the command line and as a folder.
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
