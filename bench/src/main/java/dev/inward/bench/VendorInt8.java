package dev.inward.bench;

import dev.inward.base.Progress;
import dev.inward.compress.Calibration;
import dev.inward.compress.Compression;
import dev.inward.compress.Equalisation;
import dev.inward.compress.Ranges;
import dev.inward.compress.Recipe;
import dev.inward.compress.Recipes;
import dev.inward.compress.RuntimeForm;
import dev.inward.compress.Sensitivity;
import dev.inward.compress.WeightFormat;
import dev.inward.data.DataSet;
import dev.inward.data.Metric;
import dev.inward.data.NamedArray;
import dev.inward.data.Pooling;
import dev.inward.data.Preprocessing;
import dev.inward.data.Rows;
import dev.inward.data.Samples;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.graph.Value;
import dev.inward.graph.rewrite.Simplification;
import dev.inward.onnx.Onnx;
import dev.inward.runtime.Engine;
import dev.inward.runtime.Latency;
import dev.inward.runtime.Session;
import dev.inward.workbench.BundledModel;
import dev.inward.workbench.Feed;
import dev.inward.workbench.ModelCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/// The sentence encoder compressed here against the int8 that its vendor ships: size of the file,
/// distance from fp32 on held-out sentences, and latency on one thread in the same runtime, all
/// models in turn. Every model is opened as a file, as an app does.
///
/// The argument is how many sentences, all 2,048 where there is none; 200 is the short form.
final class VendorInt8 {
  private static final Path SENTENCES = Path.of("examples/sentence-encoder/sentences");
  private static final String MASK = "attention_mask";
  private static final int LENGTH = 128;
  private static final int CALIBRATED = 128;
  private static final int PROBED = 4;
  private static final int JUDGED = 16;
  private static final int RELIEVED = 4;
  private static final double CONFIDENCE = 0.95;
  private static final int BLOCKS = 20;
  private static final Latency.Plan BLOCK = new Latency.Plan(1, 5);

  /// A model as a file, loaded.
  ///
  /// @param opened for one thread
  private record Model(String name, Path file, List<Value> inputs, Session opened) {
    static Model of(String name, Path file) {
      List<Value> inputs = Onnx.read(file).inputs();
      return new Model(name, file, inputs, Session.open(file, inputs, 1));
    }
  }

  private VendorInt8() {}

  static void main(String[] arguments) throws IOException {
    var cache = ModelCache.of(System.getenv());
    var original = cache.fetch(BundledModel.MINILM, Progress.SILENT);
    Path tokenizer = original.tokenizer().orElseThrow();
    Feed test = feed("test.txt", tokenizer, Preprocessing.Padding.LONGEST);
    Feed padded = feed("test.txt", tokenizer, Preprocessing.Padding.FIXED);
    int count =
        Math.min(test.size(), arguments.length > 0 ? Integer.parseInt(arguments[0]) : test.size());
    System.out.printf("%s, ONNX Runtime %s%n", Machine.now(), Engine.version());
    Path folder = Files.createTempDirectory("inward-bench");
    List<Model> models = new ArrayList<>();
    models.add(Model.of("fp32, as shipped", original.model()));
    models.add(
        Model.of(
            "vendor's int8",
            cache.fetch(BundledModel.MINILM_VENDOR_INT8, Progress.SILENT).model()));
    // The vendor's file leaves the second output out, a pooled row that no embedding is taken from.
    Graph whole = Onnx.read(original.model());
    Graph graph = Simplification.of(whole.withOutputs(List.of(whole.outputs().getFirst()))).graph();
    Feed calibrate = feed("calibrate.txt", tokenizer, Preprocessing.Padding.LONGEST);
    for (Made made : made(graph, calibrate)) {
      Recipe recipe = made.recipe();
      Path file = folder.resolve(recipe.name() + ".onnx");
      Onnx.write(RuntimeForm.of(Compression.apply(made.graph(), recipe), recipe), file);
      models.add(Model.of(recipe.name(), file));
    }
    quality(models, test, count);
    System.out.printf("%n%d blocks of %d runs, 1x%d tokens%n", BLOCKS, BLOCK.rounds(), LENGTH);
    latency(models, padded, IntStream.range(0, BLOCKS).toArray());
    int step = Math.max(1, count / (5 * BLOCKS));
    int[] spread = IntStream.range(0, count).filter(i -> i % step == 0).toArray();
    System.out.printf(
        "%n%d blocks of %d runs, each a sentence in its own length%n",
        spread.length, BLOCK.rounds());
    latency(models, test, spread);
    System.out.println();
    System.out.println("load afterwards: " + Machine.now());
    for (Model model : models) {
      model.opened().close();
      if (model.file().startsWith(folder)) {
        Files.delete(model.file());
      }
    }
    Files.delete(folder);
  }

  private record Made(Graph graph, Recipe recipe) {}

  private static List<Made> made(Graph graph, Feed calibrate) {
    var samples = calibrate.inputs(graph.inputs(), 0, CALIBRATED);
    Graph equalised = Equalisation.of(graph, samples);
    var calibration =
        Calibration.of(equalised, Recipes.quantizable(equalised), samples, Progress.SILENT);
    Recipe dynamic = Recipes.dynamic(equalised, "w8a8-dynamic");
    var ranking = Sensitivity.of(equalised, dynamic, samples.subList(0, PROBED), Progress.SILENT);
    return List.of(
        new Made(graph, Recipes.weights(graph, "int8-tensor", WeightFormat.INT8_PER_TENSOR)),
        new Made(graph, Recipes.weights(graph, "int8-channel", WeightFormat.INT8_PER_CHANNEL)),
        new Made(
            graph, Recipes.weights(graph, "int8-channel-asymmetric", WeightFormat.INT8_ASYMMETRIC)),
        new Made(
            equalised,
            Recipes.eightBits(
                equalised,
                "w8a8-static",
                Ranges.best(equalised, calibration, samples.subList(0, JUDGED), Progress.SILENT))),
        new Made(equalised, dynamic),
        new Made(
            equalised, Recipes.dynamic(equalised, "w7a8-dynamic", WeightFormat.INT7_PER_CHANNEL)),
        new Made(equalised, Recipes.relieved("w8a8-dynamic-mixed", dynamic, ranking, RELIEVED)));
  }

  private static Feed feed(String file, Path tokenizer, Preprocessing.Padding padding) {
    var how = new Preprocessing.Text(tokenizer, LENGTH, padding);
    var data = DataSet.open(SENTENCES.resolve(file));
    return new Feed.Prepared(Samples.of(data, how, List.of("input_ids", MASK, "token_type_ids")));
  }

  private static void quality(List<Model> models, Feed feed, int count) throws IOException {
    System.out.printf("%n%d sentences of %s, intervals at 95 %%%n", count, feed.about());
    var table =
        new Table("model", "file", "1 - cosine to fp32", "nearest-in-10", "top-ten overlap");
    Rows reference = rows(models.getFirst(), feed, count);
    for (Model model : models) {
      Rows rows = rows(model, feed, count);
      table.row(
          model.name(),
          String.format(Locale.ROOT, "%.2f MB", Files.size(model.file()) / 1e6),
          interval(Metric.EMBEDDING_ERROR, reference, rows, 1, 6),
          interval(Metric.NEAREST_IN_10, reference, rows, 100, 2),
          interval(Metric.TOP_TEN_OVERLAP, reference, rows, 100, 2));
    }
    table.print();
  }

  private static String interval(
      Metric metric, Rows reference, Rows rows, double scale, int decimals) {
    var figure = metric.of(reference, rows, new int[0], CONFIDENCE, "held-out sentences").value();
    String number = "%." + decimals + "f";
    return String.format(
        Locale.ROOT,
        number + " (" + number + " to " + number + ")" + (scale == 100 ? " %%" : ""),
        figure.value() * scale,
        figure.low() * scale,
        figure.high() * scale);
  }

  /// The mean of a sentence's token rows under its mask, one sentence a run.
  private static Rows rows(Model model, Feed feed, int count) {
    List<float[]> rows =
        IntStream.range(0, count).parallel().mapToObj(i -> row(model, feed, i)).toList();
    int width = rows.getFirst().length;
    float[] all = new float[Math.multiplyExact(count, width)];
    for (int i = 0; i < count; i++) {
      System.arraycopy(rows.get(i), 0, all, i * width, width);
    }
    return new Rows(count, width, all);
  }

  private static float[] row(Model model, Feed feed, int index) {
    Map<String, Tensor> inputs = feed.inputs(model.inputs(), index);
    Tensor tokens = model.opened().run(inputs).firstEntry().getValue();
    var output =
        new NamedArray.Floats(
            "tokens", tokens.dims().stream().map(Math::toIntExact).toList(), tokens.floats());
    Rows pooled = Pooling.MEAN.rows(output, Objects.requireNonNull(inputs.get(MASK)).longs());
    float[] row = new float[pooled.width()];
    for (int k = 0; k < row.length; k++) {
      row[k] = pooled.at(0, k);
    }
    return row;
  }

  /// Times all models in turn on each sample; the ratio of two is taken within a block.
  private static void latency(List<Model> models, Feed feed, int[] samples) {
    List<List<Double>> medians = new ArrayList<>();
    models.forEach(_ -> medians.add(new ArrayList<>()));
    List<Session> sessions = models.stream().map(Model::opened).toList();
    for (int sample : samples) {
      var inputs = models.stream().map(m -> feed.inputs(m.inputs(), sample)).toList();
      var block = Latency.interleaved(sessions, inputs, BLOCK, 1);
      for (int m = 0; m < models.size(); m++) {
        medians.get(m).add(block.get(m).p50());
      }
    }
    List<Double> vendor = medians.get(1);
    var table = new Table("model", "latency, ms", "ratio to the vendor's int8");
    for (int m = 0; m < models.size(); m++) {
      List<Double> own = medians.get(m);
      var ratio =
          Spread.of(
              IntStream.range(0, own.size()).mapToObj(i -> own.get(i) / vendor.get(i)).toList());
      table.row(models.get(m).name(), Spread.of(own).text(2), ratio.text(3));
    }
    table.print();
  }
}
