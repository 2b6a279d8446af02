package dev.inward.onnx;

import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Elementwise.Variadic;

/// ONNX's names of our elementwise functions, where the two differ.
final class Names {
  private Names() {}

  static String of(Unary.Function function) {
    return function == Unary.Function.IS_NAN ? "IsNaN" : new Unary(function).name();
  }

  static String of(Binary.Function function) {
    return switch (function) {
      case FMOD -> "Mod";
      case SHIFT_LEFT, SHIFT_RIGHT -> "BitShift";
      case PRELU -> "PRelu";
      default -> new Binary(function).name();
    };
  }

  static String of(Variadic.Function function) {
    return new Variadic(function).name();
  }
}
