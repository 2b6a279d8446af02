package dev.inward.coreml;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// How a graph is written as a Core ML package.
///
/// @param target the oldest system that must run it; empty: the oldest that can express the graph
/// @param precision what float32 values of the graph are computed in
/// @param keepFloat32 names of nodes that compute in float32 all the same
/// @param interfaceType what float inputs and outputs are; float16 needs iOS 16
/// @param metadata what Xcode shows about the model
/// @param descriptions of inputs and outputs, by their names in the graph
public record Options(
    Optional<Target> target,
    Precision precision,
    Set<String> keepFloat32,
    Precision interfaceType,
    Metadata metadata,
    Map<String, String> descriptions) {
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
      more = Map.copyOf(more);
    }
  }

  /// Computing in float16 behind a float32 interface, for the oldest target that will do.
  public static final Options DEFAULT =
      new Options(
          Optional.empty(),
          Precision.FLOAT16,
          Set.of(),
          Precision.FLOAT32,
          Metadata.NONE,
          Map.of());

  public Options {
    keepFloat32 = Set.copyOf(keepFloat32);
    descriptions = Map.copyOf(descriptions);
  }

  public Options target(Target oldest) {
    return new Options(
        Optional.of(oldest), precision, keepFloat32, interfaceType, metadata, descriptions);
  }

  public Options precision(Precision computed) {
    return new Options(target, computed, keepFloat32, interfaceType, metadata, descriptions);
  }

  public Options keepFloat32(Set<String> nodes) {
    return new Options(target, precision, nodes, interfaceType, metadata, descriptions);
  }

  public Options interfaceType(Precision type) {
    return new Options(target, precision, keepFloat32, type, metadata, descriptions);
  }

  public Options metadata(Metadata texts) {
    return new Options(target, precision, keepFloat32, interfaceType, texts, descriptions);
  }

  public Options descriptions(Map<String, String> texts) {
    return new Options(target, precision, keepFloat32, interfaceType, metadata, texts);
  }
}
