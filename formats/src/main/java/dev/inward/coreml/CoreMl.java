package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.base.Refusal;
import dev.inward.base.Replacement;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Storage;
import dev.inward.graph.rewrite.FuseAttention;
import dev.inward.graph.rewrite.MergeTransposes;
import dev.inward.graph.rewrite.Rewriting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;

/// Core ML packages (`.mlpackage` with an ML Program) to and from graphs.
public final class CoreMl {
  private CoreMl() {}

  /// What was written.
  ///
  /// @param target the oldest system that runs the package
  /// @param names the names of inputs and outputs in the package, by their names in the graph
  /// @param notes what a person should know: nodes that stay float32, scales that lose digits
  /// @param bytes of all files of the package
  public record Written(
      Target target, SequencedMap<String, String> names, List<String> notes, long bytes) {
    public Written {
      names = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(names));
      notes = List.copyOf(notes);
    }
  }

  /// Writes a graph whose shapes are fixed, but for the extents of inputs that the face gives a
  /// range for. Weights keep their encodings; the same graph and options give the same bytes. What
  /// stood at `path` before is replaced once the package is whole.
  ///
  /// @param path ends in `.mlpackage`
  /// @throws dev.inward.base.UnsupportedException where the graph, or a node of it, cannot be said
  ///   for the target: names the op, the node, the target and the reason
  /// @throws InputException where the place cannot be written
  public static Written write(Graph graph, Path path, Options options) {
    if (!path.toString().endsWith(".mlpackage")) {
      throw InputException.at(
          path.toString(), "a Core ML package is a folder whose name ends in .mlpackage");
    }
    Lowering.Result lowered = lowered(graph, options);
    Model model = lowered.model();
    long[] bytes = new long[1];
    Replacement.of(path, beside -> bytes[0] = Package.write(model, beside));
    return new Written(target(model), lowered.names(), lowered.notes(), bytes[0]);
  }

  /// The graph that reading the written package back would give, without a file: its ops, types and
  /// casts are those of the package. Large weights are there with their types, extents and
  /// encodings; their elements mean nothing, so that no weight is made only to be looked at.
  ///
  /// @throws dev.inward.base.UnsupportedException as [#write]
  public static Graph program(Graph graph, Options options) {
    return Raising.blank(lowered(graph, options).model(), graph.name());
  }

  private static Lowering.Result lowered(Graph graph, Options options) {
    Target target = options.target().orElse(Target.IOS15);
    while (true) {
      try {
        return Lowering.run(modern(graph, options, target), options, target);
      } catch (NeedsTarget e) {
        if (options.target().isPresent()) {
          throw e.refusal;
        }
        target = e.least;
      }
    }
  }

  /// Attention that is written out as one node, where the target has an op for it and no part of it
  /// is to compute in float32 by itself.
  private static Graph modern(Graph graph, Options options, Target target) {
    if (!target.atLeast(Target.IOS18)) {
      return graph;
    }
    Graph fused = new Rewriting(List.of(new FuseAttention(), new MergeTransposes())).apply(graph);
    Set<String> left = fused.nodes().stream().map(Node::name).collect(Collectors.toSet());
    boolean kept =
        graph.nodes().stream()
            .filter(node -> !left.contains(node.name()))
            .anyMatch(options::keepsFloat32);
    return kept ? graph : fused;
  }

  private static Target target(Model model) {
    return java.util.Arrays.stream(Target.values())
        .filter(target -> target.specification() == model.specification())
        .findFirst()
        .orElseThrow();
  }

  /// What a package or file holds.
  ///
  /// @param face how it faces an app, by the names in the graph
  /// @param specification the version number in the model file
  public record Read(Graph graph, Face face, int specification) {
    /// The oldest system that runs it, empty for the formats before packages.
    public Optional<Target> target() {
      return Arrays.stream(Target.values())
          .filter(t -> t.specification() == specification)
          .findFirst();
    }
  }

  /// Reads the graph of a package as [#open] does.
  public static Graph read(Path path) {
    return open(path, Optional.empty()).graph();
  }

  /// Reads a package, or an `.mlmodel` file. Weights are slices of the mapped weight file in the
  /// encoding that they have there, but for the matrices of `linear`, whose codes are transposed.
  /// Types stay: values of a float16 program are float16, its casts are nodes. An extent that is
  /// not known has the name of its input and axis: `x_2`. A classifier's output is its
  /// probabilities.
  ///
  /// @param function to read of several; empty: the one that runs where none is named
  /// @throws InputException where the package is damaged
  /// @throws dev.inward.base.UnsupportedException where it holds what a graph cannot say
  public static Read open(Path path, Optional<String> function) {
    boolean file = Files.isRegularFile(path);
    if (!Files.isDirectory(path) && !(file && path.toString().endsWith(".mlmodel"))) {
      throw InputException.at(
              path.toString(), file ? "is no folder; a package is one" : "is not there")
          .hint("give the path of the .mlpackage folder, or of an .mlmodel file");
    }
    try {
      if (!file) {
        return Package.graph(path, function, name(path));
      }
      var bytes = Storage.map(path).bytes();
      if (NeuralReader.holds(bytes)) {
        return NeuralReader.read(bytes, name(path));
      }
      Model model =
          ModelReader.read(
              bytes,
              function,
              weights -> {
                throw InputException.of("its weights are in another file of its package")
                    .hint("give the .mlpackage folder that it is in");
              });
      return new Read(
          Raising.graph(model, name(path)), FaceReader.of(model), model.specification());
    } catch (IOException e) {
      throw InputException.at(path.toString(), "cannot be read: %s", e);
    } catch (Refusal e) {
      throw within(e, path.toString());
    }
  }

  private static Refusal within(Refusal refusal, String path) {
    return switch (refusal) {
      case InputException e -> e.in(path);
      case dev.inward.base.UnsupportedException e -> e.in(path);
    };
  }

  private static String name(Path path) {
    Path last = path.toAbsolutePath().normalize().getFileName();
    return last == null ? "model" : last.toString().replaceFirst("\\.(mlpackage|mlmodel)$", "");
  }
}
