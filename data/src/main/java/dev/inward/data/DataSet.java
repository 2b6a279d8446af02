package dev.inward.data;

import dev.inward.base.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/// Samples in files, read one at a time by index; the order is the same on every machine.
public sealed interface DataSet permits TextLines, ImageFolder, NpyArrays {
  /// Where it lies, as the user named it.
  Path place();

  int size();

  /// The names of the classes: class `i` is output `i` of a classifier. Numbers are in numeric
  /// order, other names in the order of their characters. Empty where samples have no label.
  List<String> labels();

  /// The class of a sample, empty where samples have no label.
  OptionalInt label(int index);

  /// Opens what is at `place`: a `.npy` file or a folder of such as arrays, another folder as
  /// images by label, any other file as lines of text.
  ///
  /// @throws InputException where nothing is there, or it is none of these
  static DataSet open(Path place) {
    if (!Files.exists(place)) {
      throw InputException.at(place.toString(), "there is no such file or folder")
          .hint("the data line names files relative to the budget file");
    }
    if (Files.isDirectory(place)) {
      return NpyArrays.holds(place) ? NpyArrays.open(place) : ImageFolder.open(place);
    }
    return place.toString().endsWith(".npy") ? NpyArrays.open(place) : TextLines.open(place);
  }
}
