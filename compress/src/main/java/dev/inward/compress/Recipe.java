package dev.inward.compress;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Which encoding each weight, and which range each activation, is given. What it does not name
/// stays as it is.
///
/// @param name short, unique among candidates: `int8-channel`
/// @param weights format by name of the constant
/// @param activations format by name of the node, for its first operand
public record Recipe(
    String name,
    SequencedMap<String, WeightFormat> weights,
    SequencedMap<String, ActivationFormat> activations) {
  public Recipe {
    weights = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(weights));
    activations = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(activations));
  }

  /// Nothing is changed.
  public static Recipe original() {
    return new Recipe("original", new LinkedHashMap<>(), new LinkedHashMap<>());
  }

  /// The same recipe under another name, with a weight's format replaced.
  public Recipe with(String other, String weight, WeightFormat format) {
    var changed = new LinkedHashMap<>(weights);
    changed.put(weight, format);
    return new Recipe(other, changed, activations);
  }
}
