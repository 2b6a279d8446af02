package dev.inward.graph;

import dev.inward.base.InputException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A model: typed, immutable, in topological order. Every value has one definition: an input, a
/// constant, or a result of a node.
public final class Graph {
  private final String name;
  private final List<Value> inputs;
  private final List<String> outputs;
  private final List<Node> nodes;
  private final SequencedMap<String, Tensor> constants;
  private final Map<String, TensorType> declared;
  private final SequencedMap<String, Integer> opsets;
  private final SequencedMap<String, String> metadata;
  private final Typing typing;
  private final Map<String, TensorType> types;
  private final Map<String, Node> producers;
  private final Map<String, List<Node>> readers;

  private Graph(Builder builder) {
    name = builder.name;
    inputs = List.copyOf(builder.inputs);
    outputs = List.copyOf(builder.outputs);
    constants = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(builder.constants));
    opsets = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(builder.opsets));
    metadata = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(builder.metadata));
    declared = Map.copyOf(builder.declared);
    nodes = Ordering.topological(inputs, constants.keySet(), builder.nodes, outputs);
    producers = HashMap.newHashMap(nodes.size());
    readers = HashMap.newHashMap(nodes.size());
    for (Node node : nodes) {
      node.out().stream().filter(o -> !o.isEmpty()).forEach(o -> producers.put(o, node));
      node.reads()
          .distinct()
          .forEach(r -> readers.computeIfAbsent(r, _ -> new ArrayList<>()).add(node));
    }
    typing = Typing.infer(inputs, constants, nodes, outputs, declared);
    types = typing.types();
  }

  public static Builder builder(String name) {
    return new Builder(name);
  }

  public String name() {
    return name;
  }

  public List<Value> inputs() {
    return inputs;
  }

  /// Names of the values that are the results of the whole.
  public List<String> outputs() {
    return outputs;
  }

  /// In topological order; the order of the file where that is one.
  public List<Node> nodes() {
    return nodes;
  }

  public SequencedMap<String, Tensor> constants() {
    return constants;
  }

  /// Types that the file states for values; used where no rule derives one.
  public Map<String, TensorType> declared() {
    return declared;
  }

  /// Operator sets of the file of origin, by domain; opaque ops are to be read by these.
  public SequencedMap<String, Integer> opsets() {
    return opsets;
  }

  /// Free text that travels with the model: producer, licence, author.
  public SequencedMap<String, String> metadata() {
    return metadata;
  }

  /// The type of a value, empty where it is not known.
  public Optional<TensorType> type(String value) {
    return Optional.ofNullable(types.get(value));
  }

  /// The shape of a value, [Shape#UNRANKED] where it is not known.
  public Shape shape(String value) {
    var type = types.get(value);
    return type == null ? Shape.UNRANKED : type.shape();
  }

  /// The type of a value that must be known to go on.
  ///
  /// @throws InputException where it is not, with what to do
  public TensorType typeOf(String value) {
    var type = types.get(value);
    if (type == null) {
      throw InputException.at("value '" + value + "'", "its type is not known")
          .hint("bind the inputs' shapes with --shape, or declare the value's type in the file");
    }
    return type;
  }

  /// The elements of a value that shapes are computed from: of a scalar or vector of at most 64
  /// whole numbers (booleans are 0 and 1, reals that are whole count too), each a number or an
  /// expression of the symbols of the inputs. Empty where one of them is not known.
  public Optional<List<Expression>> contents(String value) {
    return typing.contents(value);
  }

  Typing typing() {
    return typing;
  }

  /// The constant of that name, empty where the value is none.
  public Optional<Tensor> constant(String value) {
    return Optional.ofNullable(constants.get(value));
  }

  /// The node that makes a value; empty for inputs and constants.
  public Optional<Node> producer(String value) {
    return Optional.ofNullable(producers.get(value));
  }

  /// The nodes that read a value, each once, in order.
  public List<Node> readers(String value) {
    return Collections.unmodifiableList(readers.getOrDefault(value, List.of()));
  }

  /// Whether exactly one node reads the value, once, and it is no output: a rewrite may then take
  /// it away.
  public boolean hasOneUse(String value) {
    var all = readers.getOrDefault(value, List.of());
    return all.size() == 1
        && all.getFirst().reads().filter(value::equals).count() == 1
        && !outputs.contains(value);
  }

  public boolean isInput(String value) {
    return inputs.stream().anyMatch(i -> i.name().equals(value));
  }

  /// Whether every value of the graph has a known type with a static shape.
  public boolean isStatic() {
    return inputs.stream().allMatch(i -> i.type().shape().isStatic())
        && nodes.stream()
            .flatMap(n -> n.out().stream())
            .filter(o -> !o.isEmpty())
            .allMatch(o -> shape(o).isStatic());
  }

  /// The same graph with the named symbols replaced by numbers. Types that the file declares for
  /// outputs hold no longer where a rule derives them: they were stated for other extents.
  public Graph bind(Map<String, Long> sizes) {
    var builder = toBuilder();
    builder.inputs.replaceAll(
        i -> new Value(i.name(), new TensorType(i.type().dtype(), i.type().shape().bind(sizes))));
    outputs.stream()
        .filter(o -> !(producers.get(o) instanceof Node made) || !(made.op() instanceof Opaque))
        .forEach(builder.declared::remove);
    builder.declared.replaceAll((_, t) -> new TensorType(t.dtype(), t.shape().bind(sizes)));
    return builder.build();
  }

  /// The same graph with the shapes of the named inputs replaced: `--shape input_ids=1x128`.
  ///
  /// @throws InputException where there is no such input or the shape contradicts the stated one
  public Graph bindShapes(Map<String, List<Long>> shapes) {
    return Binding.of(this, shapes);
  }

  /// The same graph with other results; nodes that these do not need stay.
  public Graph withOutputs(List<String> other) {
    var builder = toBuilder();
    builder.outputs.clear();
    builder.outputs.addAll(other);
    return builder.build();
  }

  /// The same graph with constants replaced by name; shapes and types must stay.
  public Graph withConstants(Map<String, Tensor> others) {
    others.forEach((key, tensor) -> {
      var old = constants.get(key);
      if (old == null || !old.type().equals(tensor.type())) {
        throw new IllegalArgumentException(
            "constant '%s' is %s, cannot become %s".formatted(key, old, tensor));
      }
    });
    var builder = toBuilder();
    builder.constants.putAll(others);
    return builder.build();
  }

  /// A builder that holds everything of this graph.
  public Builder toBuilder() {
    var builder = new Builder(name);
    builder.inputs.addAll(inputs);
    builder.outputs.addAll(outputs);
    builder.nodes.addAll(nodes);
    builder.constants.putAll(constants);
    builder.declared.putAll(declared);
    builder.opsets.putAll(opsets);
    builder.metadata.putAll(metadata);
    return builder;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Graph that
        && name.equals(that.name)
        && inputs.equals(that.inputs)
        && outputs.equals(that.outputs)
        && nodes.equals(that.nodes)
        && constants.equals(that.constants)
        && types.equals(that.types)
        && opsets.equals(that.opsets)
        && metadata.equals(that.metadata);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, inputs, outputs, nodes);
  }

  @Override
  public String toString() {
    return "%s: %d nodes, %d constants".formatted(name, nodes.size(), constants.size());
  }

  /// Collects the parts of a graph; [#build] checks them.
  public static final class Builder {
    private final String name;
    private final List<Value> inputs = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final LinkedHashMap<String, Tensor> constants = new LinkedHashMap<>();
    private final HashMap<String, TensorType> declared = new HashMap<>();
    private final LinkedHashMap<String, Integer> opsets = new LinkedHashMap<>();
    private final LinkedHashMap<String, String> metadata = new LinkedHashMap<>();

    private Builder(String name) {
      this.name = name;
    }

    public Builder input(String value, TensorType type) {
      inputs.add(new Value(value, type));
      return this;
    }

    public Builder output(String value) {
      outputs.add(value);
      return this;
    }

    public Builder constant(String value, Tensor tensor) {
      constants.put(value, tensor);
      return this;
    }

    public Builder node(Node node) {
      nodes.add(node);
      return this;
    }

    /// A node named after its only result.
    public Builder node(Op op, List<String> in, String out) {
      return node(Node.of(op, in, out));
    }

    public Builder declare(String value, TensorType type) {
      declared.put(value, type);
      return this;
    }

    public Builder opset(String domain, int version) {
      opsets.put(domain, version);
      return this;
    }

    public Builder metadata(String key, String text) {
      metadata.put(key, text);
      return this;
    }

    /// Replaces the nodes by what the function makes of them.
    public Builder nodes(UnaryOperator<List<Node>> change) {
      var changed = List.copyOf(change.apply(List.copyOf(nodes)));
      nodes.clear();
      nodes.addAll(changed);
      return this;
    }

    /// Keeps only these constants.
    public Builder retainConstants(Collection<String> names) {
      constants.keySet().retainAll(Set.copyOf(names));
      return this;
    }

    /// Takes these constants out.
    public Builder removeConstants(Collection<String> names) {
      constants.keySet().removeAll(Set.copyOf(names));
      return this;
    }

    /// The graph, sorted topologically and typed.
    ///
    /// @throws InputException where a value is defined twice or never, where nodes form a cycle, or
    ///   where types contradict
    public Graph build() {
      return new Graph(this);
    }
  }
}
