package dev.inward.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.Source;
import dev.inward.base.Unit;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Repeats the fit of [LatencyModel] on the published rows and prints what it reaches.
final class LatencyCalibrationTest {
  private static final List<PublishedRow> FITTED =
      PublishedRow.of("ANE", "fp16").stream()
          .filter(row -> LatencyModel.fitted(row.chip(), row.segment()))
          .toList();

  private static String family(PublishedRow row) {
    return row.model().split("[^A-Za-z]")[0].replaceAll("V$", "");
  }

  private static long inside(List<PublishedRow> rows, double wide) {
    return rows.stream()
        .filter(row -> Fit.inside(row, LatencyModel.constants(row.segment().unit()), wide))
        .count();
  }

  @Test
  void constants_areThoseOfTheFit() {
    same(LatencyModel.NEURAL_ENGINE, Fit.NEURAL_ENGINE.constants(FITTED));
    same(LatencyModel.GPU, Fit.GPU.constants(PublishedRow.of("GPU", "fp16")));
    same(LatencyModel.CPU, Fit.CPU.constants(PublishedRow.of("CPU", "fp16")));
  }

  private static void same(LatencyModel.Constants used, LatencyModel.Constants fitted) {
    assertThat(used.peakShare()).isEqualTo(fitted.peakShare());
    assertThat(used.bandwidthShare()).isEqualTo(fitted.bandwidthShare());
    assertThat(used.floor()).isEqualTo(fitted.floor());
    assertThat(used.low()).isCloseTo(fitted.low(), within(0.01));
    assertThat(used.high()).isCloseTo(fitted.high(), within(0.01));
  }

  @Test
  void heldOutRows_fallInsideNineTimesInTen() {
    int held = Fit.NEURAL_ENGINE.coveredHeldOut(FITTED, PublishedRow::source, 1).size();
    assertThat(LatencyModel.WITHIN)
        .isEqualTo(
            "interval holds %d of %d published rows of A14 to A17 Pro, each publication left out of"
                + " the fit in turn",
            held, FITTED.size());
    assertThat(held).isGreaterThanOrEqualTo((int) Math.ceil(0.9 * FITTED.size()));
    for (String source : FITTED.stream().map(PublishedRow::source).distinct().toList()) {
      var rows = FITTED.stream().filter(row -> row.source().equals(source)).toList();
      System.out.printf("%-40s %d of %d inside%n", source, inside(rows, 1), rows.size());
    }
  }

  @Test
  void rowsBeyondTheFit_fallInsideTheWiderInterval() {
    var a13 =
        PublishedRow.of("ANE", "fp16").stream()
            .filter(row -> row.chip().name().equals("A13 Bionic"))
            .toList();
    var compressed =
        PublishedRow.all().stream()
            .filter(row -> row.unit().equals("ANE") && row.segment().compressed())
            .toList();
    var gpu = PublishedRow.of("GPU", "fp16");
    var cpu = PublishedRow.of("CPU", "fp16");
    long insideA13 = inside(a13, LatencyModel.BEYOND);
    long insideCompressed = inside(compressed, LatencyModel.BEYOND);
    int onGpu =
        Fit.GPU.coveredHeldOut(gpu, LatencyCalibrationTest::family, LatencyModel.BEYOND).size();
    int onCpu =
        Fit.CPU.coveredHeldOut(cpu, LatencyCalibrationTest::family, LatencyModel.BEYOND).size();
    assertThat(LatencyModel.OUTSIDE)
        .isEqualTo(
            "interval widened %s times, beyond the fitted rows; so it holds %d of %d published rows"
                + " of A13 and %d of %d of compressed weights; on GPU %d of %d and on CPU %d of"
                + " %d of A13, each family of models left out in turn",
            LatencyModel.BEYOND,
            insideA13,
            a13.size(),
            insideCompressed,
            compressed.size(),
            onGpu,
            gpu.size(),
            onCpu,
            cpu.size());
    assertThat(insideA13).isGreaterThanOrEqualTo((long) Math.ceil(0.9 * a13.size()));
    assertThat(insideCompressed).isGreaterThanOrEqualTo((long) Math.ceil(0.9 * compressed.size()));
    assertThat(onGpu).isGreaterThanOrEqualTo((int) Math.ceil(0.9 * gpu.size()));
    assertThat(onCpu).isGreaterThanOrEqualTo((int) Math.ceil(0.9 * cpu.size()));
  }

  /// What an estimate cannot foresee: a model that the system puts elsewhere.
  @Test
  void rowsMarkedAsFallback_areOutside() {
    var fallback =
        PublishedRow.all().stream().filter(row -> row.unit().equals("fallback")).toList();
    assertThat(fallback).hasSize(5);
    assertThat(inside(fallback, LatencyModel.BEYOND)).isZero();
  }

  /// Never fitted: a transformer. 42.5 M weights in six layers of width 768 over 128 tokens, and
  /// the products of attention; 3.47 ms in Apple's own layout, 9.85 ms as exported.
  @Test
  void distilBert_isInsideInBothPublishedForms() {
    double linear = 6 * (4.0 * 768 * 768 + 2.0 * 768 * 3072);
    double macs = 128 * linear + 6 * 2 * 128.0 * 128 * 768;
    var figure =
        LatencyModel.median(
            Chip.named("A15 Bionic"),
            List.of(new Segment(ComputeUnit.NEURAL_ENGINE, macs, 0, 2 * linear, false)));
    assertThat(figure.unit()).isEqualTo(Unit.MILLISECONDS);
    assertThat(figure.low()).isLessThan(3.47);
    assertThat(figure.high()).isGreaterThan(9.85);
  }

  @Test
  void fittedFunction_isTheUsedOne() {
    for (PublishedRow row : FITTED) {
      assertThat(row.ms() / Fit.ratio(row, LatencyModel.NEURAL_ENGINE))
          .isCloseTo(LatencyModel.milliseconds(row.chip(), List.of(row.segment())), within(1e-9));
    }
  }

  @Test
  void crossing_costs() {
    Chip chip = Chip.named("A15 Bionic");
    var half = new Segment(ComputeUnit.NEURAL_ENGINE, 1e9, 0, 1e6, false);
    var nothing = new Segment(ComputeUnit.CPU, 0, 0, 0, false);
    double whole = LatencyModel.milliseconds(chip, List.of(half.plus(half)));
    double split = LatencyModel.milliseconds(chip, List.of(half, nothing, half));
    assertThat(split - whole).isCloseTo(0.09 + 0.23, within(1e-9));
  }

  @Test
  void int8Work_isFasterWhereThePathExistsOnly() {
    var half = new Segment(ComputeUnit.NEURAL_ENGINE, 4e9, 0, 1e6, true);
    var int8 = new Segment(ComputeUnit.NEURAL_ENGINE, 0, 4e9, 1e6, true);
    for (String name : List.of("A15 Bionic", "A17 Pro")) {
      Chip chip = Chip.named(name);
      double gain =
          LatencyModel.work(chip, half, LatencyModel.NEURAL_ENGINE)
              / LatencyModel.work(chip, int8, LatencyModel.NEURAL_ENGINE);
      assertThat(gain).isCloseTo(chip.fastInt8() ? 2 : 1, within(1e-9));
    }
  }

  @Test
  void heatAndTail_widenUpwardsAndSaySo() {
    var cool =
        LatencyModel.median(
            Chip.named("A15 Bionic"),
            List.of(new Segment(ComputeUnit.NEURAL_ENGINE, 1e9, 0, 1e6, false)));
    var hot = LatencyModel.sustained(LatencyModel.tail(cool));
    assertThat(hot.low()).isEqualTo(cool.low());
    assertThat(hot.high()).isCloseTo(cool.high() * 1.36 * 2, within(1e-9));
    assertThat(hot.source())
        .isInstanceOfSatisfying(
            Source.Modelled.class,
            source ->
                assertThat(source.error()).contains("assumed").startsWith(LatencyModel.WITHIN));
  }
}
