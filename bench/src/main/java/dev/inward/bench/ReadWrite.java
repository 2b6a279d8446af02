package dev.inward.bench;

import dev.inward.base.Progress;
import dev.inward.coreml.CoreMl;
import dev.inward.coreml.Options;
import dev.inward.graph.Graph;
import dev.inward.graph.rewrite.ConstantFolding;
import dev.inward.graph.rewrite.Simplification;
import dev.inward.onnx.Onnx;
import dev.inward.workbench.BundledModel;
import dev.inward.workbench.ModelCache;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Reading, simplifying and writing the 90.9 MB encoder: the first time in a process, and once the
/// code is compiled. The argument is how often, twenty where there is none.
final class ReadWrite {
  private static final List<Long> ONE_SENTENCE = List.of(1L, 128L);

  private final Table table = new Table("step", "first", "median of the rest");
  private final int times;

  private ReadWrite(int times) {
    this.times = times;
  }

  static void main(String[] arguments) throws Exception {
    int times = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 20;
    var file = ModelCache.of(System.getenv()).fetch(BundledModel.MINILM, Progress.SILENT).model();
    System.out.println(Machine.now());
    new ReadWrite(times).run(file);
  }

  private void run(Path file) throws Exception {
    Path folder = Files.createTempDirectory("inward-bench");
    Path onnx = folder.resolve("model.onnx");
    Path coreMl = folder.resolve("model.mlpackage");
    Graph read = timed("Onnx.read", () -> Onnx.read(file));
    Graph simple = timed("Simplification.of", () -> Simplification.of(read).graph());
    timed("Onnx.write", () -> Onnx.write(simple, onnx));
    Map<String, List<Long>> shapes =
        simple.inputs().stream().collect(Collectors.toMap(i -> i.name(), _ -> ONE_SENTENCE));
    Graph fixed =
        timed(
            "bound to 1x128 and folded",
            () -> new ConstantFolding().apply(simple.bindShapes(shapes)));
    timed("CoreMl.write", () -> CoreMl.write(fixed, coreMl, Options.DEFAULT));
    timed("CoreMl.read", () -> CoreMl.read(coreMl));
    table.print();
    List<Path> all;
    try (var paths = Files.walk(folder)) {
      all = paths.sorted(java.util.Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }

  private <T> T timed(String step, Supplier<T> work) {
    List<Double> ms = new ArrayList<>();
    T result;
    do {
      long start = System.nanoTime();
      result = work.get();
      ms.add((System.nanoTime() - start) / 1e6);
    } while (ms.size() < times);
    Spread rest = Spread.of(ms.subList(Math.min(1, ms.size() - 1), ms.size()));
    table.row(
        step,
        String.format(Locale.ROOT, "%.0f ms", ms.getFirst()),
        String.format(Locale.ROOT, "%.1f ms", rest.median()));
    return result;
  }
}
