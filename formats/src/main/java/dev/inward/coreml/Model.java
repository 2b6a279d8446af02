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
  record Feature(Mil.Var value, String description) {}
}
