package dev.inward.data;

import dev.inward.base.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/// A data set in the form in which a model takes it.
public final class Samples {
  private final DataSet data;
  private final BiFunction<Integer, Integer, List<NamedArray>> arrays;

  private Samples(DataSet data, BiFunction<Integer, Integer, List<NamedArray>> arrays) {
    this.data = data;
    this.arrays = arrays;
  }

  /// Joins data and preprocessing, and reads the tokenizer where there is one.
  ///
  /// @throws InputException where the data is of another kind than the preprocessing takes
  public static Samples of(DataSet data, Preprocessing how) {
    return switch (how) {
      case Preprocessing.None _ when data instanceof NpyArrays given ->
          new Samples(data, given::arrays);
      case Preprocessing.Text text when data instanceof TextLines lines -> {
        WordPiece tokenizer = WordPiece.read(text.tokenizer());
        yield new Samples(data, (from, to) -> texts(lines, tokenizer, text, from, to));
      }
      case Preprocessing.Image image when data instanceof ImageFolder folder -> {
        var input = new ImageInput(image);
        yield new Samples(
            data,
            (from, to) ->
                List.of(input.batch(IntStream.range(from, to).mapToObj(folder::image).toList())));
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

  /// Samples `[from, to)` as one array for each input, the first axis over the samples. A model
  /// that has no input of one of the names goes without that array.
  ///
  /// @throws InputException where a sample is damaged
  public List<NamedArray> batch(int from, int to) {
    if (from < 0 || to > size() || from >= to) {
      throw new IllegalArgumentException(
          "samples %d to %d of %d are no batch".formatted(from, to, size()));
    }
    return arrays.apply(from, to);
  }

  /// The class of each sample, in order; empty where samples have no label.
  public int[] labels() {
    return data.labels().isEmpty()
        ? new int[0]
        : IntStream.range(0, size()).map(i -> data.label(i).orElseThrow()).toArray();
  }

  private static List<NamedArray> texts(
      TextLines lines, WordPiece tokenizer, Preprocessing.Text how, int from, int to) {
    var tokens = new ArrayList<Tokens>();
    int length = how.length() == Preprocessing.Length.FIXED ? how.maxLength() : 0;
    for (int i = from; i < to; i++) {
      Tokens one = tokenizer.encode(lines.text(i), how.maxLength());
      tokens.add(one);
      length = Math.max(length, one.length());
    }
    int padded = length;
    List<Tokens> rows = tokens.stream().map(one -> tokenizer.pad(one, padded)).toList();
    var dims = List.of(to - from, padded);
    return List.of(
        new NamedArray.Longs("input_ids", dims, joined(rows.stream().map(Tokens::ids).toList())),
        new NamedArray.Longs(
            "attention_mask", dims, joined(rows.stream().map(Tokens::mask).toList())),
        new NamedArray.Longs(
            "token_type_ids", dims, joined(rows.stream().map(Tokens::types).toList())));
  }

  private static long[] joined(List<long[]> rows) {
    return rows.stream().flatMapToLong(Arrays::stream).toArray();
  }

  private static InputException mismatch(DataSet data, String taken) {
    String found =
        switch (data) {
          case TextLines _ -> "lines of text";
          case ImageFolder _ -> "images";
          case NpyArrays _ -> "arrays";
        };
    return InputException.at(
            data.place().toString(), "holds %s, but the preprocessing takes %s", found, taken)
        .hint("state the preprocessing that fits the data in the budget file");
  }
}
