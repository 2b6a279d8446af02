package dev.inward.workbench;

import dev.inward.base.Figure;
import dev.inward.base.Progress;
import dev.inward.base.UnsupportedException;
import dev.inward.compress.RuntimeForm;
import dev.inward.coreml.CoreMl;
import dev.inward.data.Metric;
import dev.inward.data.Pooling;
import dev.inward.data.Rows;
import dev.inward.graph.Graph;
import dev.inward.onnx.Onnx;
import dev.inward.runtime.HalfPrecision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a fit hands over, and what was checked on the very files.
///
/// @param onnx the ONNX file
/// @param coreMl the Core ML package; empty where the model cannot be written as one
/// @param checks of the files read back, against the original
/// @param notes what a person should know of the files
public record Delivery(Path onnx, Optional<Path> coreMl, List<Check> checks, List<String> notes) {
  /* Files are read back from disk and run on held-out samples before they are handed over. The ONNX
   * file must give exactly the rows that the decision was made on, since it is the same graph; the
   * package computes in half precision (simulated) at a fixed shape, so its distance from the original is
   * measured anew. */
  private static final int CHECKED = 16;
  private static final int CHECKED_OF_SMALL = 256;
  private static final double SMALL_MACS = 100e6;
  private static final double CONFIDENCE = 0.95;

  /// A figure that was taken of a file.
  public record Check(String file, String what, Figure figure) {}

  public Delivery {
    checks = List.copyOf(checks);
    Path folder = onnx.getParent();
    notes =
        folder == null
            ? List.copyOf(notes)
            : notes.stream()
                .map(note -> without(note, folder.toAbsolutePath()))
                .map(note -> without(note, folder))
                .toList();
  }

  static Delivery of(
      Loaded model,
      Preparation data,
      Inference inference,
      Trial trial,
      Costs costs,
      Path out,
      Progress progress) {
    Path onnx = out.resolve(model.name() + ".onnx");
    Path coreMl = out.resolve(model.name() + ".mlpackage");
    List<String> notes = new ArrayList<>();
    List<Check> checks = new ArrayList<>();
    Graph runtime = RuntimeForm.of(trial.encoded(), trial.recipe());
    Onnx.write(runtime, onnx);
    boolean small = costs.macs(model.simplified()) <= SMALL_MACS;
    int count = Math.min(small ? CHECKED_OF_SMALL : CHECKED, data.test().size());
    Rows original = inference.rows(model.original(), data.test(), count, "checking", progress);
    Rows delivered =
        inference.rows(Onnx.read(onnx), data.test(), count, "checking the ONNX file", progress);
    checks.addAll(compared(name(onnx), original, delivered, data, inference));
    Optional<Path> written = Optional.empty();
    try {
      CoreMl.write(
          costs.fixed(trial.encoded()), coreMl, costs.options(model.name(), model.licence()));
      Rows read =
          inference.rows(
              HalfPrecision.simulated(CoreMl.read(coreMl)),
              data.fixed(),
              count,
              "checking the Core ML package",
              progress);
      checks.addAll(compared(name(coreMl), original, read, data, inference));
      written = Optional.of(coreMl);
    } catch (UnsupportedException e) {
      notes.add("No Core ML package: " + e.text());
    }
    new Companions(model, data, out).write();
    return new Delivery(onnx, written, checks, notes);
  }

  /// Folders of this machine say nothing to whoever reads a dossier.
  private static String without(String note, Path folder) {
    return note.replace(folder + folder.getFileSystem().getSeparator(), "");
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static List<Check> compared(
      String file, Rows original, Rows delivered, Preparation data, Inference inference) {
    String on = data.test().about();
    List<Check> checks = new ArrayList<>();
    boolean classes = data.test().labels().length > 0;
    List<Metric> metrics =
        inference.pooling() == Pooling.CTC
            ? List.of(Metric.CHARACTER_ACCURACY)
            : List.of(Metric.SIGNAL_TO_NOISE, classes ? Metric.AGREEMENT : Metric.EMBEDDING_ERROR);
    for (Metric metric : metrics) {
      checks.add(
          new Check(
              file,
              metric.key() + " against the original",
              metric.of(original, delivered, new int[0], CONFIDENCE, on).value()));
    }
    return checks;
  }
}
