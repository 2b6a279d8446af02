package dev.inward.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Node;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a node reads. Reals are arrays of PyTorch, through which gradients flow; whole numbers,
/// booleans and whatever else shapes a graph stay tensors here. Each is brought to the other side
/// where an op asks for it there, a real without its gradient.
final class Operands {
  private final Node node;
  private final NDManager step;
  private final Values values;

  /// Every value that is known so far.
  static final class Values {
    private final Map<String, NDArray> live = new HashMap<>();
    private final Map<String, Tensor> host = new HashMap<>();
    private final Map<String, DataType> types = new HashMap<>();

    void put(String name, NDArray array) {
      live.put(name, array);
    }

    /// Codes, held as reals.
    void put(String name, NDArray array, DataType codes) {
      live.put(name, array);
      types.put(name, codes);
    }

    void put(String name, Tensor tensor) {
      host.put(name, tensor);
    }

    boolean has(String name) {
      return live.containsKey(name) || host.containsKey(name);
    }

    /// Whether a gradient can have come through a value.
    boolean isReal(String name) {
      return live.containsKey(name);
    }

    List<Long> dims(String name) {
      NDArray array = live.get(name);
      return array == null ? known(name).dims() : Torch.dims(array);
    }

    NDArray live(String name, NDManager step) {
      NDArray known = live.get(name);
      if (known == null) {
        known = Torch.reals(step, known(name));
        live.put(name, known);
      }
      return known;
    }

    Tensor host(String name) {
      Tensor known = host.get(name);
      if (known == null) {
        NDArray array = live.get(name);
        known = array == null ? known(name) : tensor(array, types.get(name));
        host.put(name, known);
      }
      return known;
    }

    private static Tensor tensor(NDArray array, @Nullable DataType codes) {
      if (codes == null) {
        return Torch.tensor(array);
      }
      float[] reals = array.toFloatArray();
      int[] wholes = new int[reals.length];
      Arrays.setAll(wholes, i -> (int) reals[i]);
      return Tensor.dense(codes, Torch.dims(array), Storage.packed(codes.bits(), wholes));
    }

    private Tensor known(String name) {
      Tensor tensor = host.get(name);
      if (tensor == null) {
        throw new IllegalStateException("value '" + name + "' is not known");
      }
      return tensor;
    }
  }

  Operands(Node node, NDManager step, Values values) {
    this.node = node;
    this.step = step;
    this.values = values;
  }

  Node node() {
    return node;
  }

  NDManager step() {
    return step;
  }

  int count() {
    return node.in().size();
  }

  boolean has(int position) {
    return node.has(position);
  }

  NDArray live(int position) {
    return values.live(name(position), step);
  }

  Optional<NDArray> find(int position) {
    return has(position) ? Optional.of(live(position)) : Optional.empty();
  }

  List<NDArray> all() {
    return node.in().stream().map(name -> values.live(name, step)).toList();
  }

  Tensor host(int position) {
    return values.host(name(position));
  }

  /// The extents of an operand.
  List<Long> dims(int position) {
    return values.dims(name(position));
  }

  /// The whole numbers of an operand.
  long[] wholes(int position) {
    Tensor tensor = host(position);
    if (tensor.dtype().isFloat()) {
      float[] reals = tensor.floats();
      long[] rounded = new long[reals.length];
      Arrays.setAll(rounded, i -> (long) reals[i]);
      return rounded;
    }
    return tensor.longs();
  }

  /// The only element of an operand, or what stands for one that is left out.
  float scalar(int position, float otherwise) {
    return has(position) ? host(position).floats()[0] : otherwise;
  }

  /// `condition ? x : y`, elements of the condition not 0 where true.
  NDArray where(Tensor condition, NDArray x, NDArray y) {
    Shape common = common(common(Torch.shape(condition.dims()), x.getShape()), y.getShape());
    return NDArrays.where(
        Torch.flags(step, condition).broadcast(common), x.broadcast(common), y.broadcast(common));
  }

  private static Shape common(Shape a, Shape b) {
    int rank = Math.max(a.dimension(), b.dimension());
    long[] dims = new long[rank];
    for (int back = 1; back <= rank; back++) {
      long one = back <= a.dimension() ? a.get(a.dimension() - back) : 1;
      long other = back <= b.dimension() ? b.get(b.dimension() - back) : 1;
      dims[rank - back] = one == 1 ? other : one;
    }
    return new Shape(dims);
  }

  private String name(int position) {
    if (!node.has(position)) {
      throw InputException.of("%s has no operand %d", node.op().name(), position);
    }
    return node.operand(position);
  }
}
