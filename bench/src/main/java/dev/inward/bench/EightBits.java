package dev.inward.bench;

import dev.inward.base.Progress;
import dev.inward.compress.Calibration;
import dev.inward.compress.Compression;
import dev.inward.compress.CrossLayer;
import dev.inward.compress.Equalisation;
import dev.inward.compress.Ranges;
import dev.inward.compress.Recipe;
import dev.inward.compress.Recipes;
import dev.inward.compress.RuntimeForm;
import dev.inward.compress.WeightFormat;
import dev.inward.data.DataSet;
import dev.inward.data.Metric;
import dev.inward.data.Pooling;
import dev.inward.data.Preprocessing;
import dev.inward.data.Rows;
import dev.inward.data.Samples;
import dev.inward.graph.Graph;
import dev.inward.graph.Value;
import dev.inward.graph.rewrite.Simplification;
import dev.inward.onnx.Onnx;
import dev.inward.runtime.Engine;
import dev.inward.workbench.Feed;
import dev.inward.workbench.Inference;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The nets of Fashion-MNIST with eight-bit weights and activations, by post-training only: each
/// way of taking ranges for all activations, and the range of each chosen by itself. The argument
/// is how many test images, all 10,000 where there is none.
final class EightBits {
  private static final Path DATA = Path.of("/usr/share/datasets/fashion-mnist");
  private static final int CALIBRATED = 512;
  private static final int JUDGED = 64;
  private static final double CONFIDENCE = 0.95;

  private final Feed test;
  private final int count;
  private final int[] labels;
  private final Rows original;
  private final Table table;

  private EightBits(Feed test, int count, int[] labels, Rows original, Table table) {
    this.test = test;
    this.count = count;
    this.labels = labels;
    this.original = original;
    this.table = table;
  }

  static void main(String[] arguments) throws Exception {
    System.out.printf("%s, ONNX Runtime %s%n", Machine.now(), Engine.version());
    for (String net : List.of("fashion-resnet20", "fashion-mobilenetv2")) {
      Graph graph =
          Simplification.of(Onnx.read(Path.of("examples/fashion", net + ".onnx"))).graph();
      Feed test = feed(graph, "t10k-images-idx3-ubyte.gz");
      Feed calibrate = feed(graph, "train-images-idx3-ubyte.gz");
      int count =
          arguments.length > 0
              ? Math.min(test.size(), Integer.parseInt(arguments[0]))
              : test.size();
      int[] labels = java.util.Arrays.copyOf(test.labels(), count);
      Rows original = rows(graph, test, count);
      System.out.printf("%n%s, %d images of the test, intervals at 95 %%%n", net, count);
      var table = new Table("recipe", "accuracy", "drop, points");
      var bits = new EightBits(test, count, labels, original, table);
      bits.row("float32", original);
      bits.measure(graph, calibrate.inputs(graph.inputs(), 0, CALIBRATED));
      table.print();
    }
  }

  private void measure(Graph graph, List<Map<String, dev.inward.graph.Tensor>> samples) {
    Graph crossed = CrossLayer.of(graph);
    row("weights int8 per tensor", graph, WeightFormat.INT8_PER_TENSOR);
    row("weights int8 per tensor, equalised across layers", crossed, WeightFormat.INT8_PER_TENSOR);
    row("weights int8 per channel", graph, WeightFormat.INT8_PER_CHANNEL);
    Graph equalised = Equalisation.of(graph, samples);
    var calibration =
        Calibration.of(equalised, Recipes.quantizable(equalised), samples, Progress.SILENT);
    for (var method : Calibration.Method.values()) {
      Recipe recipe = Recipes.calibrated(equalised, method.name(), calibration, method);
      row("w8a8, " + method.name().toLowerCase(Locale.ROOT).replace('_', '-'), equalised, recipe);
    }
    var ranges = Ranges.best(equalised, calibration, samples.subList(0, JUDGED), Progress.SILENT);
    row("w8a8, each by itself", equalised, Recipes.eightBits(equalised, "w8a8", ranges));
  }

  private void row(String name, Graph graph, WeightFormat format) {
    row(name, graph, Recipes.weights(graph, "w", format));
  }

  private void row(String name, Graph graph, Recipe recipe) {
    row(name, rows(RuntimeForm.of(Compression.apply(graph, recipe), recipe), test, count));
  }

  private void row(String name, Rows rows) {
    var quality = Metric.ACCURACY.of(original, rows, labels, CONFIDENCE, "test images");
    var drop = quality.drop().orElseThrow();
    table.row(
        name,
        String.format(Locale.ROOT, "%.2f %%", 100 * quality.value().value()),
        String.format(
            Locale.ROOT,
            "%.2f (%.2f to %.2f)",
            100 * drop.value(),
            100 * drop.low(),
            100 * drop.high()));
  }

  private static Rows rows(Graph graph, Feed feed, int count) {
    return new Inference(Pooling.NONE).rows(graph, feed, count, "", Progress.SILENT);
  }

  private static Feed feed(Graph graph, String file) {
    var how =
        new Preprocessing.Image(
            28,
            28,
            Preprocessing.Resize.STRETCH,
            Preprocessing.Channels.GRAY,
            Preprocessing.Layout.CHANNELS_FIRST,
            1 / 255.0,
            List.of(0.286),
            List.of(0.353));
    List<String> inputs = graph.inputs().stream().map(Value::name).toList();
    return new Feed.Prepared(Samples.of(DataSet.open(DATA.resolve(file)), how, inputs));
  }
}
