package dev.inward.onnx;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Encoding;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Quantization.ConvInteger;
import dev.inward.graph.Quantization.Dequantize;
import dev.inward.graph.Quantization.DynamicQuantize;
import dev.inward.graph.Quantization.MatMulInteger;
import dev.inward.graph.Quantization.QLinearConv;
import dev.inward.graph.Quantization.QLinearMatMul;
import dev.inward.graph.Quantization.Quantize;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Operators between reals and codes.
final class QuantizationDecoders {
  private QuantizationDecoders() {}

  static void addTo(Map<OpKey, Decoder> table) {
    for (String domain : List.of("", Decoders.MICROSOFT)) {
      table.put(new OpKey(domain, "QuantizeLinear", 1), QuantizationDecoders::quantize);
      table.put(new OpKey(domain, "DequantizeLinear", 1), QuantizationDecoders::dequantize);
    }
    table.put(new OpKey("", "DynamicQuantizeLinear", 7), f -> f.as(new DynamicQuantize()));
    table.put(new OpKey("", "MatMulInteger", 7), f -> f.as(new MatMulInteger()));
    table.put(
        new OpKey("", "ConvInteger", 7),
        f -> f.as(new ConvInteger(WindowedDecoders.window(f), WindowedDecoders.groups(f))));
    table.put(
        new OpKey("", "QLinearConv", 7),
        f -> f.as(new QLinearConv(WindowedDecoders.window(f), WindowedDecoders.groups(f))));
    table.put(new OpKey("", "QLinearMatMul", 7), f -> f.as(new QLinearMatMul()));
    table.put(
        new OpKey(Decoders.MICROSOFT, "QLinearAdd", 1),
        f -> pairwise(f, new Binary(Binary.Function.ADD)));
    table.put(
        new OpKey(Decoders.MICROSOFT, "QLinearMul", 1),
        f -> pairwise(f, new Binary(Binary.Function.MUL)));
    table.put(
        new OpKey(Decoders.MICROSOFT, "QLinearSigmoid", 1),
        f -> single(f, new Unary(Unary.Function.SIGMOID)));
  }

  private static List<Node> quantize(Form form) {
    form.attributes.ignore("saturate", "precision");
    Optional<DataType> to = form.has(2) ? form.dtype(2) : Optional.of(DataType.UINT8);
    long stated = form.attributes.number("output_dtype", 0);
    if (stated != 0) {
      to = OnnxTypes.of(stated);
    }
    if (to.isEmpty() || !to.get().isInteger()) {
      return form.opaque();
    }
    return form.as(
        new Quantize(
            to.get(), form.attributes.number("axis", 1), form.attributes.number("block_size", 0)));
  }

  private static List<Node> dequantize(Form form) {
    long stated = form.attributes.number("output_dtype", 0);
    if (stated != 0 && !OnnxTypes.of(stated).equals(form.dtype(1))) {
      return form.opaque();
    }
    long axis = form.attributes.number("axis", 1);
    long block = form.attributes.number("block_size", 0);
    var decoded = constant(form, axis, block);
    return decoded.isPresent()
        ? form.constant(decoded.get())
        : form.as(new Dequantize(axis, block));
  }

  /// The codes, scale and zero point as one encoded constant, where all are constants.
  private static Optional<Tensor> constant(Form form, long axis, long block) {
    var codes = form.constantAt(0).orElse(null);
    var scale = form.constantAt(1).orElse(null);
    var zero = form.constantAt(2).orElse(null);
    if (codes == null
        || scale == null
        || form.has(2) && zero == null
        || !(codes.encoding() instanceof Encoding.Dense data)
        || !codes.dtype().isInteger()
        || codes.dtype() == DataType.INT64
        || codes.dtype() == DataType.UINT64
        || codes.dtype() == DataType.UINT32
        || !scale.dtype().isFloat()) {
      return Optional.empty();
    }
    var grid = grid(codes.dims(), scale, axis, block);
    if (grid.isEmpty()
        || zero != null && (zero.dtype() != codes.dtype() || zero.elements() != scale.elements())) {
      return Optional.empty();
    }
    var zeroPoint = zero == null ? zeros(codes.dtype(), grid.get()) : zero.withDims(grid.get());
    return Optional.of(
        new Tensor(
            scale.dtype(),
            codes.dims(),
            new Encoding.Affine(
                codes.dtype(), data.data(), scale.withDims(grid.get()), zeroPoint)));
  }

  /// The extents of the scale as an encoding wants them: of the rank of the codes. Empty where they
  /// do not divide those of the codes.
  private static Optional<List<Long>> grid(List<Long> dims, Tensor scale, long axis, long block) {
    List<Long> ones = new ArrayList<>(Collections.nCopies(dims.size(), 1L));
    if (scale.elements() == 1 && scale.rank() <= 1) {
      return Optional.of(ones);
    }
    int at = (int) (axis < 0 ? axis + dims.size() : axis);
    if (at < 0 || at >= dims.size()) {
      return Optional.empty();
    }
    if (block == 0) {
      ones.set(at, dims.get(at));
      return scale.rank() == 1 && scale.dims().getFirst().equals(dims.get(at))
          ? Optional.of(ones)
          : Optional.empty();
    }
    List<Long> blocked = new ArrayList<>(dims);
    blocked.set(at, dims.get(at) / block);
    return dims.get(at) % block == 0 && scale.dims().equals(blocked)
        ? Optional.of(blocked)
        : Optional.empty();
  }

  static Tensor zeros(DataType type, List<Long> dims) {
    long count = dims.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    return Tensor.dense(type, dims, Storage.of(new byte[Math.toIntExact(type.bytes(count))]));
  }

  /// a, its scale, its zero point, b, its scale, its zero point, the result's.
  private static List<Node> pairwise(Form form, Op op) {
    var to = form.has(7) ? form.dtype(7) : Optional.of(DataType.UINT8);
    if (to.isEmpty()) {
      return form.opaque();
    }
    String a = form.fresh("a");
    String b = form.fresh("b");
    String y = form.fresh("y");
    return List.of(
        real(List.of(form.operand(0), form.operand(1), form.operand(2)), a),
        real(List.of(form.operand(3), form.operand(4), form.operand(5)), b),
        Node.of(op, List.of(a, b), y),
        coded(form, to.get(), y, 6));
  }

  /// x, its scale, its zero point, the result's.
  private static List<Node> single(Form form, Op op) {
    var to = form.has(4) ? form.dtype(4) : Optional.of(DataType.UINT8);
    if (to.isEmpty()) {
      return form.opaque();
    }
    String x = form.fresh("x");
    String y = form.fresh("y");
    return List.of(
        real(List.of(form.operand(0), form.operand(1), form.operand(2)), x),
        Node.of(op, List.of(x), y),
        coded(form, to.get(), y, 3));
  }

  private static Node real(List<String> operands, String out) {
    return Node.of(new Dequantize(1, 0), withoutLast(operands), out);
  }

  private static Node coded(Form form, DataType to, String value, int scale) {
    return new Node(
        form.name,
        new Quantize(to, 1, 0),
        withoutLast(List.of(value, form.operand(scale), form.operand(scale + 1))),
        form.out);
  }

  private static List<String> withoutLast(List<String> operands) {
    return operands.getLast().isEmpty() ? operands.subList(0, operands.size() - 1) : operands;
  }
}
