package dev.inward.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.inward.base.InputException;
import dev.inward.base.Scratch;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Graph;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.Value;
import dev.inward.onnx.Onnx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A graph loaded into ONNX Runtime, on the CPU. Runs may come from several threads at once.
///
/// To see a value inside the graph, open `graph.withOutputs(…)` with its name among the outputs.
public final class Session implements AutoCloseable {
  /* Off: on a busy machine with two cores a spinning pool takes the core that the other thread needs
   * and doubles the time of a run. */
  private static final String SPINNING = "session.intra_op.allow_spinning";

  /* Products of encoded matrices in float32. Left alone, the runtime rounds their activations to
   * eight bits, which no recipe asked for. */
  private static final String ACCURACY = "session.qdq_matmulnbits_accuracy_level";

  private final List<Value> inputs;
  private final OrtSession session;

  private Session(List<Value> inputs, OrtSession session) {
    this.inputs = inputs;
    this.session = session;
  }

  /// Loads a graph for runs that use one thread each.
  ///
  /// @throws UnsupportedException where ONNX Runtime cannot run it
  public static Session open(Graph graph) {
    return open(graph, 1);
  }

  /// Loads a graph.
  ///
  /// @param threads threads inside one run; latencies are compared with 1
  /// @throws UnsupportedException where ONNX Runtime cannot run it
  public static Session open(Graph graph, int threads) {
    try (var scratch = Scratch.open()) {
      Path file = scratch.folder().resolve("model.onnx");
      Onnx.write(graph, file);
      return new Session(graph.inputs(), load(file, threads));
    }
  }

  /// Loads a file as it is, to measure exactly what is delivered or what others ship.
  ///
  /// @param inputs as the file's graph has them
  public static Session open(Path file, List<Value> inputs, int threads) {
    return new Session(List.copyOf(inputs), load(file, threads));
  }

  private static OrtSession load(Path file, int threads) {
    OrtEnvironment environment = Engine.environment();
    Engine.inside().lock();
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.addConfigEntry(SPINNING, "0");
      options.addConfigEntry(ACCURACY, "1");
      return environment.createSession(file.toString(), options);
    } catch (OrtException e) {
      throw refusal(e);
    } finally {
      Engine.inside().unlock();
    }
  }

  /// Inputs that many runs share, kept on the other side of the border so that they are not copied
  /// for each.
  public static final class Held implements AutoCloseable {
    private final Map<String, Tensor> tensors;
    private final Map<String, OnnxTensor> opened = new LinkedHashMap<>();

    private Held(Map<String, Tensor> tensors) throws OrtException {
      this.tensors = Map.copyOf(tensors);
      for (var entry : tensors.entrySet()) {
        opened.put(entry.getKey(), Tensors.toRuntime(Engine.environment(), entry.getValue()));
      }
    }

    @Override
    public void close() {
      opened.values().forEach(OnnxTensor::close);
    }
  }

  /// Takes inputs across the border once.
  public static Held hold(Map<String, Tensor> tensors) {
    try {
      return new Held(tensors);
    } catch (OrtException e) {
      throw refusal(e);
    }
  }

  /// Runs the graph.
  ///
  /// @param operands a dense tensor for each input, by name
  /// @return the outputs by name, in the graph's order
  /// @throws InputException where an input is missing, unknown, or has another type or shape
  public SequencedMap<String, Tensor> run(Map<String, Tensor> operands) {
    return run(operands, List.of());
  }

  /// Runs the graph on operands and on inputs that are held; of two that hold the same input the
  /// later one counts.
  public SequencedMap<String, Tensor> run(Map<String, Tensor> operands, List<Held> held) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    held.forEach(h -> all.putAll(h.tensors));
    all.putAll(operands);
    check(all);
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    held.forEach(h -> given.putAll(h.opened));
    List<OnnxTensor> opened = new ArrayList<>();
    Engine.inside().lock();
    try {
      for (var operand : operands.entrySet()) {
        OnnxTensor tensor = Tensors.toRuntime(Engine.environment(), operand.getValue());
        opened.add(tensor);
        given.put(operand.getKey(), tensor);
      }
      try (var result = session.run(given)) {
        SequencedMap<String, Tensor> out = new LinkedHashMap<>();
        for (var entry : result) {
          if (!(entry.getValue() instanceof OnnxTensor tensor)) {
            throw UnsupportedException.at(
                "output '" + entry.getKey() + "'",
                "is a %s, only tensors can be read",
                entry.getValue().getType());
          }
          out.put(entry.getKey(), Tensors.fromRuntime(tensor));
        }
        return out;
      }
    } catch (OrtException e) {
      throw refusal(e);
    } finally {
      opened.forEach(OnnxTensor::close);
      Engine.inside().unlock();
    }
  }

  private void check(Map<String, Tensor> operands) {
    for (Value input : inputs) {
      Tensor tensor = operands.get(input.name());
      if (tensor == null) {
        throw InputException.at(
            "input '" + input.name() + "'", "is missing; the model wants %s", input.type());
      }
      Shape wanted = input.type().shape();
      boolean fits =
          tensor.dtype() == input.type().dtype()
              && (!wanted.ranked() || wanted.rank() == tensor.rank());
      for (int axis = 0; fits && wanted.ranked() && axis < tensor.rank(); axis++) {
        long size = tensor.dims().get(axis);
        fits =
            switch (wanted.dim(axis)) {
              case dev.inward.graph.Dim.Known(var known) -> known == size;
              case dev.inward.graph.Dim.Symbol _ -> true;
            };
      }
      if (!fits) {
        throw InputException.at(
            "input '" + input.name() + "'",
            "is %s, the model wants %s",
            tensor.type(),
            input.type());
      }
    }
    for (String name : operands.keySet()) {
      if (inputs.stream().noneMatch(i -> i.name().equals(name))) {
        throw InputException.at("input '" + name + "'", "the model has no such input")
            .hint("its inputs are %s", inputs);
      }
    }
  }

  /// Waits for runs of other threads to end.
  @Override
  public void close() {
    Engine.alone().lock();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime does not let go of a session", e);
    } finally {
      Engine.alone().unlock();
    }
  }

  private static UnsupportedException refusal(OrtException cause) {
    var refusal =
        UnsupportedException.of(
            "ONNX Runtime %s: %s", Engine.version(), String.valueOf(cause.getMessage()));
    refusal.initCause(cause);
    return refusal;
  }
}
