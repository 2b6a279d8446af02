package dev.inward.document;

import static dev.inward.document.Inline.badge;
import static dev.inward.document.Inline.code;
import static dev.inward.document.Inline.emphasis;
import static dev.inward.document.Inline.faint;
import static dev.inward.document.Inline.link;
import static dev.inward.document.Inline.number;
import static dev.inward.document.Inline.run;
import static dev.inward.document.Inline.strong;
import static dev.inward.document.Inline.text;
import static dev.inward.document.Inline.value;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.document.Chart.Bar;
import dev.inward.document.Chart.Better;
import dev.inward.document.Chart.Pile;
import dev.inward.document.Chart.Point;
import dev.inward.document.Chart.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// A document that uses every block and every chart, with invented numbers.
final class Sample {
  static final Source FILE = new Source.Counted("the bytes of the file that is delivered");
  static final Source HERE =
      new Source.Measured("4,096 held-out sentences", 4096, "nearest-in-10 against the original");
  static final Source MODEL =
      new Source.Modelled("roofline of the Neural Engine", "within 40 % on 31 published latencies");
  static final Source PAPER =
      new Source.Published("Vendor's specification page, https://example.org/specs?a=1&b=2.");

  private Sample() {}

  static Figure bytes(double megabytes) {
    return Figure.counted(megabytes * 1e6, Unit.BYTES, "the bytes of the file that is delivered");
  }

  static Figure share(double share, double around) {
    return new Figure(share, share - around, Math.min(1, share + around), Unit.SHARE, HERE);
  }

  static Figure time(double low, double mid, double high) {
    return new Figure(mid, low, high, Unit.MILLISECONDS, MODEL);
  }

  static Document document() {
    return new Document(
        "Sentence encoder for iPhone 13",
        "Why this model fits the budget, and what else was looked at",
        lead(),
        List.of(budget(), decision(), curve(), sensitivity(), nodes(), use()));
  }

  private static List<Block> lead() {
    return List.of(
        Block.callout(
            Block.Tone.ANSWER,
            "It fits: int8 weights per channel, four layers kept at fp16",
            Block.paragraph(
                text("The delivered package takes "),
                value(bytes(24.1)),
                text(" of the 50 MB allowed. The line that decided is "),
                link("#the-budget", "size"),
                text("; the runner-up would have cost "),
                value(share(0.017, 0.003)),
                text(" of the neighbours."))),
        new Block.Tiles(
            List.of(
                new Block.Tile("Size", value(bytes(24.1)), badge(Standing.KEPT)),
                new Block.Tile("Latency, p95", number(time(6.2, 9.4, 15.1)), badge(Standing.KEPT)),
                new Block.Tile("Nearest in ten", value(share(0.9985, 0.001)), badge(Standing.KEPT)),
                new Block.Tile(
                    "Energy",
                    number(new Figure(1.6, 0.8, 3.1, Unit.PERCENT_PER_HOUR, MODEL)),
                    badge(Standing.UNDECIDED)))));
  }

  private static Block.Section budget() {
    var table =
        new Table(
            "The budget, line by line",
            List.of(
                Table.Column.words("Line"),
                Table.Column.numbers("At most"),
                Table.Column.numbers("Here"),
                Table.Column.words("Stands"),
                Table.Column.words("Because")),
            List.of(
                Table.Row.of(
                    text("size"),
                    text("50 MB"),
                    number(bytes(24.1)),
                    badge(Standing.KEPT),
                    text("the app may grow by one feature, not one game")),
                Table.Row.of(
                    text("latency"),
                    text("100 ms"),
                    number(time(6.2, 9.4, 15.1)),
                    badge(Standing.KEPT),
                    text("search as you type")),
                Table.Row.of(
                    text("energy"),
                    text("2 %/h"),
                    number(new Figure(1.6, 0.8, 3.1, Unit.PERCENT_PER_HOUR, MODEL)),
                    badge(Standing.UNDECIDED),
                    faint("no reason given")),
                Table.Row.of(
                    text("update"),
                    text("5 MB"),
                    number(bytes(11.9)),
                    badge(Standing.BROKEN),
                    text("over wifi"))));
    return Block.Section.of(
        "The budget",
        Block.paragraph(
            text("The budget comes first. Each line below is "),
            strong("kept"),
            text(" only where the upper end of the interval is inside it, as the file "),
            code("budget.yaml"),
            text(" asks; see "),
            emphasis("Numbers are honest"),
            text(". Battery capacity is the vendor's"),
            new Inline.Mark(PAPER),
            text(".")),
        table,
        Block.callout(
            Block.Tone.WARNING,
            "Energy is undecided",
            Block.paragraph("Measure one minute on the phone to know. The command is below.")),
        new Block.Listing(
            "YAML",
            """
            # budget.yaml
            model: all-minilm-l6-v2
            device: iPhone 13
            size:    { most: 50 MB, because: "the app may grow by one feature" }
            latency: { most: 100 ms, at: p95 }
            """));
  }

  private static Block.Section decision() {
    return Block.Section.of(
        "The decision",
        new Table(
            "Candidates",
            List.of(
                Table.Column.words("Candidate"),
                Table.Column.numbers("Size"),
                Table.Column.numbers("Nearest in ten"),
                Table.Column.numbers("Latency"),
                Table.Column.words("Verdict")),
            List.of(
                Table.Row.chosen(
                    text("int8 per channel, four layers fp16"),
                    number(bytes(24.1)),
                    number(share(0.9985, 0.001)),
                    number(time(6.2, 9.4, 15.1)),
                    run(badge(Standing.KEPT), text(" chosen"))),
                Table.Row.of(
                    text("int8 per channel"),
                    number(bytes(22.9)),
                    number(share(0.9961, 0.0015)),
                    number(time(6.0, 9.1, 14.8)),
                    run(badge(Standing.KEPT), text(" runner-up"))),
                Table.Row.faint(
                    text("fp16"),
                    number(bytes(45.5)),
                    number(share(1, 0)),
                    number(time(7.1, 10.9, 17.0)),
                    badge(Standing.KEPT)),
                Table.Row.faint(
                    text("original, fp32"),
                    number(bytes(90.9)),
                    text("—"),
                    number(time(14, 21, 35)),
                    run(badge(Standing.BROKEN), text(" size"))))),
        Block.Section.of(
            "What was weighed",
            new Block.Definitions(
                List.of(
                    new Block.Definition("Chosen", text("int8 weights per channel, mixed")),
                    new Block.Definition(
                        "Instead of", text("int8 weights per channel, all layers")),
                    new Block.Definition(
                        "Because",
                        run(
                            text("among the candidates that keep every line it has the best "),
                            code("nearest-in-10"),
                            text("; it costs "),
                            value(bytes(1.2)),
                            text(" more")))))),
        Block.Section.of(
            "What was not tried",
            Block.bullets(
                text("Palettes of fewer than four bits: the size line does not need them."),
                run(text("Sparse weights: see "), link("https://example.org/sparse", "why")),
                text("A smaller architecture: a later issue."))));
  }

  static Chart curveChart() {
    var names =
        List.of(
            "fp32",
            "fp16",
            "int8 per channel",
            "int8 per tensor",
            "int8 mixed",
            "int8 static",
            "6-bit palette",
            "4-bit palette",
            "4-bit, groups of 32",
            "vendor's int8",
            "3-bit",
            "2-bit");
    double[] size = {90.9, 45.5, 22.9, 22.8, 24.1, 22.9, 17.3, 11.6, 12.9, 22.9, 8.8, 6.1};
    double[] kept = {
      1, 1, .9961, .981, .9985, .9931, .992, .947, .9705, .861, .842, .713,
    };
    var points =
        IntStream.range(0, names.size())
            .mapToObj(i ->
                new Point(
                    bytes(size[i]),
                    share(kept[i], .002 + (1 - kept[i]) / 12),
                    names.get(i),
                    i == 4))
            .toList();
    return new Chart.Plot(
        "Quality against size",
        Axis.log("Size", Unit.BYTES),
        Axis.linear("Nearest in ten", Unit.SHARE),
        List.of(
            Series.points("candidates", points),
            Series.front("best for their size", Better.LOWER, Better.HIGHER, points)),
        List.of(
            Limit.most(Limit.On.X, 50e6, "size, 50 MB"),
            Limit.least(Limit.On.Y, 0.98, "quality, 98 %")));
  }

  static Chart layersChart(int count) {
    var random = new Random(7);
    var bars = new ArrayList<Bar>();
    String[] parts = {
      "attention.self.query", "attention.self.key", "attention.self.value",
      "attention.output.dense", "intermediate.dense", "output.dense",
    };
    for (int i = 0; i < count; i++) {
      double drop = 0.004 * Math.pow(random.nextDouble(), 4);
      bars.add(
          new Bar(
              "encoder.layer." + i / 6 + "." + parts[i % 6],
              new Figure(drop, drop * .7, drop * 1.35, Unit.SHARE_POINTS, HERE),
              drop > 0.002));
    }
    bars.sort((a, b) -> Double.compare(b.value().value(), a.value().value()));
    return new Chart.Bars(
        "What each layer loses at int8",
        Axis.linear("Loss of nearest in ten", Unit.SHARE_POINTS),
        "kept at fp16",
        bars,
        List.of(Limit.most(Limit.On.X, 0.002, "the most that one layer may lose")));
  }

  static Chart timeChart() {
    var parts =
        List.of(
            "MatMul",
            "Softmax",
            "LayerNorm",
            "GELU",
            "Gather",
            "Add",
            "Transpose",
            "Cast",
            "Reshape",
            "Mul");
    return new Chart.Stack(
        "Time by kind of op",
        Axis.linear("Time on one core", Unit.MILLISECONDS),
        parts,
        List.of(
            pile("original, fp32", 14.2, 1.3, 1.1, 2.2, .2, .6, .5, .1, .05, .2),
            pile("int8 mixed", 5.1, 1.2, 1.1, 1.0, .1, .5, .4, .4, .05, .2),
            pile("int8, static", 3.9, .8, .9, .7, .1, .4, .4, .6, .05, .2)));
  }

  private static Pile pile(String label, double... times) {
    var figures = new ArrayList<Figure>();
    for (double time : times) {
      figures.add(
          new Figure(
              time,
              time,
              time,
              Unit.MILLISECONDS,
              new Source.Measured("this machine, 1 thread", 200, "p50 after 20 warm-up runs")));
    }
    return new Pile(label, figures);
  }

  private static Block.Section curve() {
    var speed =
        new Chart.Plot(
            "Latency against threads",
            Axis.linear("Threads", Unit.COUNT),
            Axis.linear("Latency, p50", Unit.MILLISECONDS),
            List.of(
                Series.line("original", line(21, 12.5, 9.1, 7.9)),
                Series.line("int8 mixed", line(9.8, 6.1, 4.7, 4.2)),
                Series.line("vendor's int8", line(10.9, 6.4, 5.0, 4.9))),
            List.of(Limit.most(Limit.On.Y, 15, "15 ms")));
    return Block.Section.of(
        "Quality against size",
        new Block.Plate(
            curveChart(),
            text(
                "Twelve ways to store the same weights. What lies in the shaded area breaks a line"
                    + " of the budget; the bars are 95 % intervals.")),
        new Block.Plate(speed, text("Three models in the same runtime.")),
        new Block.Plate(timeChart(), text("Where the time goes.")));
  }

  private static List<Point> line(double... times) {
    return IntStream.range(0, times.length)
        .mapToObj(i ->
            Point.of(
                Figure.counted(1 << i, Unit.COUNT, "the setting of the run"),
                time(times[i] * .93, times[i], times[i] * 1.09),
                ""))
        .toList();
  }

  private static Block.Section sensitivity() {
    return Block.Section.of(
        "Sensitivity",
        new Block.Plate(layersChart(12), text("The twelve most sensitive layers.")),
        Block.folded(
            "All 96 layers",
            new Block.Plate(layersChart(96), text("Each layer alone at int8, all others as is."))));
  }

  private static Block.Section nodes() {
    var rows = new ArrayList<Table.Row>();
    var random = new Random(3);
    for (int i = 0; i < 60; i++) {
      rows.add(
          Table.Row.of(
              code("/encoder/layer." + i / 10 + "/MatMul_" + i),
              text(i % 3 == 0 ? "Softmax" : "MatMul"),
              value(
                  Figure.counted(
                      random.nextInt(90_000_000), Unit.MULTIPLY_ACCUMULATES, "the graph")),
              i % 4 == 3
                  ? text("—")
                  : value(Figure.counted(random.nextInt(3_000_000), Unit.BYTES, "the graph")),
              text(i % 7 == 0 ? "CPU" : "Neural Engine")));
    }
    return Block.Section.of(
        "Nodes",
        new Table(
            "Every node, its cost and where it is expected to run",
            List.of(
                Table.Column.words("Node"),
                Table.Column.words("Op"),
                Table.Column.numbers("Work"),
                Table.Column.numbers("Weights"),
                Table.Column.words("Unit")),
            rows));
  }

  private static Block.Section use() {
    return Block.Section.of(
        "How to use it",
        Block.steps(
            text("Drag the package into Xcode."),
            run(text("Copy "), code("vocab.txt"), text(" beside it.")),
            text("Call it as below.")),
        new Block.Listing(
            "Swift",
            """
            import CoreML

            // One sentence in, 384 numbers out.
            let encoder = try SentenceEncoder(configuration: .init())
            guard let output = try? encoder.prediction(ids: ids, mask: mask) else { return nil }
            print("norm: \\(output.embedding.count) < 400 && \\"quoted\\"")
            """),
        new Block.Listing(
            "Shell", "./inward compare original.onnx fitted.mlpackage --json # nodes"),
        Block.callout(
            Block.Tone.NOTE, "Licence", Block.paragraph("The model is under Apache-2.0.")));
  }
}
