package dev.inward.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Tensors across the border to ONNX Runtime.
final class Tensors {
  private Tensors() {}

  static OnnxTensor toRuntime(OrtEnvironment environment, Tensor tensor) throws OrtException {
    long[] dims = tensor.dims().stream().mapToLong(Long::longValue).toArray();
    if (tensor.encoding() instanceof Encoding.Dense(var stored, var data)
        && stored == tensor.dtype()) {
      ByteBuffer buffer =
          ByteBuffer.allocateDirect(Math.toIntExact(data.size())).order(ByteOrder.nativeOrder());
      MemorySegment.ofBuffer(buffer).copyFrom(data.bytes());
      return OnnxTensor.createTensor(environment, buffer, dims, javaType(tensor.dtype()));
    }
    return toRuntime(environment, Tensor.ofFloats(tensor.dims(), tensor.floats()));
  }

  static Tensor fromRuntime(OnnxTensor tensor) {
    TensorInfo info = tensor.getInfo();
    DataType type = dataType(info); // first: of strings there is no buffer
    ByteBuffer buffer = tensor.getByteBuffer();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return Tensor.dense(type, Arrays.stream(info.getShape()).boxed().toList(), Storage.of(bytes));
  }

  private static OnnxJavaType javaType(DataType type) {
    return switch (type) {
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case FLOAT64 -> OnnxJavaType.DOUBLE;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case BOOL -> OnnxJavaType.BOOL;
      case INT4, UINT4, UINT16, UINT32, UINT64, STRING ->
          throw UnsupportedException.of(
              "ONNX Runtime takes no %s tensors through its Java interface", type.text());
    };
  }

  private static DataType dataType(TensorInfo info) {
    return switch (info.onnxType) {
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DataType.FLOAT32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DataType.FLOAT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> DataType.BFLOAT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> DataType.FLOAT64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> DataType.INT8;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> DataType.UINT8;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> DataType.INT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> DataType.UINT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> DataType.INT32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> DataType.UINT32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> DataType.INT64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> DataType.UINT64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> DataType.BOOL;
      default -> throw UnsupportedException.of("tensors of type %s cannot be read", info.onnxType);
    };
  }
}
