package dev.inward.graph.evaluation;

import dev.inward.graph.DataType;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// Evaluates one node, for tests.
final class Run {
  /// Stands for an operand that is left out.
  static final Tensor NONE = Tensor.vector();

  private Run() {}

  static Tensor of(Op op, Tensor... operands) {
    return all(op, 1, operands).getFirst();
  }

  static List<Tensor> all(Op op, int results, Tensor... operands) {
    Map<String, Tensor> values = new HashMap<>();
    List<String> in = new ArrayList<>();
    for (int i = 0; i < operands.length; i++) {
      in.add(operands[i] == NONE ? "" : "in" + i);
      values.put("in" + i, operands[i]);
    }
    List<String> out = LongStream.range(0, results).mapToObj(i -> "out" + i).toList();
    var made = Evaluation.node(new Node("n", op, in, out), values);
    return out.stream().map(made::get).toList();
  }

  static List<Long> dims(long... sizes) {
    return LongStream.of(sizes).boxed().toList();
  }

  static Tensor vector(float... values) {
    return Tensor.ofFloats(List.of((long) values.length), values);
  }

  /// 0, 1, 2, .. in a shape.
  static Tensor counting(long... sizes) {
    float[] values = new float[(int) LongStream.of(sizes).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return Tensor.ofFloats(dims(sizes), values);
  }

  static Tensor bytes(DataType type, List<Long> dims, int... values) {
    byte[] out = new byte[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) values[i];
    }
    return Tensor.dense(type, dims, Storage.of(out));
  }

  static Tensor bytes(DataType type, int... values) {
    return bytes(type, dims(values.length), values);
  }
}
