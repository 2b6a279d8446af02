package dev.inward.data;

import dev.inward.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What is written on each image of a folder, from the file `texts.txt` beside the images: a line
/// each, the image's name, a tab, the text.
final class LineTexts {
  static final String FILE = "texts.txt";

  /// Ends the code points of one image where those of several follow one another.
  static final int END = -1;

  private LineTexts() {}

  /// The texts in the order of the images; empty where there is no such file.
  ///
  /// @throws InputException where the file cannot be read, or an image has no line or two
  static List<String> read(Path folder, List<Path> images) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return List.of();
    }
    Map<String, String> byImage = new HashMap<>();
    try {
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        int tab = lines.get(i).indexOf('\t');
        if (tab < 1) {
          throw InputException.at(
              file + ":" + (i + 1), "is no line of an image's name, a tab and its text");
        }
        String name = lines.get(i).substring(0, tab);
        if (byImage.put(name, lines.get(i).substring(tab + 1)) != null) {
          throw InputException.at(file + ":" + (i + 1), "names '%s' a second time", name);
        }
      }
    } catch (IOException e) {
      throw Reading.failed(file.toString(), e);
    }
    return images.stream()
        .map(image -> {
          String text = byImage.get(String.valueOf(image.getFileName()));
          if (text == null) {
            throw InputException.at(
                file.toString(), "has no line for the image '%s'", image.getFileName());
          }
          return text;
        })
        .toList();
  }

  /// The code points of the texts, each followed by [#END].
  static int[] codePoints(List<String> texts) {
    return texts.stream()
        .flatMapToInt(text ->
            java.util.stream.IntStream.concat(
                text.codePoints(), java.util.stream.IntStream.of(END)))
        .toArray();
  }
}
