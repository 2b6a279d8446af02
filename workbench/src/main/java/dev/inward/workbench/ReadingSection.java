package dev.inward.workbench;

import static dev.inward.document.Inline.code;
import static dev.inward.document.Inline.run;
import static dev.inward.document.Inline.text;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.document.Block;
import dev.inward.document.Inline;
import dev.inward.planning.Constraint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How a reader should take the numbers, and what they do not say.
record ReadingSection(Fitted fitted, Trial subject) {
  Block.Section section() {
    return new Block.Section(
        "reading",
        "How to read this, and what is not known",
        List.of(words(), new Block.Section("not-known", "What is not known", unknown())));
  }

  private static Block words() {
    return new Block.Definitions(
        List.of(
            new Block.Definition(
                "Counted", text("Exact: read off the graph or the delivered files.")),
            new Block.Definition(
                "Measured",
                text(
                    "Seen on samples or on a machine. The interval says how far the truth may lie, with the confidence that its source names.")),
            new Block.Definition(
                "Modelled",
                text(
                    "Computed, not seen. The interval is how far the model was off where published numbers could be held against it; the source says where it was not validated.")),
            new Block.Definition(
                "Kept", text("The whole interval is inside the line; the limit itself is inside.")),
            new Block.Definition("Broken", text("The whole interval is outside.")),
            new Block.Definition(
                "Undecided", text("The limit lies within the interval, or there is no figure.")),
            new Block.Definition(
                "Marks",
                text(
                    "The small number beside a figure leads to its source, at the end of this page."))));
  }

  private List<Block> unknown() {
    var items = new ArrayList<Inline>();
    figure(Constraint.Kind.LATENCY)
        .filter(figure -> figure.source() instanceof Source.Modelled)
        .ifPresent(_ ->
            items.add(
                run(
                    text(
                        "Milliseconds on the phone: no phone was attached. Xcode's performance report of "),
                    fitted
                        .delivery()
                        .flatMap(Delivery::coreMl)
                        .map(file -> code(String.valueOf(file.getFileName())))
                        .orElse(text("the package")),
                    text(
                        " on the oldest phone gives the median and, op by op, the unit that was really used; both would replace a modelled interval here."))));
    figure(Constraint.Kind.ENERGY)
        .filter(figure -> figure.source() instanceof Source.Modelled)
        .ifPresent(_ ->
            items.add(
                text(
                    "Energy and heat: the battery's level over half an hour at the budget's rate, against the same half hour without the model, would settle it.")));
    figure(Constraint.Kind.MEMORY)
        .filter(figure -> figure.source() instanceof Source.Modelled)
        .ifPresent(_ ->
            items.add(
                text(
                    "Memory at the peak: the interval runs from weights that stay mapped to weights that are expanded. Xcode's memory gauge, while the model answers, says which.")));
    items.add(data());
    if (fitted.budget().line(Constraint.OnDevice.class).isPresent()) {
      items.add(
          text(
              "Privacy: the files hold a model and code that asks it, and neither opens a connection. What the app does with an answer is not seen from here."));
    }
    if (fitted.budget().line(Constraint.Update.class).isPresent()) {
      items.add(
          text(
              "Updates: nothing was delivered before, so that there is no update to measure yet."));
    }
    return List.of(new Block.Items(false, items));
  }

  private Inline data() {
    Optional<Source.Measured> measured =
        figure(Constraint.Kind.QUALITY)
            .flatMap(figure ->
                figure.source() instanceof Source.Measured source
                    ? Optional.of(source)
                    : Optional.empty());
    if (fitted.budget().data().isEmpty()) {
      return text(
          "Quality: without test data the outputs were compared on generated inputs only. That says how much the numbers moved, not whether an answer is still right.");
    }
    return measured
        .map(source ->
            run(
                text(
                    "Quality on other inputs: it was measured on what the budget names as test data, taken as independent samples"),
                new Inline.Mark(source),
                text(". It holds for inputs of that kind.")))
        .orElse(text("Quality: it was not measured."));
  }

  private Optional<Figure> figure(Constraint.Kind kind) {
    return subject.candidate().figure(kind);
  }
}
