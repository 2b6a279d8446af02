package dev.inward.coreml;

import dev.inward.graph.Node;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// How a graph is written as a Core ML package.
///
/// @param target the oldest system that must run it; empty: the oldest that can express the graph
/// @param precision what float32 values of the graph are computed in
/// @param keepFloat32 names of nodes, or of ops (`Softmax`), that compute in float32 all the same
/// @param interfaceType what float inputs and outputs are, where the face does not say; float16
///   needs iOS 16
/// @param face how it faces the app
public record Options(
    Optional<Target> target,
    Precision precision,
    Set<String> keepFloat32,
    Precision interfaceType,
    Face face) {
  /// A type of real numbers.
  public enum Precision {
    FLOAT16,
    FLOAT32
  }

  /// Free texts; an empty one is left out.
  ///
  /// @param more further keys, shown by Xcode under additional metadata
  public record Metadata(
      String author, String licence, String description, String version, Map<String, String> more) {
    public static final Metadata NONE = new Metadata("", "", "", "", Map.of());

    public Metadata {
      more = java.util.Collections.unmodifiableMap(new TreeMap<>(more));
    }
  }

  /// Computing in float16 behind a float32 interface, for the oldest target that will do.
  public static final Options DEFAULT =
      new Options(Optional.empty(), Precision.FLOAT16, Set.of(), Precision.FLOAT32, Face.PLAIN);

  public Options {
    keepFloat32 = Set.copyOf(keepFloat32);
  }

  /// Whether a node is named, or its op is, among those that stay float32.
  boolean keepsFloat32(Node node) {
    return keepFloat32.contains(node.name())
        || keepFloat32.stream().anyMatch(node.op().name()::equalsIgnoreCase);
  }

  public Options target(Target oldest) {
    return new Options(Optional.of(oldest), precision, keepFloat32, interfaceType, face);
  }

  public Options precision(Precision computed) {
    return new Options(target, computed, keepFloat32, interfaceType, face);
  }

  public Options keepFloat32(Set<String> nodes) {
    return new Options(target, precision, nodes, interfaceType, face);
  }

  public Options interfaceType(Precision type) {
    return new Options(target, precision, keepFloat32, type, face);
  }

  public Options face(Face shown) {
    return new Options(target, precision, keepFloat32, interfaceType, shown);
  }

  public Options metadata(Metadata texts) {
    return face(face.metadata(texts));
  }

  public Options descriptions(Map<String, String> texts) {
    return face(face.descriptions(texts));
  }
}
