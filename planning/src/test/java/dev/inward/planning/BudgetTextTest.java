package dev.inward.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.base.Unit;
import dev.inward.data.Metric;
import dev.inward.data.Pooling;
import dev.inward.data.Preprocessing;
import dev.inward.device.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BudgetTextTest {
  @TempDir Path folder;

  /// The budget without the places of its lines, which a new text changes.
  private static Budget unplaced(Budget budget) {
    return budget.with(budget.constraints().stream().map(BudgetTextTest::unplaced).toList());
  }

  private static Constraint unplaced(Constraint constraint) {
    var line = new Constraint.Line("", constraint.line().because());
    return switch (constraint) {
      case Constraint.Size(var a, _) -> new Constraint.Size(a, line);
      case Constraint.Memory(var a, _) -> new Constraint.Memory(a, line);
      case Constraint.Latency(var a, var b, var c, _) -> new Constraint.Latency(a, b, c, line);
      case Constraint.Energy(var a, var b, var c, _) -> new Constraint.Energy(a, b, c, line);
      case Constraint.Quality(var a, var b, var c, var d, _) ->
          new Constraint.Quality(a, b, c, d, line);
      case Constraint.OnDevice _ -> new Constraint.OnDevice(line);
      case Constraint.Differential(var a, var b, var c, var d, _) ->
          new Constraint.Differential(a, b, c, d, line);
      case Constraint.Update(var a, var b, _) -> new Constraint.Update(a, b, line);
    };
  }

  @Test
  void anyBudget_isReadBackTheSame() throws IOException {
    Files.createDirectories(folder.resolve("d"));
    for (String name : List.of("m.onnx", "d/a: b #c.txt", "d/test \"x\".txt", "d/vocab.txt")) {
      Files.writeString(folder.resolve(name), "x");
    }
    var random = new Random(7);
    for (int round = 0; round < 2000; round++) {
      Budget budget = random(random);
      String text = BudgetText.of(budget, folder);
      Budget read = BudgetFile.parse(text, "draft", folder, Set.of("bundled-one"));
      assertThat(unplaced(read)).as(text).isEqualTo(unplaced(budget));
    }
  }

  @Test
  void draft_readsWell() {
    var budget =
        new Budget(
            new Budget.Model.At(folder.resolve("m.onnx")),
            List.of(Device.named("iPhone 13")),
            Optional.empty(),
            Optional.empty(),
            new LinkedHashMap<>(),
            List.of(),
            Optional.empty(),
            OptionalInt.empty(),
            List.of(
                new Constraint.Size(50e6, because("half of what it is")),
                new Constraint.Latency(
                    100,
                    Constraint.Latency.At.P95,
                    Constraint.Latency.Heat.COOL,
                    because("an answer within a tenth of a second feels at once"))),
            Budget.Preference.SIZE);
    assertThat(BudgetText.of(budget, folder))
        .isEqualTo(
            """
            # What the model must keep. Each limit may say why: because: "..."
            model: m.onnx
            device: iPhone 13                           # the oldest that must pass; a list is a fleet
            size: { most: 50 MB, because: "half of what it is" }  # of the delivered file; MB is 1,000,000 bytes
            latency: { most: 100 ms, at: p95, heat: cool, because: "an answer within a tenth of a second feels at once" }  # at: p50, p95, p99; heat: cool or sustained
            prefer: size                                # among models that keep every line: quality, size, latency or energy
            """);
  }

  private static Constraint.Line because(String why) {
    return new Constraint.Line("", Optional.of(why));
  }

  private Budget random(Random random) {
    Budget.Model model =
        random.nextBoolean()
            ? new Budget.Model.Bundled("bundled-one")
            : new Budget.Model.At(folder.resolve("m.onnx"));
    var devices = new ArrayList<Device>();
    var names = new ArrayList<>(Device.names());
    Collections.shuffle(names, random);
    names.subList(0, 1 + random.nextInt(3)).forEach(name -> devices.add(Device.named(name)));
    Optional<Budget.Data> data =
        random.nextBoolean()
            ? Optional.of(
                new Budget.Data(
                    random.nextBoolean()
                        ? Optional.of(folder.resolve("d/a: b #c.txt"))
                        : Optional.empty(),
                    folder.resolve("d/test \"x\".txt")))
            : Optional.empty();
    Optional<Preprocessing> how =
        switch (random.nextInt(3)) {
          case 0 -> Optional.empty();
          case 1 ->
              Optional.of(
                  new Preprocessing.Text(
                      folder.resolve("d/vocab.txt"),
                      2 + random.nextInt(512),
                      Preprocessing.Padding.LONGEST));
          default -> {
            var channels = pick(random, Preprocessing.Channels.values());
            var mean = random.doubles(channels.count(), -200, 200).boxed().toList();
            var std = random.doubles(channels.count(), 1e-5, 200).boxed().toList();
            yield Optional.of(
                new Preprocessing.Image(
                    1 + random.nextInt(600),
                    1 + random.nextInt(600),
                    pick(random, Preprocessing.Resize.values()),
                    channels,
                    pick(random, Preprocessing.Layout.values()),
                    random.nextBoolean() ? 1 / 255.0 : 1e-6 + random.nextDouble(),
                    mean,
                    std));
          }
        };
    var shapes = new LinkedHashMap<String, List<Long>>();
    if (random.nextBoolean()) {
      shapes.put("input: 0", List.of(1L, 1L + random.nextInt(9)));
      shapes.put("batch", List.of(1L));
    }
    var lines = new ArrayList<Constraint>();
    lines.add(new Constraint.Size(size(random), why(random)));
    if (random.nextBoolean()) {
      lines.add(new Constraint.Memory(size(random), why(random)));
    }
    if (random.nextBoolean()) {
      lines.add(
          new Constraint.Latency(
              1e-3 + random.nextDouble() * 5000,
              pick(random, Constraint.Latency.At.values()),
              pick(random, Constraint.Latency.Heat.values()),
              why(random)));
    }
    if (random.nextBoolean()) {
      lines.add(
          random.nextBoolean()
              ? new Constraint.Energy(1e-9 + random.nextDouble(), Unit.MILLIJOULES, 1, why(random))
              : new Constraint.Energy(
                  random.nextInt(1, 100),
                  Unit.PERCENT_PER_HOUR,
                  random.nextDouble() + 1e-6,
                  why(random)));
    }
    if (data.isPresent() && random.nextBoolean()) {
      var metric = pick(random, Metric.values());
      double bound = metric.unit() == Unit.DECIBELS ? 30 : 1e-9 + random.nextDouble() / 2;
      lines.add(
          new Constraint.Quality(
              metric,
              bound,
              0.5 + random.nextDouble() * 0.49,
              pick(random, Constraint.Quality.Sides.values()),
              why(random)));
    }
    if (random.nextBoolean()) {
      lines.add(
          random.nextBoolean()
              ? new Constraint.OnDevice(why(random))
              : new Constraint.Differential(
                  random.nextDouble() * 10 + 1e-3,
                  1e-7,
                  pick(random, Constraint.Differential.Protected.values()),
                  random.nextInt(2, 5000),
                  why(random)));
    }
    if (random.nextBoolean()) {
      lines.add(
          new Constraint.Update(
              size(random), pick(random, Constraint.Update.Network.values()), why(random)));
    }
    return new Budget(
        model,
        devices,
        data,
        how,
        shapes,
        random.nextBoolean() ? List.of() : List.of("last hidden: 1", "pooled"),
        random.nextBoolean() ? Optional.empty() : Optional.of(pick(random, Pooling.values())),
        random.nextBoolean() ? OptionalInt.of(15 + random.nextInt(4)) : OptionalInt.empty(),
        lines,
        pick(random, Budget.Preference.values()));
  }

  private static double size(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> 1 + random.nextInt(1_000_000_000);
      case 1 -> 1e6 * (1 + random.nextInt(3000)) / 10;
      default -> 1e3 * (1 + random.nextInt(3000));
    };
  }

  private static Constraint.Line why(Random random) {
    List<String> whys =
        List.of(
            "plain",
            "with \"quotes\" and \\ and # and: {a}",
            "no",
            "line\nbreak\ttab",
            "3 €, ü, 😀, \u2028",
            "null",
            " blank ends ");
    int i = random.nextInt(whys.size() + 1);
    return new Constraint.Line("", i == whys.size() ? Optional.empty() : Optional.of(whys.get(i)));
  }

  @SafeVarargs
  private static <T> T pick(Random random, T... values) {
    return values[random.nextInt(values.length)];
  }
}
