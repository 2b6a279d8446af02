package dev.inward.workbench;

import static dev.inward.document.Inline.code;
import static dev.inward.document.Inline.run;
import static dev.inward.document.Inline.text;

import dev.inward.base.Figure;
import dev.inward.base.Unit;
import dev.inward.document.Block;
import dev.inward.document.Inline;
import dev.inward.document.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The files, what was checked on them, and how an app uses them.
record DeliverySection(Fitted fitted) {
  /// A file or package of the result.
  record Item(String name, String what, long bytes) {
    Figure figure() {
      return Figure.counted(bytes, Unit.BYTES, "the files as delivered");
    }
  }

  Block.Section section() {
    if (fitted.delivery().isEmpty()) {
      return new Block.Section(
          "files",
          "The files",
          List.of(Block.paragraph("Nothing was delivered: no candidate may be handed over.")));
    }
    Delivery delivery = fitted.delivery().get();
    var blocks = new ArrayList<Block>();
    blocks.add(files());
    for (String note : delivery.notes()) {
      blocks.add(Block.callout(Block.Tone.NOTE, "", Block.paragraph(note)));
    }
    blocks.add(checks(delivery));
    blocks.add(use(delivery));
    return new Block.Section("files", "The files, and what was checked", blocks);
  }

  private Companions companions() {
    return new Companions(fitted.model(), fitted.data(), fitted.out());
  }

  /// What lies in the folder of the result, in the order in which a person needs it.
  List<Item> items() {
    var items = new ArrayList<Item>();
    fitted
        .delivery()
        .ifPresent(delivery -> {
          delivery
              .coreMl()
              .ifPresent(file -> add(items, name(file), "the model for iPhone and iPad"));
          add(items, name(delivery.onnx()), "the same model for everything else");
          add(items, swift(), "loads the model and asks it");
          add(items, "preprocessing.json", "how an input is made, as data");
          add(items, "tokenizer.json", "the vocabulary of the input text");
          add(items, "LICENCE.txt", "what the makers of the model allow");
        });
    return items;
  }

  private String swift() {
    return companions().typeName() + ".swift";
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private void add(List<Item> items, String name, String what) {
    Path file = fitted.out().resolve(name);
    if (Files.exists(file)) {
      try {
        items.add(new Item(name, what, Costs.bytes(file)));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot be read: " + name, e);
      }
    }
  }

  private Block files() {
    return new Table(
        "What was delivered",
        List.of(
            Table.Column.words("File"),
            Table.Column.numbers("Size"),
            Table.Column.words("What it is")),
        items().stream()
            .map(item ->
                Table.Row.of(code(item.name()), Phrases.number(item.figure()), text(item.what())))
            .toList());
  }

  private static Block checks(Delivery delivery) {
    return new Table(
        "What was checked: each file read back from disk and run on held-out samples",
        List.of(
            Table.Column.words("File"), Table.Column.words("Check"), Table.Column.numbers("Found")),
        delivery.checks().stream()
            .map(check ->
                Table.Row.of(
                    code(check.file()), text(check.what()), Phrases.number(check.figure())))
            .toList());
  }

  private Block.Section use(Delivery delivery) {
    var steps = new ArrayList<Inline>();
    delivery
        .coreMl()
        .ifPresent(file ->
            steps.add(
                run(
                    text("Add "),
                    code(name(file)),
                    text(" to the app's target in Xcode, which compiles it."))));
    if (Files.exists(fitted.out().resolve(swift()))) {
      steps.add(run(text("Add "), code(swift()), text(", below.")));
    }
    if (Files.exists(fitted.out().resolve("preprocessing.json"))) {
      steps.add(
          run(
              text("Make inputs as "),
              code("preprocessing.json"),
              text(" says: the figures hold for inputs made so.")));
    }
    steps.add(
        run(text("Elsewhere, run "), code(name(delivery.onnx())), text(" with any ONNX runtime.")));
    var blocks = new ArrayList<Block>();
    blocks.add(new Block.Items(true, steps));
    listing(swift()).ifPresent(source -> blocks.add(new Block.Listing("Swift", source)));
    listing("preprocessing.json")
        .ifPresent(source ->
            blocks.add(Block.folded("preprocessing.json", new Block.Listing("JSON", source))));
    return new Block.Section("use", "How to use them", blocks);
  }

  private Optional<String> listing(String name) {
    Path file = fitted.out().resolve(name);
    try {
      return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot be read: " + name, e);
    }
  }
}
