package dev.inward.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The data that comes with the examples.
final class ExamplesTest {
  private static final Path EXAMPLES = Path.of("..", "examples");

  private static List<String> sentences(String name) {
    TextLines lines = TextLines.open(EXAMPLES.resolve("sentence-encoder/sentences").resolve(name));
    return IntStream.range(0, lines.size()).mapToObj(lines::text).toList();
  }

  @Test
  void sentences_areEnough_plain_andInOneFileOnly() {
    List<String> calibrate = sentences("calibrate.txt");
    List<String> test = sentences("test.txt");
    assertThat(calibrate).hasSize(512).doesNotHaveDuplicates();
    assertThat(test).hasSize(2048).doesNotHaveDuplicates().doesNotContainAnyElementsOf(calibrate);
    assertThat(test).allMatch(sentence -> sentence.matches("[A-Z0-9$\"(][ -~]*[.?!]\"?\\)?"));
  }

  @Test
  void lines_areHalfUpright_andInOneFolderOnly() {
    List<Pixels> calibrate = pixels("calibrate", 256);
    List<Pixels> test = pixels("test", 1000);
    assertThat(Collections.disjoint(digests(calibrate), digests(test))).isTrue();
  }

  private static List<Pixels> pixels(String part, int size) {
    ImageFolder images =
        (ImageFolder) DataSet.open(EXAMPLES.resolve("text-direction/lines").resolve(part));
    assertThat(images.labels()).containsExactly("0", "180");
    assertThat(images.size()).isEqualTo(size);
    long turned = IntStream.range(0, size).filter(i -> images.label(i).orElseThrow() == 1).count();
    assertThat(turned).isEqualTo(size / 2);
    var all = new ArrayList<Pixels>();
    for (int i = 0; i < size; i++) {
      Pixels image = images.image(i);
      assertThat(image.height()).isBetween(16, 48);
      assertThat(image.width()).isBetween(16, 320);
      all.add(image);
    }
    return all;
  }

  private static Set<List<Integer>> digests(List<Pixels> images) {
    return images.stream()
        .map(
            image -> List.of(image.height(), image.width(), java.util.Arrays.hashCode(image.rgb())))
        .collect(Collectors.toSet());
  }
}
