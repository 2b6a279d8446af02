package dev.inward.workbench;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.compress.Compression;
import dev.inward.compress.Recipe;
import dev.inward.compress.Recipes;
import dev.inward.compress.Sensitivity;
import dev.inward.compress.WeightFormat;
import dev.inward.data.Metric;
import dev.inward.data.Quality;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Product;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.rewrite.Rewriting;
import dev.inward.onnx.Onnx;
import dev.inward.planning.Budget;
import dev.inward.planning.BudgetFile;
import dev.inward.planning.Constraint;
import dev.inward.planning.Outcome;
import dev.inward.planning.Trace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// A fit of two matrix products, decided by the real solver. Costs are counted and modelled as in a
/// real fit; the quality of each candidate is set by hand, so that no data is needed.
final class TinyFit {
  private static final int WIDTH = 64;

  private TinyFit() {}

  /// A budget with this size line and this latency line.
  static Budget budget(Path folder, String size, String latency) {
    try {
      Files.writeString(folder.resolve("test.txt"), "one\ntwo\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return BudgetFile.parse(
        """
        model: tiny
        device: iPhone 11
        data: { test: test.txt }
        size: { most: %s, because: "it rides <along> & stays small" }
        latency: { most: %s }
        memory: { most: 500 MB }
        quality: { metric: accuracy, drop: 1 pp, because: "wrong is worse than late" }
        privacy: { data: stays on device }
        prefer: size
        """
            .formatted(size, latency),
        folder.resolve("budget.yaml").toString(),
        folder,
        List.of("tiny"));
  }

  static Fitted of(Budget budget, Path folder) {
    Graph graph = graph();
    var model =
        new Loaded(
            "tiny",
            folder.resolve("tiny.onnx"),
            graph,
            graph,
            List.of(new Rewriting.Step("fold", "a"), new Rewriting.Step("fold", "y")),
            Optional.empty(),
            Optional.of("none"));
    var feed = Feed.Generated.of(graph, 20);
    var data = new Preparation(Optional.empty(), feed, feed, Optional.empty());
    Costs costs = Costs.of(budget, graph, data);
    List<Trial> trials =
        List.of(
            trial(costs, graph, Recipe.original(), 0),
            trial(costs, graph, Recipes.weights(graph, "float16", WeightFormat.FLOAT16), 0.001),
            trial(
                costs,
                graph,
                Recipes.weights(graph, "int8-channel", WeightFormat.INT8_PER_CHANNEL),
                0.004),
            trial(
                costs,
                graph,
                Recipes.weights(graph, "int8-tensor", WeightFormat.INT8_PER_TENSOR),
                0.05));
    Trace trace = Trace.decide(budget, trials.stream().map(Trial::candidate).toList());
    Optional<Trial> chosen =
        trace
            .chosen()
            .flatMap(
                c -> trials.stream().filter(t -> t.recipe().name().equals(c.name())).findFirst());
    Path out = folder.resolve("out");
    Optional<Delivery> delivery = chosen.map(trial -> delivery(model, data, trial, out));
    return new Fitted(
        budget,
        model,
        data,
        Inference.of(graph, Optional.empty()),
        trace,
        trials,
        chosen,
        List.of(
            new Sensitivity("second", false, 31.5),
            new Sensitivity("first", false, 38.25),
            new Sensitivity("y", true, Double.POSITIVE_INFINITY)),
        delivery,
        costs,
        out);
  }

  private static Graph graph() {
    var type = new TensorType(DataType.FLOAT32, Shape.of(1, WIDTH));
    return Graph.builder("tiny")
        .input("x", type)
        .constant("first", weights(1))
        .constant("second", weights(2))
        .node(new Product.MatMul(), List.of("x", "first"), "a")
        .node(new Elementwise.Unary(Elementwise.Unary.Function.RELU), List.of("a"), "b")
        .node(new Product.MatMul(), List.of("b", "second"), "y")
        .output("y")
        .opset("", 17)
        .build();
  }

  private static Tensor weights(long seed) {
    var random = new Random(seed);
    float[] values = new float[WIDTH * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(List.of((long) WIDTH, (long) WIDTH), values);
  }

  private static Trial trial(Costs costs, Graph graph, Recipe recipe, double drop) {
    Graph encoded = Compression.apply(graph, recipe);
    Map<Constraint.Kind, Figure> figures = new EnumMap<>(Constraint.Kind.class);
    figures.putAll(costs.of(encoded, recipe, "tiny"));
    var source = new Source.Measured("test.txt", 5000, "accuracy against the original");
    double around = drop == 0 ? 0 : 0.002;
    var quality =
        new Quality(
            Metric.ACCURACY,
            new Figure(0.95 - drop, 0.94 - drop, 0.96 - drop, Unit.SHARE, source),
            Optional.of(new Figure(drop, drop - around, drop + around, Unit.SHARE_POINTS, source)));
    return new Trial(
            recipe,
            Descriptions.of(graph, recipe),
            encoded,
            Optional.empty(),
            Optional.empty(),
            List.of(),
            figures)
        .measured(quality, List.of());
  }

  private static Delivery delivery(Loaded model, Preparation data, Trial trial, Path out) {
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Path onnx = out.resolve("tiny.onnx");
    Onnx.write(trial.encoded(), onnx);
    new Companions(model, data, out).write();
    var checks = new ArrayList<Delivery.Check>();
    checks.add(
        new Delivery.Check(
            "tiny.onnx",
            "signal-to-noise against the original",
            new Figure(
                40.5, 39, 42, Unit.DECIBELS, new Source.Measured("test.txt", 20, "compared"))));
    return new Delivery(
        onnx,
        Optional.empty(),
        checks,
        List.of("No Core ML package: cannot write " + out.toAbsolutePath() + "/tiny.mlpackage"));
  }

  /// A budget of each outcome.
  static Budget budget(Path folder, Outcome outcome) {
    return switch (outcome) {
      case KEPT -> budget(folder, "1 MB", "1 s");
      case UNDECIDED -> budget(folder, "1 MB", "0.3 ms");
      case BROKEN -> budget(folder, "2 kB", "1 s");
    };
  }
}
