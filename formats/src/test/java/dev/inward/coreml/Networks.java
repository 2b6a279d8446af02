package dev.inward.coreml;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Movement.Resize;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Op;
import dev.inward.graph.Product;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Windowed;
import dev.inward.graph.Windowed.AutoPad;
import dev.inward.graph.Windowed.PoolKind;
import dev.inward.graph.Windowed.Window;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Small networks of every family that people convert, with random weights of the size that keeps
/// signals level.
final class Networks {
  private final Graph.Builder graph;
  private final Random random;
  private int next;

  private Networks(String name) {
    graph = Graph.builder(name);
    random = new Random(name.hashCode());
  }

  static Stream<OpCase> all() {
    return Stream.of(
        plain(),
        residual(),
        depthwise(),
        squeezeAndExcite(),
        inception(),
        dense(),
        shuffled(),
        encoder(),
        vision(),
        bidirectional(),
        gated(),
        uNet(),
        separableSpeech(),
        decoder());
  }

  private String node(Op op, String... in) {
    String out = "n" + next++;
    graph.node(new Node(out, op, List.of(in), List.of(out)));
    return out;
  }

  private String constant(Tensor tensor) {
    String name = "w" + next++;
    graph.constant(name, tensor);
    return name;
  }

  private String weight(double size, long... dims) {
    return constant(
        OpCase.random(random, DataType.FLOAT32, LongStream.of(dims).boxed().toList(), -size, size));
  }

  private String ints(long... values) {
    return constant(Tensor.vector(values));
  }

  private String input(long... dims) {
    graph.input("x", TensorType.of(DataType.FLOAT32, dims));
    return "x";
  }

  private OpCase done(String name, String... outputs) {
    for (String output : outputs) {
      graph.output(output);
    }
    return new OpCase(name, graph.build(), -1, 1, Target.IOS15);
  }

  private String conv(String x, long in, long out, long kernel, long stride, long groups) {
    long pad = kernel / 2;
    var window =
        new Window(
            List.of(kernel, kernel),
            List.of(stride, stride),
            List.of(),
            List.of(pad, pad, pad, pad),
            AutoPad.EXPLICIT);
    double size = Math.sqrt(3.0 * groups / (in * kernel * kernel));
    return node(
        new Windowed.Conv(window, groups),
        x,
        weight(size, out, in / groups, kernel, kernel),
        weight(0.1, out));
  }

  private String normed(String x, long channels) {
    float[] variance = new float[(int) channels];
    for (int i = 0; i < variance.length; i++) {
      variance[i] = 0.5f + random.nextFloat();
    }
    return node(
        new Normalization.BatchNorm(1e-5f),
        x,
        weight(1, channels),
        weight(0.1, channels),
        weight(0.1, channels),
        constant(Tensor.ofFloats(List.of(channels), variance)));
  }

  private String unary(Unary.Function function, String x) {
    return node(new Unary(function), x);
  }

  private String relu(String x) {
    return unary(Unary.Function.RELU, x);
  }

  private String binary(Binary.Function function, String x, String y) {
    return node(new Binary(function), x, y);
  }

  private String add(String x, String y) {
    return binary(Binary.Function.ADD, x, y);
  }

  private String linear(String x, long in, long out) {
    return node(new Product.Linear(), x, weight(Math.sqrt(3.0 / in), in, out), weight(0.1, out));
  }

  private String pool(PoolKind kind, String x, long kernel, long stride, long pad, boolean ceil) {
    var window =
        new Window(
            List.of(kernel, kernel),
            List.of(stride, stride),
            List.of(),
            List.of(pad, pad, pad, pad),
            AutoPad.EXPLICIT);
    return node(new Windowed.Pool(kind, window, ceil, false, 2, false), x);
  }

  private String head(String x, long channels, long classes) {
    String pooled = node(new Windowed.GlobalPool(PoolKind.AVERAGE, 2), x);
    String flat = node(new Movement.Flatten(1), pooled);
    String logits =
        node(
            new Product.Gemm(1, 1, false, true),
            flat,
            weight(Math.sqrt(3.0 / channels), classes, channels),
            weight(0.1, classes));
    return node(new Normalization.Softmax(-1), logits);
  }

  private String reshape(String x, long... dims) {
    return node(new Movement.Reshape(false), x, ints(dims));
  }

  private String transpose(String x, Long... order) {
    return node(new Movement.Transpose(List.of(order)), x);
  }

  private static OpCase plain() {
    var net = new Networks("plain");
    String x = net.input(1, 3, 12, 12);
    x = net.relu(net.normed(net.conv(x, 3, 8, 3, 1, 1), 8));
    x = net.pool(PoolKind.MAX, x, 2, 2, 0, false);
    x = net.relu(net.normed(net.conv(x, 8, 12, 3, 1, 1), 12));
    x = net.pool(PoolKind.MAX, x, 3, 2, 1, true);
    return net.done("plain", net.head(x, 12, 5));
  }

  private static OpCase residual() {
    var net = new Networks("residual");
    String x = net.relu(net.conv(net.input(1, 3, 10, 10), 3, 8, 5, 2, 1));
    for (int i = 0; i < 2; i++) {
      String y = net.relu(net.normed(net.conv(x, 8, 8, 3, 1, 1), 8));
      y = net.normed(net.conv(y, 8, 8, 3, 1, 1), 8);
      x = net.relu(net.add(x, y));
    }
    String y = net.normed(net.conv(net.relu(net.conv(x, 8, 16, 3, 2, 1)), 16, 16, 3, 1, 1), 16);
    x = net.relu(net.add(net.conv(x, 8, 16, 1, 2, 1), y));
    return net.done("residual", net.head(x, 16, 4));
  }

  private static OpCase depthwise() {
    var net = new Networks("depthwise");
    String x = net.unary(Unary.Function.HARD_SWISH, net.conv(net.input(1, 3, 9, 9), 3, 8, 3, 2, 1));
    String zero = net.constant(Tensor.scalar(0f));
    String six = net.constant(Tensor.scalar(6f));
    for (int i = 0; i < 2; i++) {
      String y = net.node(new Elementwise.Clip(), net.conv(x, 8, 24, 1, 1, 1), zero, six);
      y = net.node(new Elementwise.Clip(), net.conv(y, 24, 24, 3, 1, 24), zero, six);
      x = net.add(x, net.conv(y, 24, 8, 1, 1, 1));
    }
    return net.done("depthwise", net.head(x, 8, 3));
  }

  private static OpCase squeezeAndExcite() {
    var net = new Networks("squeeze");
    String x = net.node(new Elementwise.Swish(1), net.conv(net.input(2, 3, 8, 8), 3, 8, 3, 1, 1));
    String squeezed = net.node(new Windowed.GlobalPool(PoolKind.AVERAGE, 2), x);
    String small = net.relu(net.conv(squeezed, 8, 2, 1, 1, 1));
    String gate = net.node(new Elementwise.HardSigmoid(0.2f, 0.5f), net.conv(small, 2, 8, 1, 1, 1));
    x = net.binary(Binary.Function.MUL, x, gate);
    return net.done("squeeze", net.head(x, 8, 3));
  }

  private static OpCase inception() {
    var net = new Networks("inception");
    String x = net.input(1, 4, 8, 8);
    String a = net.relu(net.conv(x, 4, 3, 1, 1, 1));
    String b = net.relu(net.conv(net.relu(net.conv(x, 4, 2, 1, 1, 1)), 2, 4, 3, 1, 1));
    String c = net.relu(net.conv(net.relu(net.conv(x, 4, 2, 1, 1, 1)), 2, 3, 5, 1, 1));
    String d = net.relu(net.conv(net.pool(PoolKind.MAX, x, 3, 1, 1, false), 4, 2, 1, 1, 1));
    String e = net.pool(PoolKind.AVERAGE, x, 3, 1, 1, false);
    x = net.node(new Movement.Concat(1), a, b, c, d, e);
    x = net.node(new Normalization.LocalResponseNorm(5, 1e-2f, 0.75f, 1), x);
    return net.done("inception", net.head(x, 16, 4));
  }

  private static OpCase dense() {
    var net = new Networks("dense");
    String x = net.conv(net.input(1, 3, 8, 8), 3, 6, 3, 1, 1);
    long channels = 6;
    for (int i = 0; i < 3; i++) {
      String y = net.conv(net.relu(net.normed(x, channels)), channels, 4, 3, 1, 1);
      x = net.node(new Movement.Concat(1), x, y);
      channels += 4;
    }
    x = net.pool(PoolKind.AVERAGE, net.conv(x, channels, 9, 1, 1, 1), 2, 2, 0, false);
    return net.done("dense", net.head(x, 9, 4));
  }

  private static OpCase shuffled() {
    var net = new Networks("shuffled");
    String x = net.relu(net.conv(net.input(1, 4, 6, 6), 4, 12, 1, 1, 2));
    x = net.reshape(x, 1, 3, 4, 6, 6);
    x = net.reshape(net.transpose(x, 0L, 2L, 1L, 3L, 4L), 1, 12, 6, 6);
    String left = "left";
    String right = "right";
    net.graph.node(
        new Node(
            "halves", new Movement.Split(1, List.of(6L, 6L)), List.of(x), List.of(left, right)));
    right = net.conv(net.conv(right, 6, 6, 3, 1, 6), 6, 6, 1, 1, 1);
    x = net.node(new Movement.Concat(1), left, net.relu(right));
    return net.done("shuffled", net.head(x, 12, 3));
  }

  /// One layer of a transformer over `[1, length, 16]` with four heads.
  private String layer(String x, long length, String mask, boolean causal) {
    String q = heads(linear(x, 16, 16), length);
    String k = heads(linear(x, 16, 16), length);
    String v = heads(linear(x, 16, 16), length);
    var attention = new Product.Attention(OptionalDouble.empty(), causal);
    String mixed = mask.isEmpty() ? node(attention, q, k, v) : node(attention, q, k, v, mask);
    String joined = reshape(transpose(mixed, 0L, 2L, 1L, 3L), 1, length, 16);
    String a = normal(add(x, linear(joined, 16, 16)));
    String wide = node(new Elementwise.Gelu(causal), linear(a, 16, 32));
    return normal(add(a, linear(wide, 32, 16)));
  }

  private String heads(String x, long length) {
    return transpose(reshape(x, 1, length, 4, 4), 0L, 2L, 1L, 3L);
  }

  private String normal(String x) {
    return node(new Normalization.LayerNorm(-1, 1e-5f), x, weight(1, 16), weight(0.1, 16));
  }

  private static OpCase encoder() {
    var net = new Networks("encoder");
    net.graph.input("ids", TensorType.of(DataType.INT64, 1, 6));
    net.graph.input("mask", TensorType.of(DataType.INT64, 1, 6));
    String x = net.node(new Movement.Gather(0), net.weight(1, 20, 16), "ids");
    x = net.normal(net.add(x, net.weight(0.5, 6, 16)));
    String open = net.node(new Elementwise.Cast(DataType.FLOAT32), "mask");
    String one = net.constant(Tensor.scalar(1f));
    String lowest = net.constant(Tensor.scalar(-10000f));
    String closed = net.binary(Binary.Function.SUB, one, open);
    String mask = net.reshape(net.binary(Binary.Function.MUL, closed, lowest), 1, 1, 1, 6);
    x = net.layer(net.layer(x, 6, mask, false), 6, mask, false);
    String first = net.node(new Movement.Gather(1), x, net.constant(Tensor.scalar(0L)));
    String pooled = net.unary(Unary.Function.TANH, net.linear(first, 16, 16));
    net.graph.output(x);
    net.graph.output(pooled);
    return new OpCase("encoder", net.graph.build(), 0, 1, Target.IOS15);
  }

  private static OpCase vision() {
    var net = new Networks("vision");
    String x = net.input(1, 3, 8, 8);
    var patches =
        new Window(List.of(4L, 4L), List.of(4L, 4L), List.of(), List.of(), AutoPad.EXPLICIT);
    x =
        net.node(
            new Windowed.Conv(patches, 1), x, net.weight(0.3, 16, 3, 4, 4), net.weight(0.1, 16));
    x = net.transpose(net.reshape(x, 1, 16, 4), 0L, 2L, 1L);
    x = net.node(new Movement.Concat(1), net.weight(0.5, 1, 1, 16), x);
    x = net.add(x, net.weight(0.5, 1, 5, 16));
    x = net.layer(net.layer(x, 5, "", false), 5, "", false);
    String token = net.node(new Movement.Slice(), x, net.ints(0), net.ints(1), net.ints(1));
    return net.done("vision", net.linear(net.reshape(token, 1, 16), 16, 7));
  }

  private static OpCase decoder() {
    var net = new Networks("decoder");
    String x = net.input(1, 5, 16);
    x = net.layer(net.layer(x, 5, "", true), 5, "", true);
    String normed = net.node(new Normalization.RmsNorm(-1, 1e-6f), x, net.weight(1, 16));
    String logits = net.linear(normed, 16, 11);
    String best =
        net.node(new dev.inward.graph.Reduction.ArgReduce(true, -1, false, false), logits);
    return net.done("decoder", logits, best);
  }

  private String recurrent(Recurrent.Kind kind, String x, long inputs, boolean bidirectional) {
    long directions = bidirectional ? 2 : 1;
    long rows = 5L * kind.gates();
    var op =
        new Recurrent(
            kind,
            bidirectional ? Recurrent.Direction.BIDIRECTIONAL : Recurrent.Direction.FORWARD,
            5,
            List.of(),
            List.of(),
            List.of(),
            OptionalDouble.empty(),
            kind == Recurrent.Kind.GRU,
            false,
            false);
    return node(
        op,
        x,
        weight(0.6, directions, rows, inputs),
        weight(0.6, directions, rows, 5),
        weight(0.2, directions, 2 * rows));
  }

  private static OpCase bidirectional() {
    var net = new Networks("bidirectional");
    String x = net.transpose(net.input(1, 6, 4), 1L, 0L, 2L);
    String y = net.recurrent(Recurrent.Kind.LSTM, x, 4, true);
    y = net.reshape(net.transpose(y, 0L, 2L, 1L, 3L), 6, 1, 10);
    y = net.recurrent(Recurrent.Kind.LSTM, y, 10, true);
    y = net.reshape(net.transpose(y, 2L, 0L, 1L, 3L), 1, 6, 10);
    return net.done(
        "bidirectional", net.node(new Normalization.LogSoftmax(-1), net.linear(y, 10, 3)));
  }

  private static OpCase gated() {
    var net = new Networks("gated");
    String x = net.transpose(net.input(2, 5, 3), 1L, 0L, 2L);
    String y = net.recurrent(Recurrent.Kind.GRU, x, 3, false);
    y = net.node(new Movement.Squeeze(List.of(1L)), y);
    y = net.reshape(net.recurrent(Recurrent.Kind.RNN, y, 5, true), 5, 2, 10);
    return net.done("gated", net.linear(y, 10, 2));
  }

  private static OpCase uNet() {
    var net = new Networks("u_net");
    String x = net.relu(net.conv(net.input(1, 3, 8, 8), 3, 6, 3, 1, 1));
    String low = net.relu(net.conv(net.pool(PoolKind.MAX, x, 2, 2, 0, false), 6, 10, 3, 1, 1));
    String deep = net.relu(net.conv(net.pool(PoolKind.MAX, low, 2, 2, 0, false), 10, 12, 3, 1, 1));
    String up = net.resized(Resize.Interpolation.LINEAR, deep);
    up = net.relu(net.conv(net.node(new Movement.Concat(1), up, low), 22, 8, 3, 1, 1));
    up = net.resized(Resize.Interpolation.NEAREST, up);
    var window = new Window(List.of(), List.of(2L, 2L), List.of(), List.of(), AutoPad.EXPLICIT);
    String learnt =
        net.node(
            new Windowed.ConvTranspose(window, 1, List.of(), List.of()),
            low,
            net.weight(0.3, 10, 4, 2, 2),
            net.weight(0.1, 4));
    x = net.node(new Movement.Concat(1), up, learnt, x);
    return net.done("u_net", net.unary(Unary.Function.SIGMOID, net.conv(x, 18, 2, 1, 1, 1)));
  }

  private String resized(Resize.Interpolation mode, String x) {
    return node(
        new Resize(
            mode,
            mode == Resize.Interpolation.LINEAR
                ? Resize.Coordinates.HALF_PIXEL
                : Resize.Coordinates.ASYMMETRIC,
            Resize.NearestRounding.FLOOR,
            -0.75f,
            false,
            0,
            false,
            List.of(),
            Resize.AspectPolicy.STRETCH),
        x,
        "",
        constant(Tensor.ofFloats(List.of(4L), 1, 1, 2, 2)));
  }

  /// Convolutions over time with gates, as speech models have them.
  private static OpCase separableSpeech() {
    var net = new Networks("speech");
    String x = net.input(1, 6, 14);
    var wide = new Window(List.of(5L), List.of(), List.of(), List.of(2L, 2L), AutoPad.EXPLICIT);
    var point = new Window(List.of(1L), List.of(), List.of(), List.of(), AutoPad.EXPLICIT);
    for (int i = 0; i < 2; i++) {
      String y =
          net.node(new Windowed.Conv(wide, 6), x, net.weight(0.5, 6, 1, 5), net.weight(0.1, 6));
      y = net.node(new Windowed.Conv(point, 1), y, net.weight(0.5, 12, 6, 1), net.weight(0.1, 12));
      String value = "value" + i;
      String gate = "gate" + i;
      net.graph.node(
          new Node("glu" + i, new Movement.Split(1, List.of()), List.of(y), List.of(value, gate)));
      y = net.binary(Binary.Function.MUL, value, net.unary(Unary.Function.SIGMOID, gate));
      x = net.add(x, y);
    }
    x = net.node(new Normalization.InstanceNorm(1e-5f), x, net.weight(1, 6), net.weight(0.1, 6));
    return net.done("speech", net.node(new Normalization.LogSoftmax(1), x));
  }
}
