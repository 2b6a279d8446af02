package dev.inward.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Product;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;

/// The numbers that training changes, each an array with a gradient, in a fixed order.
final class Parameters {
  private final SequencedMap<String, NDArray> arrays = new LinkedHashMap<>();

  /// The constants of a graph that multiply, shift or are looked up; not those that say how an op
  /// works, such as the bounds of a clip, and not the averages of a batch normalisation.
  static Set<String> of(Graph graph) {
    Set<String> found = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      List<Integer> positions =
          switch (node.op()) {
            case Windowed.Conv _, Windowed.ConvTranspose _ -> List.of(1, 2);
            case Product.Attention _ -> List.of();
            case Product _ -> List.of(0, 1, 2);
            case Recurrent _ -> List.of(1, 2, 3);
            case Normalization _ -> List.of(1, 2);
            case Movement.Gather _ -> List.of(0);
            case Elementwise.Binary(var function) ->
                switch (function) {
                  case ADD, SUB, MUL, DIV, PRELU -> List.of(0, 1);
                  default -> List.of();
                };
            default -> List.of();
          };
      for (int position : positions) {
        Tensor tensor = graph.constant(node.operand(position)).orElse(null);
        if (tensor != null && tensor.dtype() == DataType.FLOAT32 && tensor.elements() > 1) {
          found.add(node.operand(position));
        }
      }
    }
    return found;
  }

  /// Adds an array; the manager that owns it lives as long as the training.
  NDArray add(String name, NDArray array) {
    array.setRequiresGradient(true);
    arrays.put(name, array);
    return array;
  }

  NDArray get(String name) {
    return Objects.requireNonNull(arrays.get(name), name);
  }

  boolean has(String name) {
    return arrays.containsKey(name);
  }

  SequencedMap<String, NDArray> all() {
    return arrays;
  }

  int size() {
    return arrays.size();
  }

  /// Lends arrays to a step: what is computed from them is the step's and goes with it.
  static void lend(Collection<NDArray> arrays, NDManager step) {
    arrays.forEach(array -> array.tempAttach(step));
  }

  void clearGradients() {
    for (NDArray array : arrays.values()) {
      if (array.hasGradient()) {
        JniUtils.zeroGrad((PtNDArray) array);
      }
    }
  }

  /// Their values as tensors.
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    arrays.forEach((name, array) -> tensors.put(name, Torch.tensor(array)));
    return tensors;
  }

  List<String> names() {
    return new ArrayList<>(arrays.keySet());
  }
}
