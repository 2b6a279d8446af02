package dev.inward.data;

import dev.inward.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// PNG and JPEG images: in one folder a label, or all in one folder without labels, where a file
/// `texts.txt` may say what is written on each. The order is that of the labels, then of the file
/// names.
public final class ImageFolder implements DataSet {
  private final Path place;
  private final List<Path> files;
  private final Labels labels;
  private final List<String> texts;

  private ImageFolder(Path place, List<Path> files, Labels labels, List<String> texts) {
    this.texts = texts;
    this.place = place;
    this.files = files;
    this.labels = labels;
  }

  /// Lists the images; none is opened yet. Names that start with a dot are passed over.
  ///
  /// @throws InputException where there is no image, or images lie both beside the folders and in
  ///   them
  public static ImageFolder open(Path place) {
    var files = new ArrayList<Path>();
    var names = new ArrayList<String>();
    try {
      List<Path> loose = images(place);
      files.addAll(loose);
      for (Path folder : entries(place).filter(Files::isDirectory).toList()) {
        for (Path image : images(folder)) {
          files.add(image);
          names.add(folder.getFileName().toString());
        }
      }
      if (!loose.isEmpty() && !names.isEmpty()) {
        throw InputException.at(
            loose.getFirst().toString(), "lies beside the folders of the labels, not in one");
      }
    } catch (IOException e) {
      throw Reading.failed(place.toString(), e);
    }
    if (files.isEmpty()) {
      throw InputException.at(place.toString(), "holds no PNG or JPEG image")
          .hint("images lie in one folder a label: %s/cat/1.png, %s/dog/2.png", place, place);
    }
    return new ImageFolder(
        place,
        List.copyOf(files),
        new Labels(names),
        names.isEmpty() ? LineTexts.read(place, files) : List.of());
  }

  /// What is written on each image, in order; empty where nothing says.
  public List<String> texts() {
    return texts;
  }

  /// The image of a sample.
  ///
  /// @throws InputException where the file is no image, is damaged, or claims more pixels than its
  ///   bytes can hold
  public Pixels image(int index) {
    return Pixels.read(files.get(index));
  }

  @Override
  public Path place() {
    return place;
  }

  @Override
  public int size() {
    return files.size();
  }

  @Override
  public List<String> labels() {
    return labels.names();
  }

  @Override
  public OptionalInt label(int index) {
    return labels.of(index);
  }

  private static List<Path> images(Path folder) throws IOException {
    return entries(folder).filter(ImageFolder::imageName).filter(Files::isRegularFile).toList();
  }

  private static Stream<Path> entries(Path folder) throws IOException {
    try (var all = Files.list(folder)) {
      return all
          .filter(path -> !path.getFileName().toString().startsWith("."))
          .sorted()
          .toList()
          .stream();
    }
  }

  private static boolean imageName(Path path) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
  }
}
