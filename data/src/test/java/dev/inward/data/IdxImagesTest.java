package dev.inward.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IdxImagesTest {
  private static final byte[] IMAGES = idx(3, new int[] {2, 2, 3}, 12);
  private static final String NAME = "few-images-idx3-ubyte";

  @TempDir Path folder;

  /// Elements are 10, 11, ..
  private static byte[] idx(int axes, int[] extents, int elements) {
    var bytes = ByteBuffer.allocate(4 + 4 * axes + elements);
    bytes.put((byte) 0).put((byte) 0).put((byte) 8).put((byte) axes);
    Arrays.stream(extents).forEach(bytes::putInt);
    for (int i = 0; i < elements; i++) {
      bytes.put((byte) (10 + i));
    }
    return bytes.array();
  }

  private static byte[] labels(int... classes) {
    byte[] bytes = idx(1, new int[] {classes.length}, classes.length);
    for (int i = 0; i < classes.length; i++) {
      bytes[8 + i] = (byte) classes[i];
    }
    return bytes;
  }

  private static byte[] packed(byte[] plain) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(out)) {
      zip.write(plain);
    }
    return out.toByteArray();
  }

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  @Test
  void images_areReadWithTheLabelsBesideThem() throws IOException {
    file("few-labels-idx1-ubyte", labels(4, 0));
    var set = (IdxImages) DataSet.open(file(NAME, IMAGES));
    assertThat(set.size()).isEqualTo(2);
    assertThat(set.labels()).containsExactly("0", "1", "2", "3", "4");
    assertThat(List.of(set.label(0), set.label(1)))
        .containsExactly(OptionalInt.of(4), OptionalInt.of(0));
    Pixels second = set.image(1);
    assertThat(List.of(second.height(), second.width())).containsExactly(2, 3);
    assertThat(second.level(1, 2, 0)).isEqualTo(21);
    assertThat(second.level(0, 0, 2)).isEqualTo(16);
  }

  @Test
  void packedImages_areTheSame() throws IOException {
    var plain = IdxImages.open(file(NAME, IMAGES));
    var packed = IdxImages.open(file(NAME + ".gz", packed(IMAGES)));
    for (int i = 0; i < 2; i++) {
      assertThat(packed.image(i).rgb()).isEqualTo(plain.image(i).rgb());
    }
    assertThat(packed.labels()).isEmpty();
    assertThat(packed.label(0)).isEmpty();
  }

  @Test
  void images_feedAModel() throws IOException {
    var set = DataSet.open(file(NAME, IMAGES));
    var form =
        new Preprocessing.Image(
            2,
            3,
            Preprocessing.Resize.STRETCH,
            Preprocessing.Channels.GRAY,
            Preprocessing.Layout.CHANNELS_FIRST,
            1.0,
            List.of(10.0),
            List.of(2.0));
    var batch = Samples.of(set, form, List.of("x")).batch(0, 2).getFirst();
    assertThat(batch.dims()).containsExactly(2, 1, 2, 3);
    assertThat(((NamedArray.Floats) batch).values())
        .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-5 ? 0 : Float.compare(a, b))
        .containsExactly(0, 0.5f, 1, 1.5f, 2, 2.5f, 3, 3.5f, 4, 4.5f, 5, 5.5f);
  }

  @Test
  void damagedFiles_areRefused() throws IOException {
    refused("text".getBytes(), "is no IDX file: it does not begin with two zero bytes");
    refused(
        idx(1, new int[] {4}, 4),
        "holds elements of type 8 along 1 axes, expected unsigned bytes (8) along 3");
    refused(Arrays.copyOf(IMAGES, 10), "ends before its elements begin or its packing ends");
    refused(Arrays.copyOf(IMAGES, 20), "ends after 4 of 12 elements");
    refused(Arrays.copyOf(IMAGES, 30), "goes on after its 12 elements");
    refused(
        idx(3, new int[] {1 << 20, 1 << 20, 1}, 0),
        "claims extents of [1048576, 1048576, 1], at most 1 GiB is read");
    refused(
        Arrays.copyOf(packed(IMAGES), 25), "ends before its elements begin or its packing ends");
  }

  private void refused(byte[] bytes, String why) throws IOException {
    Path place = file(NAME, bytes);
    assertThatThrownBy(() -> IdxImages.open(place))
        .isInstanceOf(InputException.class)
        .hasMessage(place + ": " + why);
  }

  @Test
  void labelsOfAnotherNumber_areRefused() throws IOException {
    Path labels = file("few-labels-idx1-ubyte", labels(1, 2, 3));
    Path images = file(NAME, IMAGES);
    assertThatThrownBy(() -> IdxImages.open(images))
        .isInstanceOf(InputException.class)
        .hasMessage(labels + ": has 3 labels for the 2 images of " + NAME);
  }

  @Test
  void dataThatIsNotInstalled_isNamedByItsPackage() {
    Path missing = DataSet.DEBIAN.resolve("no-such-set/train-images-idx3-ubyte.gz");
    assertThatThrownBy(() -> DataSet.open(missing))
        .isInstanceOf(InputException.class)
        .hasMessage(missing + ": there is no such file or folder")
        .extracting(e -> ((InputException) e).hint().orElseThrow())
        .isEqualTo("install it: apt install dataset-no-such-set");
  }
}
