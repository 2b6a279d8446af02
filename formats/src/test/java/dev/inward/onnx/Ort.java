package dev.inward.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import dev.inward.graph.DataType;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The real runtime, without its own rewriting of graphs.
final class Ort {
  private static final OrtEnvironment ENVIRONMENT =
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "test");

  private static final Map<OnnxJavaType, DataType> TYPES =
      Map.of(
          OnnxJavaType.FLOAT, DataType.FLOAT32,
          OnnxJavaType.FLOAT16, DataType.FLOAT16,
          OnnxJavaType.DOUBLE, DataType.FLOAT64,
          OnnxJavaType.INT64, DataType.INT64,
          OnnxJavaType.INT32, DataType.INT32,
          OnnxJavaType.INT16, DataType.INT16,
          OnnxJavaType.INT8, DataType.INT8,
          OnnxJavaType.UINT8, DataType.UINT8,
          OnnxJavaType.BOOL, DataType.BOOL);

  private Ort() {}

  static List<Tensor> run(byte[] model, Map<String, Tensor> inputs) {
    try (var options = options();
        var session = ENVIRONMENT.createSession(model, options)) {
      return run(session, inputs);
    } catch (OrtException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  static List<Tensor> run(java.nio.file.Path model, Map<String, Tensor> inputs) {
    try (var options = options();
        var session = ENVIRONMENT.createSession(model.toString(), options)) {
      return run(session, inputs);
    } catch (OrtException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  private static OrtSession.SessionOptions options() throws OrtException {
    var options = new OrtSession.SessionOptions();
    options.setOptimizationLevel(OptLevel.NO_OPT);
    options.setIntraOpNumThreads(1);
    return options;
  }

  private static List<Tensor> run(OrtSession session, Map<String, Tensor> inputs)
      throws OrtException {
    Map<String, OnnxTensor> fed = new LinkedHashMap<>();
    for (String name : session.getInputNames()) {
      Tensor tensor = Objects.requireNonNull(inputs.get(name), name);
      byte[] bytes = ((dev.inward.graph.Encoding.Dense) tensor.encoding()).data().toArray();
      var buffer = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder());
      buffer.put(bytes).flip();
      long[] dims = tensor.dims().stream().mapToLong(Long::longValue).toArray();
      fed.put(name, OnnxTensor.createTensor(ENVIRONMENT, buffer, dims, javaType(tensor.dtype())));
    }
    List<Tensor> out = new ArrayList<>();
    try (var result = session.run(fed)) {
      for (var entry : result) {
        out.add(tensor((OnnxTensor) entry.getValue()));
      }
    } finally {
      fed.values().forEach(OnnxTensor::close);
    }
    return out;
  }

  private static OnnxJavaType javaType(DataType type) {
    return TYPES.entrySet().stream()
        .filter(e -> e.getValue() == type)
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  private static Tensor tensor(OnnxTensor value) {
    TensorInfo info = value.getInfo();
    ByteBuffer buffer = value.getByteBuffer();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    List<Long> dims = Arrays.stream(info.getShape()).boxed().toList();
    return Tensor.dense(Objects.requireNonNull(TYPES.get(info.type)), dims, Storage.of(bytes));
  }

  /// Random operands for the inputs of a model, the same for the same seed.
  static Map<String, Tensor> operands(
      dev.inward.graph.Graph graph, Map<String, Long> symbols, long seed) {
    Map<String, Tensor> operands = new HashMap<>();
    var random = new java.util.SplittableRandom(seed);
    for (var input : graph.inputs()) {
      long[] sizes = input.type().shape().bind(symbols).sizes();
      List<Long> dims = Arrays.stream(sizes).boxed().toList();
      int count = (int) Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
      float[] floats = new float[count];
      long[] longs = new long[count];
      byte[] codes = new byte[count];
      for (int i = 0; i < count; i++) {
        floats[i] = (float) random.nextDouble(-2, 2);
        longs[i] = random.nextInt(2);
        codes[i] = (byte) random.nextInt(256);
      }
      var dtype = input.type().dtype();
      operands.put(
          input.name(),
          switch (dtype) {
            case FLOAT32 -> Tensor.ofFloats(dims, floats);
            case FLOAT16, FLOAT64 ->
                Tensor.dense(dtype, dims, Storage.of(TensorWriter.bytesOf(dtype, floats)));
            case INT64 -> Tensor.ofLongs(dims, longs);
            case INT8, UINT8 -> Tensor.dense(dtype, dims, Storage.of(codes));
            case BOOL -> {
              byte[] truths = new byte[count];
              for (int i = 0; i < count; i++) {
                truths[i] = (byte) longs[i];
              }
              yield Tensor.dense(dtype, dims, Storage.of(truths));
            }
            default -> throw new IllegalArgumentException("no operands of " + dtype);
          });
    }
    return operands;
  }
}
