package dev.inward.workbench;

import static dev.inward.document.Inline.code;
import static dev.inward.document.Inline.faint;
import static dev.inward.document.Inline.text;
import static dev.inward.document.Inline.value;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.compress.ActivationFormat;
import dev.inward.compress.Recipe;
import dev.inward.compress.Weight;
import dev.inward.document.Block;
import dev.inward.document.Inline;
import dev.inward.document.Table;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// How the model was made from the original: the rewrites, then the recipe, weight by weight.
record MakingSection(Fitted fitted, Trial subject) {
  private static final String STORED = "bytes of a constant, tables and scales included";

  Block.Section section() {
    var blocks = new ArrayList<Block>();
    blocks.add(rewrites());
    blocks.add(recipe());
    return new Block.Section("making", "How the model was made", blocks);
  }

  /// How often each rewrite was applied, the most frequent first.
  static List<Map.Entry<String, Integer>> counts(Loaded model) {
    Map<String, Integer> counts = new TreeMap<>();
    model.steps().forEach(step -> counts.merge(step.rewrite(), 1, Integer::sum));
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .toList();
  }

  private Block.Section rewrites() {
    Loaded model = fitted.model();
    var blocks = new ArrayList<Block>();
    blocks.add(
        Block.paragraph(
            text("The original, "),
            code(String.valueOf(model.file().getFileName())),
            text(", has "),
            nodes(model.original()),
            text(
                " nodes. Constants were folded and patterns that stand for one op replaced by it, which changes no result beyond rounding; "),
            nodes(model.simplified()),
            text(" are left.")));
    if (!model.steps().isEmpty()) {
      blocks.add(
          new Table(
              "Rewrites",
              List.of(Table.Column.words("Rewrite"), Table.Column.numbers("Times")),
              counts(model).stream()
                  .map(entry ->
                      Table.Row.of(
                          text(entry.getKey()),
                          value(
                              Figure.counted(
                                  entry.getValue(), Unit.COUNT, "steps that were taken"))))
                  .toList()));
    }
    return new Block.Section("rewrites", "Rewrites", blocks);
  }

  private static Inline nodes(Graph graph) {
    return value(
        Figure.counted(graph.nodes().size(), Unit.COUNT, "nodes of the graph, before and after"));
  }

  private Block.Section recipe() {
    Recipe recipe = subject.recipe();
    var blocks = new ArrayList<Block>();
    blocks.add(
        Block.paragraph(
            text("The recipe "), Inline.strong(recipe.name()), text(": " + subject.about() + ".")));
    List<Weight> weights = Weight.of(fitted.model().simplified());
    if (!weights.isEmpty()) {
      blocks.add(
          Block.folded(
              Phrases.title(Phrases.counted(weights.size(), "weight")) + ", each with its encoding",
              weights(weights),
              Block.paragraph(
                  faint(
                      "As the graph stores them. A Core ML package stores what is left in float32 as float16."))));
    }
    if (!recipe.activations().isEmpty()) {
      blocks.add(
          Block.folded(
              Phrases.title(Phrases.counted(recipe.activations().size(), "activation"))
                  + " in eight bits",
              activations(recipe)));
    }
    return new Block.Section("recipe", "Recipe", blocks);
  }

  private Block weights(List<Weight> weights) {
    var rows = new ArrayList<Table.Row>();
    for (Weight weight : weights) {
      Optional<Tensor> before = fitted.model().simplified().constant(weight.name());
      Optional<Tensor> after = subject.encoded().constant(weight.name());
      rows.add(
          Table.Row.of(
              text(weight.name()),
              text(before.map(tensor -> tensor.type().toString()).orElse("")),
              Optional.ofNullable(subject.recipe().weights().get(weight.name()))
                  .map(format -> text(format.text()))
                  .orElse(faint("as it is")),
              before.map(MakingSection::bytes).orElse(faint("—")),
              after.map(MakingSection::bytes).orElse(faint("—"))));
    }
    return new Table(
        "Weights, in the order in which they are read",
        List.of(
            Table.Column.words("Weight"),
            Table.Column.words("Type"),
            Table.Column.words("Stored as"),
            Table.Column.numbers("Before"),
            Table.Column.numbers("After")),
        rows);
  }

  private static Inline bytes(Tensor tensor) {
    return value(Figure.counted(tensor.storedBytes(), Unit.BYTES, STORED));
  }

  private Block activations(Recipe recipe) {
    Feed feed = fitted.data().calibrate().orElse(fitted.data().test());
    var source =
        new Source.Measured(
            feed.about(),
            Math.min(Fit.CALIBRATED, feed.size()),
            "range of an activation over the samples, before or after clipping");
    var rows = new ArrayList<Table.Row>();
    recipe
        .activations()
        .forEach((node, format) ->
            rows.add(
                switch (format) {
                  case ActivationFormat.Dynamic() ->
                      Table.Row.of(
                          text(node), text("uint8, range taken of each input at run time"));
                  case ActivationFormat.Static(var low, var high) ->
                      Table.Row.of(
                          text(node),
                          Inline.run(
                              text(
                                  "uint8 from %s to %s"
                                      .formatted(Float.toString(low), Float.toString(high))),
                              new Inline.Mark(source)));
                }));
    return new Table(
        "Activations, by the node that they enter",
        List.of(Table.Column.words("Node"), Table.Column.words("Stored as")),
        rows);
  }
}
