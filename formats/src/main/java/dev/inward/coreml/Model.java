package dev.inward.coreml;

import java.util.List;

/// What the model file holds: the program and how it faces the app.
record Model(
    int specification,
    Mil.Program program,
    List<Feature> inputs,
    List<Feature> outputs,
    Options.Metadata metadata) {
  Model {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /// An input or output as the app sees it.
  record Feature(String name, String description, Shown shown) {}

  /// What it is for the app.
  sealed interface Shown {
    /// @param dims empty where they differ from call to call
    /// @param extents the shapes that it may have; enumerated once where it has one
    record Array(Face.Element element, List<Long> dims, List<Face.Extents> extents)
        implements Shown {
      public Array {
        dims = List.copyOf(dims);
        extents = List.copyOf(extents);
      }
    }

    /// @param extents of height and width in that order
    record Image(Face.Colour colour, long height, long width, List<Face.Extents> extents)
        implements Shown {
      public Image {
        extents = List.copyOf(extents);
      }
    }

    /// The label of a classifier.
    record Label(boolean numbered) implements Shown {}

    /// All labels with their probabilities.
    record Probabilities(boolean numbered) implements Shown {}

    /// Something else, in words.
    record Other(String what) implements Shown {}
  }
}
