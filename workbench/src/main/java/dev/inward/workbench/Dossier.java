package dev.inward.workbench;

import dev.inward.base.InputException;
import dev.inward.document.Block;
import dev.inward.document.Document;
import dev.inward.planning.Relaxation;
import java.nio.file.Path;
import java.util.List;

/// The trace of a fit as a document: what was chosen, instead of what, which line of the budget
/// forced it, on which figures, and where each figure comes from.
///
/// The same record and the same files give the same bytes. Nothing in it names a folder of the
/// machine that it was made on.
public final class Dossier {
  private Dossier() {}

  /// Writes the dossier as one page that needs nothing beside it.
  ///
  /// @throws InputException where the file cannot be written
  public static void write(Fitted fitted, Path html) {
    of(fitted).write(html);
  }

  /// The dossier as a value. Reads the sizes of the delivered files and the Swift file beside them.
  public static Document of(Fitted fitted) {
    Trial subject = subject(fitted);
    var answer = new Answer(fitted, subject);
    List<Block.Section> sections =
        List.of(
            new DecisionSection(fitted).section(),
            new QualitySection(fitted).section(),
            new CostSection(fitted, subject).section(),
            new DeliverySection(fitted).section(),
            new MakingSection(fitted, subject).section(),
            new ReadingSection(fitted, subject).section());
    return new Document(
        "%s for %s".formatted(fitted.model().name(), Phrases.devices(fitted.budget())),
        "What was chosen for the budget, what else was tried, and which line decided",
        answer.lead(),
        sections);
  }

  /// What the dossier describes in detail: what was chosen; where nothing was, the candidate that
  /// the nearest budget would take; else the first.
  static Trial subject(Fitted fitted) {
    return fitted
        .chosen()
        .or(() ->
            fitted
                .trace()
                .nearest()
                .map(Relaxation::candidate)
                .flatMap(candidate ->
                    fitted.trials().stream()
                        .filter(trial -> trial.recipe().name().equals(candidate.name()))
                        .findFirst()))
        .orElseGet(() -> fitted.trials().getFirst());
  }
}
