package dev.inward.coreml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.Graph;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Graph, package, graph again: the same numbers, for every op and every target that has it.
final class RoundTripTest {
  /// Steps that the package writes out where the graph has one op round once more each.
  private static final double FLOAT32_TOLERANCE = 2e-6;

  static Stream<OpCase> cases() {
    return OpCases.all().stream();
  }

  private static Stream<Target> targets(OpCase op) {
    return Arrays.stream(Target.values()).filter(t -> t.atLeast(op.least()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void float32Package_givesTheSameOutputs(OpCase op) {
    targets(op)
        .forEach(target -> {
          var options = Options.DEFAULT.precision(Options.Precision.FLOAT32).target(target);
          var path = Packages.path(op.name() + "-fp32-" + target);
          var written = CoreMl.write(op.graph(), path, options);
          Graph read = CoreMl.read(path);

          assertThat(written.target()).isEqualTo(target);
          Packages.sameOutputs(op.graph(), read, written.names(), op.inputs(), FLOAT32_TOLERANCE);
        });
  }

  @ParameterizedTest
  @MethodSource("cases")
  void float16Package_givesNearlyTheSameOutputs(OpCase op) {
    targets(op)
        .forEach(target -> {
          var path = Packages.path(op.name() + "-fp16-" + target);
          var written = CoreMl.write(op.graph(), path, Options.DEFAULT.target(target));
          Graph read = CoreMl.read(path);

          Packages.sameOutputs(op.graph(), read, written.names(), op.inputs(), 0.02);
        });
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lowestTarget_isTheOldestThatHasTheOp(OpCase op) {
    var written = CoreMl.write(op.graph(), Packages.path(op.name() + "-lowest"), Options.DEFAULT);

    assertThat(written.target()).isEqualTo(op.least());
  }

  static Stream<OpCase> networks() {
    return Networks.all();
  }

  /// Errors of float32 grow along a network; those of float16 are a thousand times larger.
  @ParameterizedTest
  @MethodSource("networks")
  void network_givesTheSameOutputsInFloat32AndNearlySoInFloat16(OpCase network) {
    targets(network)
        .forEach(target -> {
          for (var precision : Options.Precision.values()) {
            var path = Packages.path(network.name() + "-net-" + precision + "-" + target);
            var options = Options.DEFAULT.precision(precision).target(target);
            var written = CoreMl.write(network.graph(), path, options);
            Graph read = CoreMl.read(path);

            Packages.sameOutputs(
                network.graph(),
                read,
                written.names(),
                network.inputs(),
                precision == Options.Precision.FLOAT32 ? 2e-5 : 0.02);
          }
        });
  }
}
