package dev.inward.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.base.UnsupportedException;
import dev.inward.compress.ActivationFormat;
import dev.inward.compress.Compression;
import dev.inward.compress.FormatName;
import dev.inward.compress.Recipe;
import dev.inward.compress.Recipes;
import dev.inward.compress.Trainer;
import dev.inward.compress.Trainer.Objective;
import dev.inward.compress.Trainer.Settings;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Tensor;
import dev.inward.runtime.Session;
import dev.inward.testkit.Chance;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DistillationTest {
  /// A convolution, a residual, a weight that two nodes share, a classifier.
  private static final Graph NET =
      GraphText.parse(
          """
          graph net
          input x: float32[n x 4 x 6 x 6]
          const c: float32[16x4x3x3] = random 1
          const cb: float32[16] = random 2
          const d: float32[16x16x3x3] = random 3
          const db: float32[16] = random 4
          const w: float32[64x144] = random 5
          const wb: float32[64] = random 6
          const g: float32[10x64] = random 7
          const gb: float32[10] = random 8
          const flat: int64[2] = -1, 144
          a = Conv{pads=[1, 1, 1, 1], groups=1}(x, c, cb)
          b = Relu(a)
          e = Conv{pads=[1, 1, 1, 1], groups=1}(b, d, db)
          s = Add(e, a)
          r = Relu(s)
          p = MaxPool{kernel=[2, 2], strides=[2, 2]}(r)
          f = Reshape(p, flat)
          h = Gemm{alpha=0.05, beta=1.0, transB}(f, w, wb)
          t = Tanh(h)
          y = Gemm{alpha=1.0, beta=1.0, transB}(t, g, gb)
          output y
          """);

  private static final Settings SETTINGS = new Settings(4, 8, 0.02, Objective.DIVERGENCE, 0, 3, 1);

  private static List<Map<String, Tensor>> samples(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Map.of("x", new Chance(i).floats(List.of(1L, 4L, 6L, 6L))))
        .toList();
  }

  private static Trainer.Trained train(Graph encoded, Settings settings) {
    return Trainer.find().train(NET, encoded, samples(32), new int[0], settings, Progress.SILENT);
  }

  private static Graph encoded(String format, boolean activations) {
    Recipe weights = Recipes.weights(NET, format, FormatName.read(format));
    var ranges = new LinkedHashMap<String, ActivationFormat>();
    if (activations) {
      ranges.put("a", new ActivationFormat.Static(-3, 3));
      ranges.put("e", new ActivationFormat.Static(0, 9));
      ranges.put("h", new ActivationFormat.Static(0, 20));
    }
    return Compression.apply(NET, new Recipe(format, weights.weights(), ranges));
  }

  /// The mean divergence of the outputs of two graphs under ONNX Runtime, computed in double.
  private static double divergence(Graph graph) {
    double sum = 0;
    try (var session = Session.open(NET);
        var other = Session.open(graph)) {
      for (var sample : samples(32)) {
        double[] p = shares(session.run(sample).firstEntry().getValue());
        double[] q = shares(other.run(sample).firstEntry().getValue());
        for (int c = 0; c < p.length; c++) {
          sum += p[c] * Math.log(p[c] / q[c]);
        }
      }
    }
    return sum / 32;
  }

  private static double[] shares(Tensor scores) {
    float[] values = scores.floats();
    double[] shares = new double[values.length];
    Arrays.setAll(shares, i -> Math.exp(values[i]));
    double sum = Arrays.stream(shares).sum();
    Arrays.setAll(shares, i -> shares[i] / sum);
    return shares;
  }

  /// What is said before and after is what the graphs give, so training starts with the codes that
  /// came and sees the codes that go; and it lowers it.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "int4",
        "int4-block32",
        "int8-asymmetric",
        "int8-tensor",
        "palette1",
        "palette2",
        "palette3-group16",
        "palette2-scaled",
        "float16"
      })
  void training_seesWhatTheGraphsGive(String format) {
    Graph start = encoded(format, /* activations= */ true);
    var trained = train(start, SETTINGS);
    assertThat(trained.before())
        .isCloseTo(divergence(start), within(1e-4 + 1e-3 * trained.before()));
    assertThat(trained.after())
        .isCloseTo(divergence(trained.graph()), within(1e-4 + 1e-3 * trained.after()));
    assertThat(trained.after()).isLessThan(trained.before());
    assertThat(trained.graph().nodes()).isEqualTo(start.nodes());
    start
        .constants()
        .forEach((name, tensor) -> {
          Tensor other = trained.graph().constant(name).orElseThrow();
          assertThat(other.how()).isEqualTo(tensor.how());
          assertThat(other.storedBytes()).isEqualTo(tensor.storedBytes());
        });
  }

  @Test
  void twoBits_areTrainedToAFractionOfTheirError() {
    Graph start = encoded("palette2", /* activations= */ false);
    var trained = train(start, new Settings(40, 8, 0.02, Objective.DIVERGENCE, 0.1, 3, 1));
    assertThat(trained.after()).isLessThan(0.5 * trained.before());
    var encoding = trained.graph().constant("d").orElseThrow().encoding();
    assertThat(encoding).isInstanceOf(Encoding.Palette.class);
  }

  @Test
  void twoRuns_giveTheSameBits() {
    Graph start = encoded("int4", /* activations= */ true);
    assertThat(train(start, SETTINGS).graph()).isEqualTo(train(start, SETTINGS).graph());
  }

  @Test
  void labels_countWhereTheyAreGiven() {
    Graph start = encoded("palette2", /* activations= */ false);
    int[] labels = new int[32];
    var trained = Trainer.find().train(NET, start, samples(32), labels, SETTINGS, Progress.SILENT);
    int zeros = 0;
    try (var session = Session.open(trained.graph())) {
      for (var sample : samples(32)) {
        double[] shares = shares(session.run(sample).firstEntry().getValue());
        zeros += shares[0] == Arrays.stream(shares).max().orElseThrow() ? 1 : 0;
      }
    }
    assertThat(zeros).as("all are labelled 0").isGreaterThan(16);
  }

  @Test
  void samplesThatDoNotFit_areRefused() {
    var trainer = Trainer.find();
    Graph start = encoded("int4", /* activations= */ false);
    assertThatThrownBy(
            () -> trainer.train(NET, start, List.of(), new int[0], SETTINGS, Progress.SILENT))
        .isInstanceOf(InputException.class)
        .hasMessage("training has no samples");
    assertThatThrownBy(() ->
            trainer.train(
                NET,
                start,
                List.of(Map.of("x", Tensor.ofFloats(List.of(1L, 4L), 1, 2, 3, 4))),
                new int[0],
                SETTINGS,
                Progress.SILENT))
        .isInstanceOf(InputException.class)
        .hasMessage("sample 0, input 'x': is float32[1x4], the model wants float32[n x 4 x 6 x 6]");
    float[] broken = new float[144];
    broken[7] = Float.NaN;
    assertThatThrownBy(() ->
            trainer.train(
                NET,
                start,
                List.of(Map.of("x", Tensor.ofFloats(List.of(1L, 4L, 6L, 6L), broken))),
                new int[0],
                SETTINGS,
                Progress.SILENT))
        .isInstanceOf(InputException.class)
        .hasMessage("sample 0, input 'x': holds NaN, which nothing can be learnt from");
    assertThatThrownBy(
            () -> trainer.train(NET, start, samples(3), new int[] {1}, SETTINGS, Progress.SILENT))
        .hasMessage("1 labels are given for 3 samples");
    assertThatThrownBy(
            () -> trainer.train(NET, start, samples(1), new int[] {10}, SETTINGS, Progress.SILENT))
        .hasMessage("label 10 is none of 10 classes");
  }

  @Test
  void rateThatIsFarTooHigh_isSaid() {
    Graph start = encoded("palette2", /* activations= */ false);
    assertThatThrownBy(() -> train(start, new Settings(4, 8, 1e30, Objective.DIVERGENCE, 0, 3, 1)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("training diverged: the loss is NaN in step ")
        .extracting(e -> ((InputException) e).hint().orElseThrow())
        .isEqualTo("try a lower rate than 1.0E30");
  }

  @Test
  void encodingThatIsNotTrained_isRefusedByName() {
    Graph start = encoded("sparse50", /* activations= */ false);
    assertThatThrownBy(() -> train(start, SETTINGS))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("weight 'c': 50 % zeros, as float16 is not trained");
    assertThat(start.constant("c").orElseThrow().dtype()).isEqualTo(DataType.FLOAT32);
  }
}
