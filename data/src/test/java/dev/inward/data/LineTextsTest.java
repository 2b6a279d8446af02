package dev.inward.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LineTextsTest {
  @TempDir private Path folder = Path.of("");

  @BeforeEach
  void images() throws IOException {
    for (String name : List.of("a.png", "b.png")) {
      ImageIO.write(
          new BufferedImage(9, 4, BufferedImage.TYPE_BYTE_GRAY),
          "png",
          folder.resolve(name).toFile());
    }
  }

  private Samples samples(String texts) throws IOException {
    Files.writeString(folder.resolve("texts.txt"), texts);
    var form =
        new Preprocessing.Image(
            4,
            8,
            Preprocessing.Resize.LINE,
            Preprocessing.Channels.GRAY,
            Preprocessing.Layout.CHANNELS_FIRST,
            1,
            List.of(0.0),
            List.of(1.0));
    return Samples.of(DataSet.open(folder), form, List.of("x"));
  }

  @Test
  void textsOfImages_areTheirLabels() throws IOException {
    assertThat(samples("b.png\té 1\na.png\tno\n").labels())
        .containsExactly('n', 'o', -1, 'é', ' ', '1', -1);
  }

  @Test
  void imageWithoutText_isRefused() {
    assertThatThrownBy(() -> samples("a.png\tno\n"))
        .isInstanceOf(InputException.class)
        .hasMessage(folder.resolve("texts.txt") + ": has no line for the image 'b.png'");
    assertThatThrownBy(() -> samples("a.png no\n"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            folder.resolve("texts.txt") + ":1: is no line of an image's name, a tab and its text");
    assertThatThrownBy(() -> samples("a.png\tno\na.png\tyes\n"))
        .isInstanceOf(InputException.class)
        .hasMessage(folder.resolve("texts.txt") + ":2: names 'a.png' a second time");
  }

  @Test
  void steps_areReadGreedily() {
    // a a blank a b blank blank: "aab" of classes 1 and 2.
    int[] best = {1, 1, 0, 1, 2, 0, 0};
    float[] scores = new float[best.length * 3];
    for (int i = 0; i < best.length; i++) {
      scores[i * 3 + best[i]] = 0.9f;
    }
    assertThat(Ctc.read(scores, 0, best.length, 3)).containsExactly(1, 1, 2);
    var rows = Pooling.CTC.rows(new NamedArray.Floats("y", List.of(1, 7, 3), scores), new long[0]);
    assertThat(rows.values()).containsExactly(1, 1, 2, 0, 0, 0, 0);
  }

  @Test
  void distance_countsEdits() {
    int[] kitten = "kitten".codePoints().toArray();
    int[] sitting = "sitting".codePoints().toArray();
    assertThat(Ctc.distance(kitten, sitting)).isEqualTo(3);
    assertThat(Ctc.distance(sitting, kitten)).isEqualTo(3);
    assertThat(Ctc.distance(new int[0], kitten)).isEqualTo(6);
    assertThat(Ctc.distance(kitten, kitten)).isZero();
  }
}
