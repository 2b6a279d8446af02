package dev.inward.onnx;

import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Tensor;
import java.util.List;

/// Constants in ONNX. Affine codes become an initialiser and a DequantizeLinear, a narrower float
/// an initialiser and a Cast; palettes and sparse tensors, which ONNX runtimes do not run, are
/// written out, which is noted.
final class ConstantWriter {
  private ConstantWriter() {}

  static void write(Emit emit, String name, Tensor tensor) {
    switch (tensor.encoding()) {
      case Encoding.Dense dense -> dense(emit, name, tensor, dense);
      case Encoding.Affine affine -> affine(emit, name, tensor, affine);
      case Encoding.Palette _, Encoding.Vectors _, Encoding.Scaled _, Encoding.Sparse _ ->
          expanded(emit, name, tensor);
    }
  }

  private static void dense(Emit emit, String name, Tensor tensor, Encoding.Dense dense) {
    if (dense.stored() == tensor.dtype()) {
      emit.initializers.message(5, emit.tensors.dense(name, tensor));
      return;
    }
    String stored = emit.fresh(name + "." + dense.stored().text());
    emit.initializers.message(5, emit.tensors.dense(stored, tensor));
    emit.node(
        "",
        "Cast",
        name,
        List.of(stored),
        List.of(name),
        Attrs.none().number("to", OnnxTypes.code(tensor.dtype())));
  }

  private static void affine(Emit emit, String name, Tensor tensor, Encoding.Affine affine) {
    var form = AffineForm.of(tensor.dims(), affine.scale().dims());
    String codes = emit.fresh(name + ".codes");
    String scale = emit.fresh(name + ".scale");
    emit.initializers.message(
        5, emit.tensors.dense(codes, Tensor.dense(affine.codes(), tensor.dims(), affine.data())));
    emit.initializers.message(
        5, emit.tensors.dense(scale, form.scale(tensor.dtype(), affine.scale())));
    List<String> in = List.of(codes, scale);
    if (form.block() == 0 || !AffineForm.isZero(affine.zeroPoint())) {
      String zero = emit.fresh(name + ".zero");
      emit.initializers.message(5, emit.tensors.dense(zero, form.zeroPoint(affine.zeroPoint())));
      in = List.of(codes, scale, zero);
    }
    var attributes = Attrs.none().number("axis", form.axis());
    if (form.block() > 0) {
      attributes.number("block_size", form.block());
    }
    emit.node("", "DequantizeLinear", name, in, List.of(name), attributes);
  }

  private static void expanded(Emit emit, String name, Tensor tensor) {
    DataType type = tensor.dtype();
    emit.notes.add(
        "constant '%s' (%s) is written as %s: ONNX runtimes do not run it as it is encoded"
            .formatted(name, tensor.how(), type.text()));
    emit.initializers.message(
        5,
        emit.tensors.raw(
            name,
            type,
            tensor.dims(),
            type.bytes(tensor.elements()),
            () -> TensorWriter.bytesOf(type, tensor.floats())));
  }
}
