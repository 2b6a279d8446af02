package dev.inward.workbench;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.coreml.CoreMl;
import dev.inward.coreml.Options;
import dev.inward.graph.Graph;
import dev.inward.graph.Value;
import dev.inward.graph.rewrite.Simplification;
import dev.inward.onnx.Onnx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A model written in another format, or simplified in its own.
///
/// @param form what was written, in words: `ONNX`, `Core ML package for iOS 16`
/// @param notes what a person should know of the file
public record Conversion(Path out, String form, long bytes, List<String> notes) {
  private static final int CHECKED = 4;
  private static final String PACKAGE = ".mlpackage";

  public Conversion {
    notes = List.copyOf(notes);
  }

  /// Refuses a place that no model is written to: told before any work is done.
  ///
  /// @throws InputException where the ending is of no format, or something else stands there
  public static void checkPlace(Path out) {
    String name = out.toString();
    boolean coreMl = name.endsWith(PACKAGE);
    if (!coreMl && !name.endsWith(".onnx")) {
      throw InputException.at(name, "ends in neither .onnx nor .mlpackage")
          .hint("the ending says which format is written");
    }
    if (coreMl
        ? Files.exists(out) && !Files.exists(out.resolve("Manifest.json"))
        : Files.isDirectory(out)) {
      throw InputException.at(
          name, "is there already, and is no %s", coreMl ? "Core ML package" : "file");
    }
  }

  /// Simplifies a graph and writes it, in the format that the ending of `out` names. What stood
  /// there is replaced once the new is whole.
  ///
  /// @throws InputException where a package is asked for and a shape is not bound
  /// @throws dev.inward.base.UnsupportedException where the format cannot say an op
  public static Conversion write(Graph graph, Path out, Options options) {
    checkPlace(out);
    try {
      if (out.toString().endsWith(PACKAGE)) {
        graph.inputs().forEach(Conversion::checkBound);
        var written = CoreMl.write(Simplification.of(graph).graph(), out, options);
        return new Conversion(
            out,
            "Core ML package for %s and newer".formatted(written.target().title()),
            written.bytes(),
            written.notes());
      }
      List<String> notes = Onnx.write(Simplification.of(graph).graph(), out);
      return new Conversion(out, "ONNX file", Costs.bytes(out), notes);
    } catch (IOException e) {
      throw InputException.at(
          out.toString(), "cannot be read again: %s", String.valueOf(e.getMessage()));
    }
  }

  private static void checkBound(Value input) {
    if (!input.type().shape().isStatic()) {
      throw InputException.at(
              "input '" + input.name() + "'",
              "is %s; a Core ML package is written for fixed shapes",
              input.type())
          .hint("bind it to numbers: %s", Unbound.option(input));
    }
  }

  /// Reads the written file back and runs it beside the original on generated inputs.
  public List<Comparison.Output> check(Graph original, Progress progress) {
    var comparison = Comparison.of(original, Loaded.read(out));
    var feed = Feed.Generated.of(comparison.reference(), CHECKED);
    return comparison.outputs(feed, CHECKED, progress);
  }
}
