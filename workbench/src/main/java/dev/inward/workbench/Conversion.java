package dev.inward.workbench;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.coreml.CoreMl;
import dev.inward.coreml.Face;
import dev.inward.coreml.Options;
import dev.inward.graph.Dim;
import dev.inward.graph.Graph;
import dev.inward.graph.Shape;
import dev.inward.graph.Value;
import dev.inward.graph.rewrite.Simplification;
import dev.inward.onnx.Onnx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

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
  /// @param options of a package; where they ask for float32, a graph of float16 is widened in
  ///   either format; extents that the face gives a range for stay open in either format, others of
  ///   these inputs are bound
  /// @throws InputException where a package is asked for and a shape is not bound
  /// @throws dev.inward.base.UnsupportedException where the format cannot say an op
  public static Conversion write(Graph graph, Path out, Options options) {
    checkPlace(out);
    try {
      Graph prepared = bound(graph, options.face());
      if (!options.face().extents().isEmpty()) {
        checkShapes(prepared, options.face());
      }
      if (options.precision() == Options.Precision.FLOAT32 && Widening.applies(prepared)) {
        prepared = Widening.of(prepared);
      }
      Graph simplified = Simplification.of(prepared).graph();
      if (out.toString().endsWith(PACKAGE)) {
        prepared.inputs().stream()
            .filter(i -> !options.face().extents().containsKey(i.name()))
            .forEach(Conversion::checkBound);
        var written = CoreMl.write(simplified, out, options);
        return new Conversion(
            out,
            "Core ML package for %s and newer".formatted(written.target().title()),
            written.bytes(),
            written.notes());
      }
      List<String> notes = new ArrayList<>(Onnx.write(simplified, out));
      if (Widening.applies(simplified)) {
        notes.add("it computes in float16, as the model that was read; --fp32 widens it");
      }
      return new Conversion(out, "ONNX file", Costs.bytes(out), notes);
    } catch (IOException e) {
      throw InputException.at(
          out.toString(), "cannot be read again: %s", String.valueOf(e.getMessage()));
    }
  }

  /// The model must take the shapes that it is said to take.
  private static void checkShapes(Graph graph, Face face) {
    for (Map<String, List<Long>> shapes : tried(face)) {
      try {
        graph.bindShapes(shapes);
      } catch (InputException e) {
        throw e.in("with " + words(shapes));
      }
    }
  }

  private static String words(Map<String, List<Long>> shapes) {
    return shapes.entrySet().stream()
        .map(e -> e.getKey() + "=" + new Face.Extents.Enumerated(List.of(e.getValue())))
        .collect(Collectors.joining(" "));
  }

  /// The graph with the extents bound that the shapes of its inputs agree on.
  private static Graph bound(Graph graph, Face face) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    for (Value input : graph.inputs()) {
      Face.Extents extents = face.extents().get(input.name());
      Shape shape = input.type().shape();
      if (extents == null || !shape.ranked() || shape.rank() != extents.usual().size()) {
        continue;
      }
      for (int axis = 0; axis < shape.rank(); axis++) {
        if (shape.dim(axis) instanceof Dim.Symbol(var symbol) && isFixed(extents, axis)) {
          sizes.put(symbol, extents.usual().get(axis));
        }
      }
    }
    return sizes.isEmpty() ? graph : graph.bind(sizes);
  }

  private static boolean isFixed(Face.Extents extents, int axis) {
    return switch (extents) {
      case Face.Extents.Enumerated(var shapes) ->
          shapes.stream().map(s -> axis < s.size() ? s.get(axis) : -1).distinct().count() == 1;
      case Face.Extents.Ranges(var axes) -> axes.get(axis).fixed();
    };
  }

  /// Writes a graph as it stands, values of float16 as float16, with nothing simplified.
  ///
  /// @throws InputException where a package is asked for and a shape is not bound
  public static Conversion asTyped(Graph graph, Path out, Options options) {
    checkPlace(out);
    if (out.toString().endsWith(PACKAGE)) {
      graph.inputs().forEach(Conversion::checkBound);
      var written = CoreMl.write(graph, out, options);
      return new Conversion(
          out,
          "Core ML package for %s and newer".formatted(written.target().title()),
          written.bytes(),
          written.notes());
    }
    List<String> notes = Onnx.write(graph, out);
    try {
      return new Conversion(out, "ONNX file", Costs.bytes(out), notes);
    } catch (IOException e) {
      throw InputException.at(
          out.toString(), "cannot be read again: %s", String.valueOf(e.getMessage()));
    }
  }

  static void checkBound(Value input) {
    if (!input.type().shape().isStatic()) {
      throw InputException.at(
              "input '" + input.name() + "'",
              "is %s; a Core ML package is written for fixed shapes",
              input.type())
          .hint(
              "bind it to numbers: %s, or give a range such as 1..128 for an extent",
              Unbound.option(input));
    }
  }

  /// Reads the written file back and runs it beside the original on generated inputs.
  ///
  /// @return the outputs under the shapes of the inputs, in words; an empty text where they are
  ///   fixed
  public SequencedMap<String, List<Comparison.Output>> check(
      Graph original, Face face, Progress progress) {
    Graph read = Loaded.read(out);
    SequencedMap<String, List<Comparison.Output>> checks = new LinkedHashMap<>();
    for (Map<String, List<Long>> shapes : tried(face)) {
      String words = words(shapes);
      var comparison =
          Comparison.of(shapes.isEmpty() ? original : original.bindShapes(shapes), read);
      var feed = Feed.Generated.of(comparison.reference(), CHECKED);
      checks.put(words, comparison.outputs(feed, CHECKED, progress));
    }
    return checks;
  }

  /// Every enumerated shape; of ranges the least and one more, at most twice as large.
  private static List<Map<String, List<Long>>> tried(Face face) {
    int rounds = face.extents().values().stream().mapToInt(e -> tried(e).size()).max().orElse(1);
    List<Map<String, List<Long>>> all = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      Map<String, List<Long>> round = new LinkedHashMap<>();
      for (var extents : face.extents().entrySet()) {
        List<List<Long>> shapes = tried(extents.getValue());
        round.put(extents.getKey(), shapes.get(Math.min(i, shapes.size() - 1)));
      }
      all.add(round);
    }
    return all;
  }

  private static List<List<Long>> tried(Face.Extents extents) {
    return switch (extents) {
      case Face.Extents.Enumerated(var shapes) -> shapes;
      case Face.Extents.Ranges(var axes) ->
          List.of(
              extents.usual(),
              axes.stream()
                  .map(
                      range -> Math.min(range.most().orElse(Long.MAX_VALUE), 2 * range.least() + 3))
                  .toList());
    };
  }
}
