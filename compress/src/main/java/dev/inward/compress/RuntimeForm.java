package dev.inward.compress;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Product;
import dev.inward.graph.Quantization;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.rewrite.DeadNodes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The form of an encoded graph that ONNX Runtime runs fast on a CPU: integer products where the
/// recipe rounds an activation, tables that are looked up before they are decoded, and all other
/// weights decoded by arithmetic, `(code - zero) * scale`, which the runtime does once, when it
/// loads the file. A `DequantizeLinear` it would do in each run, or merge with the product into one
/// that rounds activations to eight bits, which no recipe asked for.
///
/// On processors without VNNI instructions, products of unsigned by signed bytes are added in pairs
/// within sixteen bits. Codes of seven bits cannot exceed those, and stay signed; codes of eight
/// bits that meet codes of an activation are written unsigned (`code + 128`, zero point 128), for
/// which there is an exact product, a tenth slower.
public final class RuntimeForm {
  private final Graph graph;
  private final Recipe recipe;
  private final Graph.Builder builder;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, String> quantized = new HashMap<>();

  private RuntimeForm(Graph graph, Recipe recipe) {
    this.graph = graph;
    this.recipe = recipe;
    this.builder = graph.toBuilder();
  }

  /// The encoded graph in the form to deliver as an ONNX file.
  public static Graph of(Graph encoded, Recipe recipe) {
    return new RuntimeForm(encoded, recipe).lowered();
  }

  private Graph lowered() {
    Set<String> decoded = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      if (recipe.activations().get(node.name()) instanceof ActivationFormat.Static) {
        makeUnsigned(node.operand(1));
      }
      boolean dynamic = recipe.activations().get(node.name()) instanceof ActivationFormat.Dynamic;
      switch (node.op()) {
        case Movement.Gather(var axis) when axis == 0 && table(node) != null -> lookUp(node);
        case Product.Linear() when dynamic && matrix(node) != null -> product(node);
        case Product.MatMul() when dynamic && matrix(node) != null -> product(node);
        default -> {
          nodes.add(node);
          node.reads().filter(this::isDecodable).forEach(decoded::add);
        }
      }
    }
    List<Node> first = new ArrayList<>();
    decoded.forEach(weight -> first.addAll(decoding(weight)));
    nodes.addAll(0, first);
    Graph all = builder.removeConstants(decoded).nodes(_ -> nodes).build();
    return new DeadNodes().apply(all);
  }

  /// Whether a value is a constant of codes that arithmetic on whole tensors decodes, and none that
  /// meets codes of an activation.
  private boolean isDecodable(String value) {
    Tensor tensor = graph.constant(value).orElse(null);
    if (tensor == null
        || !(tensor.encoding() instanceof Encoding.Affine affine)
        || (affine.codes() != DataType.INT8 && affine.codes() != DataType.UINT8)
        || graph.readers(value).stream()
            .anyMatch(n -> recipe.activations().get(n.name()) instanceof ActivationFormat.Static)) {
      return false;
    }
    for (int axis = 0; axis < tensor.rank(); axis++) {
      long groups = affine.scale().dims().get(axis);
      if (groups != 1 && groups != tensor.dims().get(axis)) {
        return false;
      }
    }
    return true;
  }

  private List<Node> decoding(String weight) {
    Tensor tensor = graph.constant(weight).orElseThrow();
    var affine = (Encoding.Affine) tensor.encoding();
    String stem = weight + ".stored";
    List<Node> made = new ArrayList<>();
    constant(stem, Tensor.dense(affine.codes(), tensor.dims(), affine.data()));
    constant(stem + ".scale", narrow(affine.scale()));
    String steps = stem + ".steps";
    made.add(Node.of(new Elementwise.Cast(DataType.FLOAT32), List.of(stem), steps));
    long[] zero = affine.zeroPoint().longs();
    if (Arrays.stream(zero).anyMatch(z -> z != 0)) {
      float[] zeros = new float[zero.length];
      for (int i = 0; i < zero.length; i++) {
        zeros[i] = zero[i];
      }
      constant(stem + ".zero", Tensor.ofFloats(affine.zeroPoint().dims(), zeros));
      String centred = stem + ".centred";
      made.add(
          Node.of(new Elementwise.Binary(Function.SUB), List.of(steps, stem + ".zero"), centred));
      steps = centred;
    }
    made.add(
        Node.of(new Elementwise.Binary(Function.MUL), List.of(steps, stem + ".scale"), weight));
    return made;
  }

  /// Gives a weight of signed codes, which still is a constant with an encoding, unsigned ones.
  private void makeUnsigned(String weight) {
    Tensor tensor = graph.constant(weight).orElse(null);
    if (tensor != null
        && tensor.encoding() instanceof Encoding.Affine affine
        && affine.codes() == DataType.INT8
        && !isSevenBits(affine)) {
      var codes = ((Encoding.Dense) unsigned(tensor.dims(), affine.data()).encoding()).data();
      var zero = unsigned(affine.zeroPoint().dims(), affine.zeroPoint());
      constant(
          weight,
          new Tensor(
              tensor.dtype(),
              tensor.dims(),
              new Encoding.Affine(DataType.UINT8, codes, affine.scale(), zero)));
    }
  }

  /// The encoding of a table with one scale a row or one in all.
  private Encoding.@Nullable Affine table(Node node) {
    Tensor tensor = graph.constant(node.operand(0)).orElse(null);
    return tensor != null
            && tensor.rank() == 2
            && tensor.encoding() instanceof Encoding.Affine affine
            && affine.codes() == DataType.INT8
            && affine.scale().dims().get(1) == 1
        ? affine
        : null;
  }

  /// The encoding of a matrix with one scale a column or one in all, symmetric or not.
  private Encoding.@Nullable Affine matrix(Node node) {
    Tensor tensor = graph.constant(node.operand(1)).orElse(null);
    return tensor != null
            && tensor.rank() == 2
            && tensor.encoding() instanceof Encoding.Affine affine
            && affine.codes() == DataType.INT8
            && affine.scale().dims().get(0) == 1
        ? affine
        : null;
  }

  private void lookUp(Node node) {
    var affine = Objects.requireNonNull(table(node));
    Tensor tensor = graph.constant(node.operand(0)).orElseThrow();
    String stem = node.operand(0) + ".table"; // a product may read the same weight in its own form
    String name = node.result();
    constant(stem + ".codes", unsigned(tensor.dims(), affine.data()));
    boolean rows = affine.scale().elements() > 1;
    constant(
        stem + ".scale", narrow(affine.scale().withDims(rows ? affine.scale().dims() : List.of())));
    float[] zero = new float[Math.toIntExact(affine.zeroPoint().elements())];
    long[] codes = affine.zeroPoint().longs();
    boolean even = true;
    for (int i = 0; i < zero.length; i++) {
      zero[i] = codes[i] + 128;
      even &= codes[i] == codes[0];
    }
    add(new Movement.Gather(0), List.of(stem + ".codes", node.operand(1)), name + ".codes");
    add(new Elementwise.Cast(DataType.FLOAT32), List.of(name + ".codes"), name + ".steps");
    String zeros = stem + ".zero";
    if (even) {
      constant(zeros, Tensor.scalar(zero[0]));
    } else {
      constant(stem + ".zeros", Tensor.ofFloats(affine.zeroPoint().dims(), zero));
      zeros = name + ".zero";
      add(new Movement.Gather(0), List.of(stem + ".zeros", node.operand(1)), zeros);
    }
    add(new Elementwise.Binary(Function.SUB), List.of(name + ".steps", zeros), name + ".centred");
    String scale = stem + ".scale";
    if (rows) {
      add(new Movement.Gather(0), List.of(scale, node.operand(1)), name + ".scale");
      scale = name + ".scale";
    }
    add(new Elementwise.Binary(Function.MUL), List.of(name + ".centred", scale), name);
  }

  private void product(Node node) {
    var affine = Objects.requireNonNull(matrix(node));
    Tensor tensor = graph.constant(node.operand(1)).orElseThrow();
    String stem = node.operand(1);
    String name = node.name();
    List<Long> columns =
        affine.scale().dims().get(1) > 1 ? List.of(affine.scale().dims().get(1)) : List.of();
    boolean signed = isSevenBits(affine);
    Tensor zero = oneIfEqual(affine.zeroPoint().withDims(columns));
    constant(
        stem + ".codes",
        signed
            ? Tensor.dense(DataType.INT8, tensor.dims(), affine.data())
            : unsigned(tensor.dims(), affine.data()));
    constant(stem + ".zero", signed ? zero : unsigned(zero.dims(), zero));
    constant(stem + ".scale", narrow(affine.scale().withDims(columns)));
    String x = quantized.computeIfAbsent(node.operand(0), this::quantize);
    add(
        new Quantization.MatMulInteger(),
        List.of(x + ".codes", stem + ".codes", x + ".zero", stem + ".zero"),
        name + ".sums");
    add(new Elementwise.Cast(DataType.FLOAT32), List.of(name + ".sums"), name + ".steps");
    add(
        new Elementwise.Binary(Function.MUL),
        List.of(x + ".scale", stem + ".scale"),
        name + ".step");
    boolean bias = node.op() instanceof Product.Linear;
    String product = bias ? name + ".product" : node.result();
    add(new Elementwise.Binary(Function.MUL), List.of(name + ".steps", name + ".step"), product);
    if (bias) {
      add(new Elementwise.Binary(Function.ADD), List.of(product, node.operand(2)), node.result());
    }
  }

  private String quantize(String value) {
    String stem = value + ".dynamic";
    nodes.add(
        new Node(
            stem,
            new Quantization.DynamicQuantize(),
            List.of(value),
            List.of(stem + ".codes", stem + ".scale", stem + ".zero")));
    return stem;
  }

  /// In two bytes each, where that loses nothing.
  private static Tensor narrow(Tensor scale) {
    float[] values = scale.floats();
    for (float value : values) {
      if (Float.float16ToFloat(Float.floatToFloat16(value)) != value) {
        return scale;
      }
    }
    return Tensor.half(scale.dims(), values);
  }

  private static Tensor oneIfEqual(Tensor zero) {
    byte[] codes = ((Encoding.Dense) zero.encoding()).data().toArray();
    for (byte code : codes) {
      if (code != codes[0]) {
        return zero;
      }
    }
    return Tensor.dense(zero.dtype(), List.of(), Storage.of(new byte[] {codes[0]}));
  }

  /// Whether no code is further from its zero point than 63.
  private static boolean isSevenBits(Encoding.Affine affine) {
    if (affine.codes() != DataType.INT8) {
      return false;
    }
    for (long zero : affine.zeroPoint().longs()) {
      if (zero != 0) {
        return false;
      }
    }
    for (byte code : affine.data().toArray()) {
      if (Math.abs(code) > 63) {
        return false;
      }
    }
    return true;
  }

  private void add(Op op, List<String> in, String out) {
    nodes.add(Node.of(op, in, out));
  }

  private void constant(String name, Tensor tensor) {
    builder.constant(name, tensor);
  }

  private static Tensor unsigned(List<Long> dims, Tensor codes) {
    return unsigned(dims, ((Encoding.Dense) codes.encoding()).data());
  }

  private static Tensor unsigned(List<Long> dims, Storage signed) {
    byte[] bytes = signed.toArray();
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] ^= (byte) 0x80;
    }
    return Tensor.dense(DataType.UINT8, dims, Storage.of(bytes));
  }
}
