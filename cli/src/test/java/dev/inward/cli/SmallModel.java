package dev.inward.cli;

import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Product;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.onnx.Onnx;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/// `relu(x W1 + b1) W2`, from 8 over 16 to 4 numbers: 208 parameters, 192 MAC a row.
final class SmallModel {
  private static final int SEED = 7;

  private SmallModel() {}

  /// The graph, its number of rows a symbol.
  static Graph graph() {
    var random = new Random(SEED);
    return Graph.builder("small")
        .input("x", new TensorType(DataType.FLOAT32, Shape.of(List.of(Dim.of("rows"), Dim.of(8)))))
        .constant("w1", values(random, 8, 16))
        .constant("b1", Tensor.ofFloats(List.of(16L), floats(random, 16)))
        .constant("w2", values(random, 16, 4))
        .node(new Product.MatMul(), List.of("x", "w1"), "product")
        .node(
            new Elementwise.Binary(Elementwise.Binary.Function.ADD),
            List.of("product", "b1"),
            "sum")
        .node(new Elementwise.Unary(Elementwise.Unary.Function.RELU), List.of("sum"), "hidden")
        .node(new Product.MatMul(), List.of("hidden", "w2"), "y")
        .output("y")
        .opset("", 17)
        .build();
  }

  /// The same as a file.
  static Path write(Path folder) {
    Path file = folder.resolve("small.onnx");
    Onnx.write(graph(), file);
    return file;
  }

  private static Tensor values(Random random, int rows, int columns) {
    return Tensor.ofFloats(List.of((long) rows, (long) columns), floats(random, rows * columns));
  }

  private static float[] floats(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
