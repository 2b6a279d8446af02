package dev.inward.cli;

import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.Product;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Windowed;
import dev.inward.onnx.Onnx;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/// Runs the short verbs on a small model, so that the JVM notes which classes they load and which
/// methods are worth compiling. `./build` keeps that in a cache with which `./inward` starts.
final class Training {
  private static final int SIDE = 16;
  private static final int CHANNELS = 64;

  private Training() {}

  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("inward-training");
    try (var silent =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      var terminal = new Terminal(silent, silent, false, System.getenv());
      String onnx = folder.resolve("model.onnx").toString();
      String model = folder.resolve("model.mlpackage").toString();
      String out = folder.resolve("out.mlpackage").toString();
      Onnx.write(graph(), Path.of(onnx));
      Main.run(terminal, "doctor");
      Main.run(terminal, "inspect", onnx);
      Main.run(terminal, "convert", onnx, "-o", model, "--no-check");
      for (String format :
          List.of("int8", "int4-block32", "palette4", "palette4-group16", "sparse50")) {
        Main.run(terminal, "compress", model, "-o", out, "--weights", format, "--no-check");
        Main.run(
            terminal, "compress", model, "-o", out, "--weights", format, "--no-check", "--json");
      }
      Main.run(terminal, "compress", onnx, "-o", out, "--no-check");
      Main.run(terminal, "inspect", model);
    } finally {
      List<Path> all;
      try (var paths = Files.walk(folder)) {
        all = paths.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path path : all) {
        Files.delete(path);
      }
    }
  }

  private static Graph graph() {
    var window =
        new Windowed.Window(
            List.of(3L, 3L),
            List.of(1L, 1L),
            List.of(1L, 1L),
            List.of(1L, 1L, 1L, 1L),
            Windowed.AutoPad.EXPLICIT);
    return Graph.builder("training")
        .input("x", TensorType.of(DataType.FLOAT32, 1, CHANNELS, SIDE, SIDE))
        .constant("w", gaussian(CHANNELS, CHANNELS, 3, 3))
        .constant("b", gaussian(CHANNELS))
        .node(new Windowed.Conv(window, 1), List.of("x", "w", "b"), "conv")
        .constant("m", gaussian(SIDE, SIDE * SIDE))
        .node(new Product.MatMul(), List.of("conv", "m"), "y")
        .output("y")
        .build();
  }

  private static Tensor gaussian(int... dims) {
    var random = new Random(1);
    int count = 1;
    Long[] extents = new Long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      count *= dims[i];
      extents[i] = (long) dims[i];
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(List.of(extents), values);
  }
}
