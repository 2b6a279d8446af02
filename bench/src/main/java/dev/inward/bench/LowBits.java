package dev.inward.bench;

import dev.inward.base.Progress;
import dev.inward.compress.Compression;
import dev.inward.compress.FormatName;
import dev.inward.compress.Recipe;
import dev.inward.compress.Recipes;
import dev.inward.compress.Trainer;
import dev.inward.graph.Graph;
import dev.inward.graph.Totals;
import dev.inward.onnx.Onnx;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// What two and three bits a weight cost the nets of examples/fashion, after training and without:
/// the share of right answers on the 10,000 test images. Training distils from the net in float32
/// and sees no label.
///
/// Arguments: how many training images without labels are given, 512 where there is none; epochs;
/// rate; the nets, both where there is none.
final class LowBits {
  private static final List<String> FORMATS =
      List.of("palette1", "palette2", "palette2-scaled", "palette3", "palette3-scaled", "int4");

  private LowBits() {}

  static void main(String[] arguments) {
    int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 512;
    int epochs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0;
    double rate = arguments.length > 2 ? Double.parseDouble(arguments[2]) : 0;
    List<String> nets =
        arguments.length > 3
            ? List.of(arguments[3].split(","))
            : List.of("fashion-resnet20", "fashion-mobilenetv2");
    List<String> formats = arguments.length > 4 ? List.of(arguments[4].split(",")) : FORMATS;
    double features = arguments.length > 5 ? Double.parseDouble(arguments[5]) : 0;
    System.out.println(Machine.now());
    var samples = FashionData.train().first(count);
    FashionData test = FashionData.test();
    var usual = Trainer.Settings.of(Trainer.Objective.DIVERGENCE);
    var settings =
        new Trainer.Settings(
            epochs > 0 ? epochs : usual.epochs(),
            usual.batch(),
            rate > 0 ? rate : usual.rate(),
            usual.objective(),
            features > 0 ? features : usual.features(),
            usual.seed(),
            usual.threads());
    System.out.println(settings + ", " + count + " images");
    var table =
        new Table("net", "weights", "kB", "float32", "rounded", "trained", "divergence", "seconds");
    for (String name : nets) {
      Graph net = Onnx.read(Path.of("examples/fashion", name + ".onnx"));
      double float32 = test.accuracy(net);
      for (String format : formats) {
        Recipe recipe = Recipes.weights(net, format, FormatName.read(format));
        Graph rounded = Compression.apply(net, recipe);
        long start = System.nanoTime();
        var trained =
            Trainer.find().train(net, rounded, samples, new int[0], settings, Progress.SILENT);
        table.row(
            name,
            format,
            text(Totals.weightBytes(rounded) / 1e3),
            percent(float32),
            percent(test.accuracy(rounded)),
            percent(test.accuracy(trained.graph())),
            String.format(Locale.ROOT, "%.3f to %.3f", trained.before(), trained.after()),
            text((System.nanoTime() - start) / 1e9));
      }
    }
    table.print();
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  private static String text(double number) {
    return String.format(Locale.ROOT, "%.0f", number);
  }
}
