package dev.inward.data;

import dev.inward.base.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// A data set in the form in which a model takes it.
public final class Samples {
  private static final List<String> OF_TEXTS =
      List.of("input_ids", "attention_mask", "token_type_ids");

  private final DataSet data;
  private final Batches batches;

  private interface Batches {
    List<NamedArray> of(int from, int to);
  }

  private Samples(DataSet data, Batches batches) {
    this.data = data;
    this.batches = batches;
  }

  /// Joins data, preprocessing and a model's inputs; reads the tokenizer where there is one.
  ///
  /// Texts give `input_ids`, `attention_mask` and `token_type_ids`, of which a model may have any;
  /// images and a single `.npy` file go to the model's only input, whatever its name; a folder of
  /// `.npy` files has one for each input.
  ///
  /// @param inputs the names of the model's inputs
  /// @throws InputException where the data is of another kind than the preprocessing takes, or
  ///   cannot feed each of the inputs
  public static Samples of(DataSet data, Preprocessing how, List<String> inputs) {
    return switch (how) {
      case Preprocessing.None _ when data instanceof NpyArrays arrays -> {
        List<String> files = arrays.feeding(inputs);
        yield new Samples(data, (from, to) -> arrays.arrays(files, inputs, from, to));
      }
      case Preprocessing.Text text when data instanceof TextLines lines -> {
        feeds(data, OF_TEXTS, inputs);
        WordPiece tokenizer = WordPiece.read(text.tokenizer());
        yield new Samples(
            data,
            (from, to) ->
                texts(lines, tokenizer, text, from, to).stream()
                    .filter(array -> inputs.contains(array.name()))
                    .toList());
      }
      case Preprocessing.Image form when images(data).isPresent() -> {
        IntFunction<Pixels> image = images(data).get();
        if (inputs.size() != 1) {
          throw InputException.at(
              data.place().toString(), "images feed one input, the model has %s", inputs);
        }
        var input = new ImageInput(form);
        yield new Samples(
            data,
            (from, to) ->
                List.of(
                    input.batch(
                        inputs.getFirst(), IntStream.range(from, to).mapToObj(image).toList())));
      }
      case Preprocessing.None _ -> throw mismatch(data, "arrays as they are");
      case Preprocessing.Text _ -> throw mismatch(data, "texts");
      case Preprocessing.Image _ -> throw mismatch(data, "images");
    };
  }

  public DataSet data() {
    return data;
  }

  public int size() {
    return data.size();
  }

  /// Samples `[from, to)`: an array for each of the model's inputs, the first axis over the
  /// samples.
  ///
  /// @throws InputException where a sample is damaged
  public List<NamedArray> batch(int from, int to) {
    if (from < 0 || to > size() || from >= to) {
      throw new IllegalArgumentException(
          "samples %d to %d of %d are no batch".formatted(from, to, size()));
    }
    return batches.of(from, to);
  }

  /// The class of each sample, in order; empty where samples have no label. Where each has a text
  /// instead, the code points of all texts, each text followed by -1.
  public int[] labels() {
    if (data instanceof ImageFolder folder && !folder.texts().isEmpty()) {
      return LineTexts.codePoints(folder.texts());
    }
    return data.labels().isEmpty()
        ? new int[0]
        : IntStream.range(0, size()).map(i -> data.label(i).orElseThrow()).toArray();
  }

  static void feeds(DataSet data, List<String> given, List<String> inputs) {
    for (String input : inputs) {
      if (!given.contains(input)) {
        throw InputException.at(
            data.place().toString(), "gives %s, but the model has an input '%s'", given, input);
      }
    }
  }

  private static List<NamedArray> texts(
      TextLines lines, WordPiece tokenizer, Preprocessing.Text how, int from, int to) {
    var tokens = new ArrayList<Tokens>();
    int length = how.padding() == Preprocessing.Padding.FIXED ? how.length() : 0;
    for (int i = from; i < to; i++) {
      Tokens one = tokenizer.encode(lines.text(i), how.length());
      tokens.add(one);
      length = Math.max(length, one.length());
    }
    int padded = length;
    List<Tokens> rows = tokens.stream().map(one -> tokenizer.pad(one, padded)).toList();
    var dims = List.of(to - from, padded);
    return List.of(
        new NamedArray.Longs(
            OF_TEXTS.get(0), dims, joined(rows.stream().map(Tokens::ids).toList())),
        new NamedArray.Longs(
            OF_TEXTS.get(1), dims, joined(rows.stream().map(Tokens::mask).toList())),
        new NamedArray.Longs(
            OF_TEXTS.get(2), dims, joined(rows.stream().map(Tokens::types).toList())));
  }

  private static Optional<IntFunction<Pixels>> images(DataSet data) {
    return switch (data) {
      case ImageFolder folder -> Optional.of(folder::image);
      case IdxImages idx -> Optional.of(idx::image);
      case TextLines _, NpyArrays _ -> Optional.empty();
    };
  }

  private static long[] joined(List<long[]> rows) {
    return rows.stream().flatMapToLong(Arrays::stream).toArray();
  }

  private static InputException mismatch(DataSet data, String taken) {
    String found =
        switch (data) {
          case TextLines _ -> "lines of text";
          case ImageFolder _, IdxImages _ -> "images";
          case NpyArrays _ -> "arrays";
        };
    return InputException.at(
            data.place().toString(), "holds %s, but the preprocessing takes %s", found, taken)
        .hint("state the preprocessing that fits the data in the budget file");
  }
}
