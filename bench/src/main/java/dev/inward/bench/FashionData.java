package dev.inward.bench;

import dev.inward.data.DataSet;
import dev.inward.data.NamedArray;
import dev.inward.data.Preprocessing;
import dev.inward.data.Samples;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.runtime.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/// Fashion-MNIST in the form in which examples/fashion/budget.yaml states it: 60,000 images to
/// train and calibrate on, 10,000 to test.
///
/// Shapes: each image `[1, 1, 28, 28]`.
record FashionData(float[][] images, int[] labels) {
  private static final int SIDE = 28;
  private static final Preprocessing.Image FORM =
      new Preprocessing.Image(
          SIDE,
          SIDE,
          Preprocessing.Resize.STRETCH,
          Preprocessing.Channels.GRAY,
          Preprocessing.Layout.CHANNELS_FIRST,
          1 / 255.0,
          List.of(0.286),
          List.of(0.353));
  private static final float BLACK = (float) (-0.286 / 0.353);

  static FashionData train() {
    return read("train-images-idx3-ubyte.gz");
  }

  static FashionData test() {
    return read("t10k-images-idx3-ubyte.gz");
  }

  private static FashionData read(String file) {
    Path place = DataSet.DEBIAN.resolve("fashion-mnist").resolve(file);
    Samples samples = Samples.of(DataSet.open(place), FORM, List.of("image"));
    float[][] images = new float[samples.size()][];
    for (int i = 0; i < images.length; i++) {
      images[i] = ((NamedArray.Floats) samples.batch(i, i + 1).getFirst()).values();
    }
    return new FashionData(images, samples.labels());
  }

  int size() {
    return images.length;
  }

  Tensor image(int index) {
    return Tensor.ofFloats(List.of(1L, 1L, (long) SIDE, (long) SIDE), images[index]);
  }

  /// The first images as samples of a model whose input is called `image`.
  List<Map<String, Tensor>> first(int count) {
    return IntStream.range(0, count).mapToObj(i -> Map.of("image", image(i))).toList();
  }

  /// The image moved by up to two pixels along each side, and turned left to right half of the
  /// time.
  Tensor varied(int index, Random random) {
    int down = random.nextInt(-2, 3);
    int right = random.nextInt(-2, 3);
    boolean turned = random.nextBoolean();
    float[] image = images[index];
    float[] out = new float[image.length];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int fromY = y - down;
        int fromX = (turned ? SIDE - 1 - x : x) - right;
        boolean inside = fromY >= 0 && fromY < SIDE && fromX >= 0 && fromX < SIDE;
        out[y * SIDE + x] = inside ? image[fromY * SIDE + fromX] : BLACK;
      }
    }
    return Tensor.ofFloats(List.of(1L, 1L, (long) SIDE, (long) SIDE), out);
  }

  /// The share of images of which the largest score is the label's.
  double accuracy(Graph graph) {
    int batch = 100;
    List<Integer> right = new ArrayList<>();
    try (var session = Session.open(graph)) {
      for (int from = 0; from < size(); from += batch) {
        float[] joined = new float[batch * SIDE * SIDE];
        for (int i = 0; i < batch; i++) {
          System.arraycopy(images[from + i], 0, joined, i * SIDE * SIDE, SIDE * SIDE);
        }
        Tensor input = Tensor.ofFloats(List.of((long) batch, 1L, (long) SIDE, (long) SIDE), joined);
        float[] scores = session.run(Map.of("image", input)).firstEntry().getValue().floats();
        for (int i = 0; i < batch; i++) {
          int best = 0;
          for (int c = 1; c < 10; c++) {
            best = scores[10 * i + c] > scores[10 * i + best] ? c : best;
          }
          if (best == labels[from + i]) {
            right.add(from + i);
          }
        }
      }
    }
    return (double) right.size() / size();
  }
}
