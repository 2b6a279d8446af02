package dev.inward.data;

import dev.inward.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SequencedMap;

/// Arrays that go into a model as they are: one `.npy` file for a model of one input, or a folder
/// with `<input>.npy` for each. The first axis counts the samples. `labels.npy` in the folder, a
/// vector of whole numbers, holds the class of each sample.
public final class NpyArrays implements DataSet {
  private static final String LABELS = "labels";

  private final Path place;
  private final SequencedMap<String, Npy> arrays;
  private final int size;
  private final int[] classes;
  private final List<String> names;

  private NpyArrays(
      Path place, SequencedMap<String, Npy> arrays, int size, int[] classes, List<String> names) {
    this.place = place;
    this.arrays = arrays;
    this.size = size;
    this.classes = classes;
    this.names = names;
  }

  static boolean holds(Path folder) {
    return !files(folder).isEmpty();
  }

  /// Maps the arrays.
  ///
  /// @throws InputException where a file is damaged, or the files hold different numbers of samples
  public static NpyArrays open(Path place) {
    var arrays = new LinkedHashMap<String, Npy>();
    int size = -1;
    for (Path file : Files.isDirectory(place) ? files(place) : List.of(place)) {
      Npy array = Npy.open(file);
      if (array.shape().isEmpty()) {
        throw InputException.at(file.toString(), "holds a single number, not samples");
      }
      if (size >= 0 && array.shape().getFirst() != size) {
        throw InputException.at(
            file.toString(),
            "holds %d samples, the files before it %d",
            array.shape().getFirst(),
            size);
      }
      size = array.shape().getFirst();
      arrays.put(file.getFileName().toString().replaceFirst("\\.npy$", ""), array);
    }
    if (size < 1) {
      throw InputException.at(place.toString(), "holds no sample");
    }
    Npy labels = arrays.size() > 1 ? arrays.remove(LABELS) : null;
    int[] classes =
        labels == null ? new int[0] : classes(labels, size, place.resolve("labels.npy"));
    return new NpyArrays(place, arrays, size, classes, names(classes));
  }

  /// The files that feed a model's inputs, in the inputs' order.
  ///
  /// @throws InputException where an input has none; a single file feeds a single input
  List<String> feeding(List<String> inputs) {
    if (arrays.size() == 1 && inputs.size() == 1) {
      return List.copyOf(arrays.keySet());
    }
    Samples.feeds(this, List.copyOf(arrays.keySet()), inputs);
    return inputs;
  }

  /// Samples `[from, to)` of the files, under the names of the inputs.
  List<NamedArray> arrays(List<String> files, List<String> inputs, int from, int to) {
    var rows = new ArrayList<NamedArray>();
    for (int i = 0; i < files.size(); i++) {
      Npy array = Objects.requireNonNull(arrays.get(files.get(i)));
      rows.add(array.rows(inputs.get(i), from, to));
    }
    return rows;
  }

  @Override
  public Path place() {
    return place;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public List<String> labels() {
    return names;
  }

  @Override
  public OptionalInt label(int index) {
    return classes.length == 0 ? OptionalInt.empty() : OptionalInt.of(classes[index]);
  }

  private static int[] classes(Npy labels, int size, Path file) {
    if (labels.shape().size() != 1
        || !(labels.rows(LABELS, 0, size) instanceof NamedArray.Longs(_, _, var values))) {
      throw InputException.at(file.toString(), "is to be a vector of whole numbers");
    }
    int[] classes = new int[size];
    for (int i = 0; i < size; i++) {
      if (values[i] < 0 || values[i] >= 1_000_000) {
        throw InputException.at(
            file.toString(), "element %d is %d, expected a class from 0 on", i, values[i]);
      }
      classes[i] = (int) values[i];
    }
    return classes;
  }

  private static List<String> names(int[] classes) {
    int most = -1;
    for (int one : classes) {
      most = Math.max(most, one);
    }
    var names = new ArrayList<String>();
    for (int i = 0; i <= most; i++) {
      names.add(Integer.toString(i));
    }
    return List.copyOf(names);
  }

  private static List<Path> files(Path folder) {
    try (var all = Files.list(folder)) {
      return all.filter(path -> path.toString().endsWith(".npy")).sorted().toList();
    } catch (IOException e) {
      throw Reading.failed(folder.toString(), e);
    }
  }
}
