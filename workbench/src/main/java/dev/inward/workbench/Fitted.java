package dev.inward.workbench;

import dev.inward.compress.Sensitivity;
import dev.inward.planning.Budget;
import dev.inward.planning.Trace;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Everything that a fit found out.
///
/// @param trials one for each recipe, in the order tried
/// @param chosen what was delivered; empty where every recipe breaks a line
/// @param sensitivities of the parts of the recipe with 8-bit activations, most harmful first
/// @param out the folder of the result
public record Fitted(
    Budget budget,
    Loaded model,
    Preparation data,
    Inference inference,
    Trace trace,
    List<Trial> trials,
    Optional<Trial> chosen,
    List<Sensitivity> sensitivities,
    Optional<Delivery> delivery,
    Costs costs,
    Path out) {
  public Fitted {
    trials = List.copyOf(trials);
    sensitivities = List.copyOf(sensitivities);
  }
}
