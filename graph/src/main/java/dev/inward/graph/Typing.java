package dev.inward.graph;

import dev.inward.base.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// Types of all values, and the elements of small whole-number values that shapes are computed
/// from, both derived from the types of the inputs and the constants.
///
/// An extent that is no number is a symbol, an [Expression] of the symbols of the inputs; one that
/// depends on the data is a symbol named after the value, `y#0`. What a rule cannot tell stays
/// unknown, and what the file declares for it holds. Where a rule and the file contradict each
/// other, the rule is right, since files often carry stale types; only for an output of the graph
/// is that an error.
final class Typing {
  private final Map<String, TensorType> types = new HashMap<>();
  private final Map<String, List<Optional<Expression>>> elements = new HashMap<>();
  private final Map<String, Tensor> constants;
  private final Map<String, TensorType> declared;
  private final Set<String> outputs;

  private Typing(
      Map<String, Tensor> constants, Map<String, TensorType> declared, List<String> outputs) {
    this.constants = constants;
    this.declared = declared;
    this.outputs = Set.copyOf(outputs);
  }

  /// @throws InputException where types contradict each other
  static Typing infer(
      List<Value> inputs,
      Map<String, Tensor> constants,
      List<Node> nodes,
      List<String> outputs,
      Map<String, TensorType> declared) {
    var typing = new Typing(constants, declared, outputs);
    for (Value input : inputs) {
      count("input '" + input.name() + "'", "", input.type().shape());
      typing.types.put(input.name(), input.type());
    }
    constants.forEach((name, tensor) -> typing.types.put(name, tensor.type()));
    nodes.forEach(typing::visit);
    return typing;
  }

  Map<String, TensorType> types() {
    return Collections.unmodifiableMap(types);
  }

  Optional<TensorType> type(String value) {
    return Optional.ofNullable(types.get(value));
  }

  Optional<Tensor> constant(String value) {
    return Optional.ofNullable(constants.get(value));
  }

  /// The elements of a scalar or vector of few whole numbers, each where it is known.
  Optional<List<Optional<Expression>>> elements(String value) {
    var found = elements.get(value);
    if (found != null) {
      return Optional.of(found);
    }
    var constant = constants.get(value);
    return constant == null ? Optional.empty() : Contents.of(constant);
  }

  /// The same where every element is known.
  Optional<List<Expression>> contents(String value) {
    return elements(value)
        .filter(all -> all.stream().allMatch(Optional::isPresent))
        .map(all -> all.stream().map(Optional::orElseThrow).toList());
  }

  private void visit(Node node) {
    var site = new Site(node, this);
    Arity.check(site);
    List<Inferred> results;
    try {
      results = node.op() instanceof Opaque ? List.of() : apply(site);
    } catch (ArithmeticException e) {
      if (!site.node()
          .reads()
          .allMatch(r -> type(r).map(t -> t.shape().isStatic()).orElse(false))) {
        results = List.of();
      } else {
        throw InputException.at(
            "node '" + node.name() + "'",
            "[%s] sizes are too large to be counted: %s",
            node.op().name(),
            site.shapes(IntStream.range(0, site.operands()).toArray()));
      }
    }
    for (int i = 0; i < node.out().size(); i++) {
      String name = node.out().get(i);
      if (!name.isEmpty()) {
        conclude(node, name, i < results.size() ? Optional.of(results.get(i)) : Optional.empty());
      }
    }
    for (int i = 0; i < node.out().size(); i++) {
      String name = node.out().get(i);
      contents(site, i).ifPresent(found -> elements.put(name, found));
    }
  }

  private static Optional<List<Optional<Expression>>> contents(Site site, int result) {
    try {
      return Contents.of(site, result);
    } catch (ArithmeticException e) {
      return Optional.empty(); // they outgrow every use, or overflow
    }
  }

  private static List<Inferred> apply(Site site) {
    return switch (site.op()) {
      case Elementwise op -> List.of(ElementwiseTyping.of(op, site));
      case Product op -> List.of(ProductTyping.of(op, site));
      case Windowed op -> WindowedTyping.of(op, site);
      case Normalization op -> List.of(NormalizationTyping.of(op, site));
      case Reduction op -> ReductionTyping.of(op, site);
      case Movement op -> MovementTyping.of(op, site);
      case Quantization op -> QuantizationTyping.of(op, site);
      case Recurrent op -> RecurrentTyping.of(op, site);
      case Opaque _ -> List.of();
    };
  }

  private void conclude(Node node, String name, Optional<Inferred> result) {
    var stated = Optional.ofNullable(declared.get(name));
    var dtype = result.flatMap(Inferred::dtype);
    var shape = result.map(Inferred::shape).orElse(Shape.UNRANKED);
    if (dtype.isEmpty()) {
      stated.ifPresent(type -> types.put(name, type));
      return;
    }
    count("node '" + node.name() + "'", "[" + node.op().name() + "] ", shape);
    var inferred = new TensorType(dtype.get(), shape);
    if (stated.isPresent() && outputs.contains(name) && contradict(inferred, stated.get())) {
      throw InputException.at(
              "output '" + name + "'",
              "the file declares %s, and node '%s' makes %s",
              stated.get(),
              node.name(),
              inferred)
          .hint("correct the declared type of the output, or leave its extents open");
    }
    types.put(name, stated.map(s -> refined(name, inferred, s)).orElse(inferred));
  }

  /// The inferred type, with what the file says where the rule says nothing.
  private static TensorType refined(String name, TensorType inferred, TensorType stated) {
    var shape = inferred.shape();
    if (!shape.ranked()) {
      return new TensorType(inferred.dtype(), stated.shape());
    }
    if (!stated.shape().ranked() || stated.shape().rank() != shape.rank()) {
      return inferred;
    }
    var dims = new ArrayList<>(shape.dims());
    for (int i = 0; i < dims.size(); i++) {
      if (dims.get(i) instanceof Dim.Symbol(var symbol)
          && symbol.equals(name + "#" + i)
          && stated.shape().dim(i) instanceof Dim.Known known) {
        dims.set(i, known);
      }
    }
    return new TensorType(inferred.dtype(), Shape.of(dims));
  }

  private static boolean contradict(TensorType a, TensorType b) {
    if (a.dtype() != b.dtype()) {
      return true;
    }
    if (!a.shape().ranked() || !b.shape().ranked()) {
      return false;
    }
    boolean differ = a.shape().rank() != b.shape().rank();
    for (int i = 0; !differ && i < a.shape().rank(); i++) {
      differ = Site.differ(a.shape().dim(i), b.shape().dim(i));
    }
    return differ;
  }

  /// Checks that the elements of a value can be counted, and their bytes.
  private static void count(String where, String what, Shape shape) {
    try {
      var elements = shape.elements();
      if (elements.isPresent()) {
        Math.multiplyExact(elements.getAsLong(), 8L);
      }
    } catch (ArithmeticException e) {
      throw InputException.at(where, "%s%s has more elements than can be counted", what, shape);
    }
  }
}
