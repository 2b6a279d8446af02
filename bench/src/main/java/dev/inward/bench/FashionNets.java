package dev.inward.bench;

import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.graph.rewrite.Simplification;
import dev.inward.onnx.Onnx;
import dev.inward.training.LabelTraining;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;

/// Trains the nets of examples/fashion with their labels: `fashion-resnet20` or
/// `fashion-mobilenetv2`. Further arguments are the epochs, the folder to write into, and the seed.
final class FashionNets {
  private static final int BATCH = 128;

  private FashionNets() {}

  static void main(String[] arguments) throws Exception {
    String name = arguments[0];
    int epochs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 12;
    Path folder = Path.of(arguments.length > 2 ? arguments[2] : "examples/fashion");
    long seed = arguments.length > 3 ? Long.parseLong(arguments[3]) : 1;
    Graph net =
        switch (name) {
          case "fashion-resnet20" -> FashionNet.resnet20(seed);
          case "fashion-mobilenetv2" -> FashionNet.mobilenetv2(seed);
          default -> throw new IllegalArgumentException("no net is called " + name);
        };
    var settings = new LabelTraining.Settings(epochs, BATCH, 0.1, 0.9, 5e-4, 0, seed, 1);
    var log = new StringBuilder();
    say(log, "%s, Fashion-MNIST, %s", name, settings);
    FashionData train = FashionData.train();
    FashionData test = FashionData.test();
    long start = System.nanoTime();
    Graph trained =
        LabelTraining.train(
            net,
            new LabelTraining.Examples() {
              @Override
              public int size() {
                return train.size();
              }

              @Override
              public Tensor input(int index, Random random) {
                return train.varied(index, random);
              }

              @Override
              public int label(int index) {
                return train.labels()[index];
              }
            },
            settings,
            (epoch, loss, accuracy) ->
                say(
                    log,
                    "epoch %2d  loss %.4f  right in training %.2f %%  after %.0f s",
                    epoch,
                    loss,
                    100 * accuracy,
                    (System.nanoTime() - start) / 1e9));
    Graph folded = Simplification.of(trained).graph();
    say(log, "right of 10,000 test images: %.2f %%", 100 * test.accuracy(folded));
    Files.createDirectories(folder);
    Onnx.write(folded, folder.resolve(name + ".onnx"));
    Files.writeString(folder.resolve(name + ".log"), log);
  }

  private static void say(StringBuilder log, String format, Object... arguments) {
    String line = String.format(Locale.ROOT, format, arguments);
    System.out.println(line);
    log.append(line).append('\n');
  }
}
