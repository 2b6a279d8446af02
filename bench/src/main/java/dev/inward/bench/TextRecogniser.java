package dev.inward.bench;

import dev.inward.base.Progress;
import dev.inward.compress.Calibration;
import dev.inward.compress.Compression;
import dev.inward.compress.Equalisation;
import dev.inward.compress.FormatName;
import dev.inward.compress.Ranges;
import dev.inward.compress.Recipe;
import dev.inward.compress.Recipes;
import dev.inward.compress.RuntimeForm;
import dev.inward.compress.WeightFormat;
import dev.inward.data.DataSet;
import dev.inward.data.Metric;
import dev.inward.data.Pooling;
import dev.inward.data.Rows;
import dev.inward.data.Samples;
import dev.inward.graph.Graph;
import dev.inward.graph.Value;
import dev.inward.graph.rewrite.Simplification;
import dev.inward.onnx.Onnx;
import dev.inward.runtime.Engine;
import dev.inward.workbench.BundledModel;
import dev.inward.workbench.Feed;
import dev.inward.workbench.Inference;
import dev.inward.workbench.ModelCache;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The text recogniser under several recipes, measured by the characters that it reads on rendered
/// lines. The argument is how many lines, all 400 where there is none.
final class TextRecogniser {
  private static final Path LINES = Path.of("examples/text-recogniser/lines");
  private static final int CALIBRATED = 128;
  private static final int JUDGED = 8;
  private static final double CONFIDENCE = 0.95;
  private static final List<String> FORMATS =
      List.of("float16", "int8", "palette6", "palette4-group16", "int4-block32", "int4");

  private record Made(String name, Graph graph, Recipe recipe) {}

  private TextRecogniser() {}

  static void main(String[] arguments) throws Exception {
    var cache = ModelCache.of(System.getenv());
    Path model = cache.fetch(BundledModel.TEXT_RECOGNISER, Progress.SILENT).model();
    Graph graph = Simplification.of(Onnx.read(model)).graph();
    Feed calibrate = feed(graph, "calibrate");
    Feed test = feed(graph, "test");
    int count =
        Math.min(test.size(), arguments.length > 0 ? Integer.parseInt(arguments[0]) : test.size());
    int[] texts = first(test.labels(), count);
    System.out.printf("%s, ONNX Runtime %s%n", Machine.now(), Engine.version());
    System.out.printf("%d lines of %s, intervals at 95 %%%n", count, LINES.resolve("test"));
    var inference = Inference.of(graph, Optional.of(Pooling.CTC));
    Rows original = inference.rows(graph, test, count, "", Progress.SILENT);
    var table = new Table("recipe", "weights", "character-accuracy", "drop");
    row(table, "float32", bytes(graph), original, original, texts);
    for (String name : FORMATS) {
      Recipe recipe = Recipes.weights(graph, name, FormatName.read(name));
      row(table, new Made(name, graph, recipe), inference, test, count, original, texts);
    }
    var samples = calibrate.inputs(graph.inputs(), 0, CALIBRATED);
    Graph equalised = Equalisation.of(graph, samples);
    var calibration =
        Calibration.of(equalised, Recipes.quantizable(equalised), samples, Progress.SILENT);
    var ranges = Ranges.best(equalised, calibration, samples.subList(0, JUDGED), Progress.SILENT);
    row(
        table,
        new Made(
            "int8 by kind, 8-bit activations",
            equalised,
            Recipes.eightBits(equalised, "w8a8", ranges)),
        inference,
        test,
        count,
        original,
        texts);
    for (WeightFormat format :
        List.of(
            WeightFormat.INT8_ASYMMETRIC,
            WeightFormat.INT8_PER_CHANNEL,
            WeightFormat.INT4_IN_BLOCKS_OF_32)) {
      Recipe recipe = Recipes.calibrated(equalised, "w8a8", format, ranges);
      row(
          table,
          new Made(format.text() + ", 8-bit activations", equalised, recipe),
          inference,
          test,
          count,
          original,
          texts);
    }
    table.print();
    System.out.println("load afterwards: " + Machine.now());
  }

  private static Feed feed(Graph graph, String folder) {
    var how = BundledModel.TEXT_RECOGNISER.image().orElseThrow();
    List<String> inputs = graph.inputs().stream().map(Value::name).toList();
    return new Feed.Prepared(Samples.of(DataSet.open(LINES.resolve(folder)), how, inputs));
  }

  /// The texts of the first samples.
  private static int[] first(int[] labels, int count) {
    int ended = 0;
    int end = 0;
    while (ended < count) {
      ended += labels[end++] < 0 ? 1 : 0;
    }
    return Arrays.copyOf(labels, end);
  }

  private static void row(
      Table table,
      Made made,
      Inference inference,
      Feed test,
      int count,
      Rows original,
      int[] texts) {
    Graph encoded = Compression.apply(made.graph(), made.recipe());
    Rows rows =
        inference.rows(RuntimeForm.of(encoded, made.recipe()), test, count, "", Progress.SILENT);
    row(table, made.name(), bytes(encoded), original, rows, texts);
  }

  private static void row(
      Table table, String name, long bytes, Rows original, Rows rows, int[] texts) {
    var quality = Metric.CHARACTER_ACCURACY.of(original, rows, texts, CONFIDENCE, "rendered lines");
    var drop = quality.drop().orElseThrow();
    table.row(
        name,
        String.format(Locale.ROOT, "%.2f MB", bytes / 1e6),
        String.format(Locale.ROOT, "%.2f %%", 100 * quality.value().value()),
        String.format(
            Locale.ROOT,
            "%.2f (%.2f to %.2f)",
            100 * drop.value(),
            100 * drop.low(),
            100 * drop.high()));
  }

  private static long bytes(Graph graph) {
    return graph.constants().values().stream().mapToLong(t -> t.storedBytes()).sum();
  }
}
