package dev.inward.data;

import dev.inward.base.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/// Samples in files, read one at a time by index; the order is the same on every machine.
public sealed interface DataSet permits TextLines, ImageFolder, IdxImages, NpyArrays {
  /// Where Debian's packages put data sets.
  Path DEBIAN = Path.of("/usr/share/datasets");

  /// Where it lies, as the user named it.
  Path place();

  int size();

  /// The names of the classes: class `i` is output `i` of a classifier. Numbers are in numeric
  /// order, other names in the order of their characters. Empty where samples have no label.
  List<String> labels();

  /// The class of a sample, empty where samples have no label.
  OptionalInt label(int index);

  /// Opens what is at `place`: a `.npy` file or a folder of such as arrays, another folder as
  /// images by label, a file of IDX images by its name, any other file as lines of text.
  ///
  /// @throws InputException where nothing is there, or it is none of these
  static DataSet open(Path place) {
    if (!Files.exists(place)) {
      throw InputException.at(place.toString(), "there is no such file or folder")
          .hint("%s", missing(place));
    }
    if (Files.isDirectory(place)) {
      return NpyArrays.holds(place) ? NpyArrays.open(place) : ImageFolder.open(place);
    }
    if (IdxImages.isNamed(place)) {
      return IdxImages.open(place);
    }
    return place.toString().endsWith(".npy") ? NpyArrays.open(place) : TextLines.open(place);
  }

  /// Whether a path is where a package of Debian puts a data set.
  static boolean isInstalled(Path place) {
    return place.startsWith(DEBIAN) && place.getNameCount() > DEBIAN.getNameCount();
  }

  /// What to do where nothing is at `place`. Debian's packages of data sets are called after the
  /// folder that they fill.
  static String missing(Path place) {
    return isInstalled(place)
        ? "install it: apt install dataset-" + place.getName(DEBIAN.getNameCount())
        : "the data line names files relative to the budget file";
  }
}
