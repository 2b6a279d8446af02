package dev.inward.compress;

import dev.inward.base.Progress;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Quantization;
import dev.inward.graph.Shape;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.runtime.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicLong;

/// For each activation the range, of those that the [Calibration.Method]s propose, that hurts the
/// first output least when it alone is rounded. Nodes that read the same value share one.
///
/// No way of taking ranges is the best for all: in MiniLM min-max loses 5 dB where the outputs of
/// GELU have rare large values that do not matter, and the percentile 4 dB where they do.
public final class Ranges {
  /* One session serves all: every watched value passes a switch, `where(flag, rounded(x), x)`, whose
   * scale and zero point are inputs of the graph. */

  private Ranges() {}

  private record Proposal(String value, Calibration.Method method, ActivationFormat.Static range) {}

  private record Judged(Proposal proposal, double error) {}

  /// The chosen range of each node of the calibration; the same on any number of threads.
  ///
  /// @param probes the samples that the output is looked at with
  public static SequencedMap<String, ActivationFormat.Static> best(
      Graph graph, Calibration calibration, List<Map<String, Tensor>> probes, Progress progress) {
    SequencedMap<String, String> valueOf = new LinkedHashMap<>();
    graph.nodes().stream()
        .filter(n -> calibration.byNode().containsKey(n.name()))
        .forEach(n -> valueOf.put(n.name(), n.operand(0)));
    Map<String, List<Proposal>> proposals = new LinkedHashMap<>();
    valueOf.forEach((node, value) -> {
      if (!proposals.containsKey(value)) {
        List<Proposal> own = new ArrayList<>();
        for (var method : Calibration.Method.values()) {
          var range = calibration.range(node, method);
          if (own.stream().noneMatch(p -> near(p.range(), range))) {
            own.add(new Proposal(value, method, range));
          }
        }
        proposals.put(value, own);
      }
    });
    List<Proposal> all = proposals.values().stream().flatMap(List::stream).toList();
    Map<String, ActivationFormat.Static> chosen = new HashMap<>();
    if (!all.isEmpty()) {
      Map<String, Tensor> off = new HashMap<>();
      List<Judged> judged = judged(board(graph, valueOf, off), off, all, probes, progress);
      Map<String, Judged> least = new HashMap<>();
      judged.forEach(
          j -> least.merge(j.proposal().value(), j, (a, b) -> b.error() < a.error() ? b : a));
      least.forEach((value, j) -> chosen.put(value, j.proposal().range()));
    }
    SequencedMap<String, ActivationFormat.Static> ranges = new LinkedHashMap<>();
    valueOf.forEach((node, value) -> ranges.put(node, Objects.requireNonNull(chosen.get(value))));
    return ranges;
  }

  private static List<Judged> judged(
      Graph board,
      Map<String, Tensor> off,
      List<Proposal> proposals,
      List<Map<String, Tensor>> probes,
      Progress progress) {
    var done = new AtomicLong();
    try (var session = Session.open(board);
        var fixed = Session.hold(off)) {
      List<float[]> reference =
          probes.stream().map(p -> first(session, p, List.of(fixed))).toList();
      return proposals.parallelStream()
          .map(proposal -> {
            try (var change = Session.hold(on(proposal))) {
              double error = 0;
              for (int i = 0; i < probes.size(); i++) {
                float[] y = first(session, probes.get(i), List.of(fixed, change));
                error += distance(reference.get(i), y);
              }
              progress.at("ranges", done.incrementAndGet(), proposals.size());
              return new Judged(proposal, error);
            }
          })
          .toList();
    }
  }

  private static Graph board(
      Graph graph, SequencedMap<String, String> valueOf, Map<String, Tensor> off) {
    var builder = graph.toBuilder();
    Map<String, List<Node>> before = new HashMap<>();
    Map<String, String> changed = new HashMap<>();
    for (String value : new LinkedHashSet<>(valueOf.values())) {
      String stem = value + ".range";
      builder.input(stem + ".switch", new TensorType(DataType.BOOL, Shape.SCALAR));
      builder.input(stem + ".scale", new TensorType(DataType.FLOAT32, Shape.SCALAR));
      builder.input(stem + ".zero", new TensorType(DataType.UINT8, Shape.SCALAR));
      off.put(stem + ".switch", code(DataType.BOOL, 0));
      off.put(stem + ".scale", Tensor.scalar(1f));
      off.put(stem + ".zero", code(DataType.UINT8, 0));
      before.put(
          value,
          List.of(
              Node.of(
                  new Quantization.Quantize(DataType.UINT8, 1, 0),
                  List.of(value, stem + ".scale", stem + ".zero"),
                  stem + ".codes"),
              Node.of(
                  new Quantization.Dequantize(1, 0),
                  List.of(stem + ".codes", stem + ".scale", stem + ".zero"),
                  stem + ".rounded"),
              Node.of(
                  new Elementwise.Where(),
                  List.of(stem + ".switch", stem + ".rounded", value),
                  stem + ".x")));
      changed.put(value, stem + ".x");
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      String value = valueOf.get(node.name());
      if (value == null) {
        nodes.add(node);
        continue;
      }
      var made = before.remove(value);
      if (made != null) {
        nodes.addAll(made);
      }
      var operands = new ArrayList<>(node.in());
      operands.set(0, Objects.requireNonNull(changed.get(value)));
      nodes.add(new Node(node.name(), node.op(), operands, node.out()));
    }
    return builder.nodes(_ -> nodes).build().withOutputs(List.of(graph.outputs().getFirst()));
  }

  private static Map<String, Tensor> on(Proposal proposal) {
    String stem = proposal.value() + ".range";
    return Map.of(
        stem + ".switch", code(DataType.BOOL, 1),
        stem + ".scale", Tensor.scalar(proposal.range().scale()),
        stem + ".zero", code(DataType.UINT8, proposal.range().zeroPoint()));
  }

  /// Whether neither end differs by more than a code or two.
  private static boolean near(ActivationFormat.Static a, ActivationFormat.Static b) {
    float most = 0.01f * (a.high() - a.low());
    return Math.abs(a.low() - b.low()) <= most && Math.abs(a.high() - b.high()) <= most;
  }

  private static float[] first(
      Session session, Map<String, Tensor> sample, List<Session.Held> held) {
    return session.run(sample, held).firstEntry().getValue().floats();
  }

  private static double distance(float[] a, float[] b) {
    double[] each = new double[a.length];
    Arrays.setAll(each, i -> ((double) a[i] - b[i]) * ((double) a[i] - b[i]));
    double sum = 0;
    for (double one : each) {
      sum += one;
    }
    return sum;
  }

  private static Tensor code(DataType type, int value) {
    return Tensor.dense(type, List.of(), Storage.of(new byte[] {(byte) value}));
  }
}
