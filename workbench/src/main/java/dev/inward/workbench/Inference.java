package dev.inward.workbench;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.data.NamedArray;
import dev.inward.data.Pooling;
import dev.inward.data.Rows;
import dev.inward.graph.Dim;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Opaque;
import dev.inward.graph.Quantization;
import dev.inward.graph.Shape;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.Value;
import dev.inward.runtime.Session;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What is looked at in the outputs of a model: one row a sample.
///
/// @param pooling how the first output becomes a row
/// @param alphabet the code point of each class of a text recogniser; empty for any other model
public record Inference(Pooling pooling, List<Integer> alphabet) {
  /* A weight is read from memory once for all of a group. More than eight brings nothing further. */
  private static final int TOGETHER = 8;

  /// How many samples are looked through for such of one shape, at most; and how many bytes of
  /// them.
  private static final int WINDOW = 2048;

  private static final long WINDOW_BYTES = 64L << 20;
  private static final String MASK = "attention_mask";

  /// Where PaddleOCR's models hold their alphabet, a character a line; class 0 is the blank, the
  /// one after the last a space.
  private static final String ALPHABET = "character";

  public Inference(Pooling pooling) {
    this(pooling, List.of());
  }

  /// The first output.
  ///
  /// @param pooling empty for the usual way: an output of a text model with one row a token is
  ///   averaged over the tokens that the attention mask keeps, any other is taken as it is
  /// @throws InputException where a mean is asked for and there is no attention mask
  public static Inference of(Graph graph, Optional<Pooling> pooling) {
    var shape = graph.shape(graph.outputs().getFirst());
    boolean masked = graph.inputs().stream().anyMatch(i -> i.name().equals(MASK));
    if (pooling.isPresent() && pooling.get() == Pooling.MEAN && !masked) {
      throw InputException.of("pooling: mean is over the tokens of an input '%s'", MASK)
          .hint(
              "the model's inputs are %s; write pooling: first or pooling: none",
              graph.inputs().stream().map(Value::name).collect(Collectors.joining(", ")));
    }
    if (pooling.isPresent() && pooling.get() == Pooling.CTC) {
      return new Inference(Pooling.CTC, alphabetOf(graph));
    }
    boolean tokens = shape.ranked() && shape.rank() == 3 && masked;
    return new Inference(pooling.orElse(tokens ? Pooling.MEAN : Pooling.NONE));
  }

  private static List<Integer> alphabetOf(Graph graph) {
    String characters = graph.metadata().get(ALPHABET);
    if (characters == null) {
      throw InputException.of("pooling: ctc needs the model's alphabet, and the model holds none")
          .hint("it is read from the file's metadata '%s', a character a line", ALPHABET);
    }
    List<Integer> alphabet = new ArrayList<>(List.of(0));
    characters.lines().forEach(line -> alphabet.add(line.isEmpty() ? ' ' : line.codePointAt(0)));
    alphabet.add((int) ' ');
    return List.copyOf(alphabet);
  }

  /// The same outputs as scores, to compare how far apart they are.
  Inference scores() {
    return pooling == Pooling.CTC ? new Inference(Pooling.NONE) : this;
  }

  /// Runs the first `count` samples. Where a graph treats samples apart, those of one shape go
  /// together, always the same ones. The rows are the same bits on any number of threads.
  public Rows rows(Graph graph, Feed feed, int count, String stage, Progress progress) {
    try (var session = Session.open(graph)) {
      return rows(session, graph, feed, count, stage, progress);
    }
  }

  /// The same with a session of the graph that is open.
  Rows rows(Session session, Graph graph, Feed feed, int count, String stage, Progress progress) {
    var done = new AtomicLong();
    List<Rows> parts = new ArrayList<>();
    int most = treatsSamplesApart(graph) ? TOGETHER : 1;
    int window = window(feed, graph);
    for (int from = 0; from < count; from += window) {
      parts.add(
          window(
              session,
              graph,
              feed,
              from,
              Math.min(count, from + window),
              most,
              ran -> progress.at(stage, done.addAndGet(ran), count)));
    }
    int width = parts.getFirst().width();
    float[] all = new float[Math.multiplyExact(count, width)];
    int row = 0;
    for (Rows part : parts) {
      for (int i = 0; i < part.count(); i++, row++) {
        copy(part, i, all, row);
      }
    }
    return new Rows(count, width, all);
  }

  private static int window(Feed feed, Graph graph) {
    long bytes =
        feed.inputs(graph.inputs(), 0).values().stream().mapToLong(Tensor::storedBytes).sum();
    return (int) Math.clamp(WINDOW_BYTES / Math.max(1, bytes), 1, WINDOW);
  }

  /// Whether the first axis of all that goes in and comes out is one open extent, and nothing
  /// inside looks at all samples at once, as a range taken at run time does.
  private boolean treatsSamplesApart(Graph graph) {
    Set<Dim> first = new HashSet<>();
    for (Value input : graph.inputs()) {
      first.add(firstAxis(input.type().shape()));
    }
    first.add(firstAxis(graph.shape(graph.outputs().getFirst())));
    return first.size() == 1
        && first.iterator().next() instanceof Dim.Symbol
        && graph.nodes().stream()
            .noneMatch(
                n -> n.op() instanceof Quantization.DynamicQuantize || n.op() instanceof Opaque);
  }

  private static Dim firstAxis(Shape shape) {
    return shape.ranked() && shape.rank() > 0 ? shape.dim(0) : Dim.of(1);
  }

  private Rows window(
      Session session, Graph graph, Feed feed, int from, int to, int most, IntConsumer ran) {
    List<Map<String, Tensor>> samples =
        IntStream.range(from, to).parallel().mapToObj(i -> feed.inputs(graph.inputs(), i)).toList();
    Map<List<List<Long>>, List<Integer>> byShape = new LinkedHashMap<>();
    for (int i = 0; i < samples.size(); i++) {
      var dims = samples.get(i).values().stream().map(Tensor::dims).toList();
      byShape.computeIfAbsent(dims, _ -> new ArrayList<>()).add(i);
    }
    List<List<Integer>> groups = new ArrayList<>();
    for (List<Integer> same : byShape.values()) {
      for (int i = 0; i < same.size(); i += most) {
        groups.add(same.subList(i, Math.min(same.size(), i + most)));
      }
    }
    List<Rows> results =
        groups.parallelStream()
            .map(group -> {
              var inputs = together(group.stream().map(samples::get).toList());
              Rows rows = rows(session.run(inputs), inputs);
              ran.accept(group.size());
              return rows;
            })
            .toList();
    int width = results.getFirst().width();
    float[] all = new float[Math.multiplyExact(samples.size(), width)];
    for (int g = 0; g < groups.size(); g++) {
      for (int i = 0; i < groups.get(g).size(); i++) {
        copy(results.get(g), i, all, groups.get(g).get(i));
      }
    }
    return new Rows(samples.size(), width, all);
  }

  private static void copy(Rows from, int row, float[] to, int place) {
    for (int k = 0; k < from.width(); k++) {
      to[place * from.width() + k] = from.at(row, k);
    }
  }

  /// The inputs of several samples of the same shape, one after the other on the first axis.
  private static Map<String, Tensor> together(List<Map<String, Tensor>> samples) {
    if (samples.size() == 1) {
      return samples.getFirst();
    }
    Map<String, Tensor> all = new LinkedHashMap<>();
    samples
        .getFirst()
        .forEach((name, first) -> {
          var bytes = new ByteArrayOutputStream();
          for (var sample : samples) {
            Tensor tensor = Objects.requireNonNull(sample.get(name));
            bytes.writeBytes(((Encoding.Dense) tensor.encoding()).data().toArray());
          }
          List<Long> dims = new ArrayList<>(first.dims());
          dims.set(0, first.dims().getFirst() * samples.size());
          all.put(name, Tensor.dense(first.dtype(), dims, Storage.of(bytes.toByteArray())));
        });
    return all;
  }

  private Rows rows(Map<String, Tensor> results, Map<String, Tensor> inputs) {
    var first = new ArrayList<>(results.entrySet()).getFirst();
    Tensor result = first.getValue();
    var array =
        new NamedArray.Floats(
            first.getKey(), result.dims().stream().map(Math::toIntExact).toList(), result.floats());
    long[] mask =
        pooling == Pooling.MEAN ? Objects.requireNonNull(inputs.get(MASK)).longs() : new long[0];
    Rows rows = pooling.rows(array, mask);
    if (pooling != Pooling.CTC) {
      return rows;
    }
    float[] text = new float[rows.count() * rows.width()];
    for (int i = 0; i < text.length; i++) {
      int read = (int) rows.at(i / rows.width(), i % rows.width());
      if (read >= alphabet.size()) {
        throw InputException.of(
            "the model gives class %d, its alphabet has %d", read, alphabet.size());
      }
      text[i] = alphabet.get(read);
    }
    return new Rows(rows.count(), rows.width(), text);
  }
}
