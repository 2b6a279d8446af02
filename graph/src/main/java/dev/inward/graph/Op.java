package dev.inward.graph;

/// What a node computes. The set is closed: a new op is one record in one of the families, and the
/// compiler then lists every rule that must learn about it (typing, counting, evaluation, each file
/// format).
///
/// Records hold attributes only. Operands are positional; an optional operand that is left out is
/// the empty string. Unless a record says otherwise an op means what the ONNX operator of that name
/// means in its newest version; older versions are brought to this form where a file is read.
public sealed interface Op
    permits Elementwise,
        Product,
        Windowed,
        Normalization,
        Reduction,
        Movement,
        Quantization,
        Recurrent,
        Opaque {

  /// The name in the text form and in messages, the ONNX operator's where there is one: `Conv`.
  default String name() {
    return switch (this) {
      case Elementwise.Unary(var function) -> function.title();
      case Elementwise.Binary(var function) -> function.title();
      case Elementwise.Variadic(var function) -> function.title();
      case Reduction.Reduce(var function, _, _) -> function.title();
      case Reduction.ArgReduce(var largest, _, _, _) -> largest ? "ArgMax" : "ArgMin";
      case Windowed.GlobalPool(var kind, _) -> "Global" + kind.title();
      case Windowed.Pool pool -> pool.kind().title();
      case Recurrent cell -> cell.kind().name();
      case Opaque(_, var operator, _, _) -> operator;
      default -> getClass().getSimpleName();
    };
  }
}
