package dev.inward.coreml;

import dev.inward.graph.Recurrent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// An activation of a recurrent cell with its numbers.
///
/// @param name in lower case, as in ONNX
record CellActivation(String name, float alpha, float beta) {
  /// Those of a cell, direction after direction: f; f and g; f, g and h. Alphas and betas go in
  /// order to those that have one.
  static List<CellActivation> of(Recurrent cell) {
    List<String> usual =
        switch (cell.kind()) {
          case RNN -> List.of("tanh");
          case GRU -> List.of("sigmoid", "tanh");
          case LSTM -> List.of("sigmoid", "tanh", "tanh");
        };
    List<CellActivation> all = new ArrayList<>();
    int alphas = 0;
    int betas = 0;
    for (int i = 0; i < usual.size() * cell.direction().count(); i++) {
      String name =
          cell.activations().isEmpty()
              ? usual.get(i % usual.size())
              : cell.activations().get(i).toLowerCase(Locale.ROOT);
      float alpha = alpha(name);
      float beta = beta(name);
      if (hasAlpha(name)) {
        alpha = alphas < cell.alphas().size() ? cell.alphas().get(alphas) : alpha;
        alphas++;
      }
      if (hasBeta(name)) {
        beta = betas < cell.betas().size() ? cell.betas().get(betas) : beta;
        betas++;
      }
      all.add(new CellActivation(name, alpha, beta));
    }
    return all;
  }

  private static boolean hasAlpha(String name) {
    return switch (name) {
      case "leakyrelu", "thresholdedrelu", "elu", "affine", "scaledtanh", "hardsigmoid" -> true;
      default -> false;
    };
  }

  private static boolean hasBeta(String name) {
    return switch (name) {
      case "affine", "scaledtanh", "hardsigmoid" -> true;
      default -> false;
    };
  }

  private static float alpha(String name) {
    return switch (name) {
      case "leakyrelu" -> 0.01f;
      case "hardsigmoid" -> 0.2f;
      default -> 1;
    };
  }

  private static float beta(String name) {
    return switch (name) {
      case "hardsigmoid" -> 0.5f;
      case "scaledtanh" -> 1;
      default -> 0;
    };
  }

  /// Its name in Core ML's recurrent ops, where these state no numbers that could differ.
  Optional<String> milName() {
    return switch (name) {
      case "sigmoid", "tanh", "relu" -> Optional.of(name);
      default -> Optional.empty();
    };
  }

  /// Applied to a value of the program.
  Mil.Var apply(Site site, Mil.Var x) {
    return switch (name) {
      case "sigmoid", "tanh", "relu", "softsign", "softplus" -> site.apply(name, name, x);
      case "affine" ->
          site.apply(
              "add",
              "affine",
              site.apply("mul", "scaled", x, site.scalar("alpha", alpha)),
              site.scalar("beta", beta));
      case "leakyrelu" -> numbered(site, "leaky_relu", x);
      case "elu" -> numbered(site, "elu", x);
      case "thresholdedrelu" ->
          site.select(
              "thresholded",
              site.compare("greater", "above", x, site.scalar("alpha", alpha)),
              x,
              site.scalar("zero", 0));
      case "scaledtanh" ->
          site.apply(
              "mul",
              "scaled_tanh",
              site.apply("tanh", "tanh", site.apply("mul", "scaled", x, site.scalar("beta", beta))),
              site.scalar("alpha", alpha));
      case "hardsigmoid" ->
          site.step("sigmoid_hard", "hard_sigmoid")
              .in("x", x)
              .number("alpha", site.real, alpha)
              .number("beta", site.real, beta)
              .gives(x.type(), x.dims());
      default -> throw site.refused("no activation is called '%s'", name);
    };
  }

  private Mil.Var numbered(Site site, String type, Mil.Var x) {
    return site.step(type, type)
        .in("x", x)
        .number("alpha", site.real, alpha)
        .gives(x.type(), x.dims());
  }
}
