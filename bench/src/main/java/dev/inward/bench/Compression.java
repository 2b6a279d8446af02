package dev.inward.bench;

import dev.inward.base.Json;
import dev.inward.onnx.Onnx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How long converting and compressing the 11.5-million-parameter net takes, as whole commands that
/// do not run what they wrote, and what the weights lose. The arguments are how often, five where
/// there is none, and a folder to keep the models in.
final class Compression {
  private static final Map<String, Double> TARGETS = new LinkedHashMap<>();

  static {
    TARGETS.put("int8", 0.66);
    TARGETS.put("int4-block32", 0.66);
    TARGETS.put("palette4", 1.0);
    TARGETS.put("palette4-group16", 2.4);
    TARGETS.put("sparse50", Double.NaN);
  }

  private Compression() {}

  static void main(String[] arguments) throws Exception {
    int times = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    boolean kept = arguments.length > 1;
    Path folder = kept ? Path.of(arguments[1]) : Files.createTempDirectory("inward-compression");
    Files.createDirectories(folder);
    System.out.println(Machine.now());
    Path onnx = folder.resolve("net.onnx");
    Path net = folder.resolve("net.mlpackage");
    Onnx.write(ConvolutionNet.graph(), onnx);
    try {
      var table =
          new Table(
              "command", "target", "best", "median", "processor", "peak", "MB", "squared error");
      row(table, "doctor --help", 0.5, times, folder, "doctor", "--help");
      row(
          table,
          "convert",
          0.68,
          times,
          net,
          "convert",
          onnx.toString(),
          "-o",
          net.toString(),
          "--no-check");
      for (var target : TARGETS.entrySet()) {
        Path out = folder.resolve(target.getKey() + ".mlpackage");
        row(
            table,
            "compress --weights " + target.getKey(),
            target.getValue(),
            times,
            out,
            "compress",
            net.toString(),
            "-o",
            out.toString(),
            "--weights",
            target.getKey(),
            "--no-check",
            "--json");
      }
      table.print();
    } finally {
      if (!kept) {
        delete(folder);
      }
    }
  }

  private static void row(
      Table table, String name, double target, int times, Path out, String... command)
      throws IOException, InterruptedException {
    List<Command> runs = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      runs.add(Command.inward(command));
    }
    Spread wall = Spread.of(runs.stream().map(Command::seconds).toList());
    Spread processor = Spread.of(runs.stream().map(Command::processorSeconds).toList());
    var most = runs.stream().max(Comparator.comparingLong(r -> r.peakBytes().orElse(0)));
    String error = "-";
    int json = runs.getLast().said().indexOf("{\n");
    if (json >= 0) {
      error =
          Json.parse(runs.getLast().said().substring(json), "what compress says")
              .get("squared_error")
              .flatMap(Json::number)
              .map(e -> String.format(Locale.ROOT, "%.4f", e.doubleValue()))
              .orElse("-");
    }
    table.row(
        name,
        Double.isNaN(target) ? "-" : seconds(target),
        seconds(wall.best()),
        seconds(wall.median()),
        seconds(processor.best()),
        most.orElseThrow().peakText(),
        out.toString().endsWith(".mlpackage")
            ? String.format(Locale.ROOT, "%.2f", bytes(out) / 1e6)
            : "-",
        error);
  }

  private static String seconds(double value) {
    return String.format(Locale.ROOT, "%.2f s", value);
  }

  private static long bytes(Path path) throws IOException {
    try (var all = Files.walk(path)) {
      long sum = 0;
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        sum += Files.size(file);
      }
      return sum;
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> all;
    try (var paths = Files.walk(folder)) {
      all = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }
}
