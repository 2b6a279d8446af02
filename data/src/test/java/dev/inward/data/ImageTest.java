package dev.inward.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.InputException;
import dev.inward.data.Preprocessing.Channels;
import dev.inward.data.Preprocessing.Layout;
import dev.inward.data.Preprocessing.Resize;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageTest {
  @TempDir Path folder;

  private static Preprocessing.Image form(
      int height, int width, Resize resize, Channels channels, Layout layout) {
    return new Preprocessing.Image(
        height,
        width,
        resize,
        channels,
        layout,
        1,
        Collections.nCopies(channels.count(), 0.0),
        Collections.nCopies(channels.count(), 1.0));
  }

  private static float[] of(Preprocessing.Image form, Pixels image) {
    return new ImageInput(form).batch("x", List.of(image)).values();
  }

  /// One channel's levels, the same in all three.
  private static Pixels grey(int height, int width, int... levels) {
    byte[] rgb = new byte[3 * levels.length];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) levels[i / 3];
    }
    return new Pixels(height, width, rgb);
  }

  @Test
  void channelsAndLayout_areAsStated() {
    var image = new Pixels(1, 2, new byte[] {10, 20, 30, 40, 50, 60});
    assertThat(of(form(1, 2, Resize.STRETCH, Channels.RGB, Layout.CHANNELS_FIRST), image))
        .containsExactly(10, 40, 20, 50, 30, 60);
    assertThat(of(form(1, 2, Resize.STRETCH, Channels.BGR, Layout.CHANNELS_FIRST), image))
        .containsExactly(30, 60, 20, 50, 10, 40);
    assertThat(of(form(1, 2, Resize.STRETCH, Channels.BGR, Layout.CHANNELS_LAST), image))
        .containsExactly(30, 20, 10, 60, 50, 40);
    float[] gray = of(form(1, 2, Resize.STRETCH, Channels.GRAY, Layout.CHANNELS_FIRST), image);
    // 0.299 * 10 + 0.587 * 20 + 0.114 * 30 = 18.15
    assertThat(gray[0]).isCloseTo(18.15f, within(1e-5f));
  }

  @Test
  void stretching_isBilinearBetweenCentres() {
    // Centres of four pixels from two: at -0.25, 0.25, 0.75, 1.25 of the image, ends held.
    assertThat(
            of(
                form(1, 4, Resize.STRETCH, Channels.GRAY, Layout.CHANNELS_FIRST),
                grey(1, 2, 0, 100)))
        .usingComparatorWithPrecision(1e-4f)
        .containsExactly(0, 25, 75, 100);
    assertThat(
            of(
                form(2, 1, Resize.STRETCH, Channels.GRAY, Layout.CHANNELS_FIRST),
                grey(4, 1, 0, 10, 20, 30)))
        .usingComparatorWithPrecision(1e-4f)
        .containsExactly(5, 25);
  }

  @Test
  void cropping_takesTheMiddle() {
    assertThat(
            of(
                form(1, 2, Resize.CROP, Channels.GRAY, Layout.CHANNELS_FIRST),
                grey(1, 4, 10, 20, 30, 40)))
        .usingComparatorWithPrecision(1e-4f)
        .containsExactly(20, 30);
  }

  @Test
  void padding_isBlack_andALinesRestIsZeroAfterNormalising() {
    Pixels image = grey(1, 2, 200, 200);
    var pad =
        new Preprocessing.Image(
            2,
            2,
            Resize.PAD,
            Channels.GRAY,
            Layout.CHANNELS_FIRST,
            0.01,
            List.of(0.5),
            List.of(0.5));
    // (200 * 0.01 - 0.5) / 0.5 = 3; black is -1.
    assertThat(of(pad, image)).usingComparatorWithPrecision(1e-6f).containsExactly(3, 3, -1, -1);
    var line =
        new Preprocessing.Image(
            1,
            4,
            Resize.LINE,
            Channels.GRAY,
            Layout.CHANNELS_FIRST,
            0.01,
            List.of(0.5),
            List.of(0.5));
    assertThat(of(line, image)).usingComparatorWithPrecision(1e-6f).containsExactly(3, 3, 0, 0);
  }

  @Test
  void lineWiderThanTheInput_isSqueezed_andAPartialPixelCounts() {
    var form = form(2, 4, Resize.LINE, Channels.GRAY, Layout.CHANNELS_FIRST);
    int[] wide = new int[16];
    Arrays.fill(wide, 7);
    assertThat(of(form, grey(1, 16, wide))).containsOnly(7);
    // 2 * 3 / 4 = 1.5 columns, so two are filled.
    assertThat(of(form, grey(4, 3, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7)))
        .containsExactly(7, 7, 0, 0, 7, 7, 0, 0);
  }

  @Test
  void meanOfAnotherNumberOfChannels_isABug() {
    assertThatThrownBy(() ->
            new Preprocessing.Image(
                1,
                1,
                Resize.PAD,
                Channels.RGB,
                Layout.CHANNELS_LAST,
                1,
                List.of(0.0),
                List.of(1.0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rgb has 3 channels, but 1 means and 1 deviations are given");
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_BYTE_GRAY,
        BufferedImage.TYPE_USHORT_GRAY,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_BYTE_INDEXED
      })
  void levels_areThoseOfThePng(int type) throws IOException {
    var image = new BufferedImage(2, 1, type);
    boolean colour = image.getColorModel().getNumColorComponents() == 3;
    if (colour) {
      image.setRGB(0, 0, 0xFF336699);
      image.setRGB(1, 0, 0x00FFCC00);
    } else {
      int high = type == BufferedImage.TYPE_USHORT_GRAY ? 257 : 1;
      image.getRaster().setSample(0, 0, 0, 51 * high);
      image.getRaster().setSample(1, 0, 0, 200 * high);
    }
    Path file = folder.resolve("a.png");
    ImageIO.write(image, "png", file.toFile());
    byte[] rgb = Pixels.read(file).rgb();
    if (!colour) {
      assertThat(rgb).containsExactly(51, 51, 51, 200, 200, 200);
    } else if (type == BufferedImage.TYPE_BYTE_INDEXED) {
      assertThat(Arrays.copyOf(rgb, 3)).containsExactly(0x33, 0x66, 0x99);
    } else {
      // Transparency is left out, not blended in.
      assertThat(rgb).containsExactly(0x33, 0x66, 0x99, 0xFF, 0xCC, 0x00);
    }
  }

  @Test
  void jpeg_isRead() throws IOException {
    var image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 256; i++) {
      image.setRGB(i % 16, i / 16, 0x4080C0);
    }
    Path file = folder.resolve("a.jpg");
    ImageIO.write(image, "jpg", file.toFile());
    Pixels pixels = Pixels.read(file);
    assertThat(pixels.level(8, 8, 0)).isCloseTo(0x40, within(3));
    assertThat(pixels.level(8, 8, 2)).isCloseTo(0xC0, within(3));
  }

  @Test
  void headerThatClaimsAGigant_isRefusedBeforeAllocating() throws IOException {
    var png = new ByteArrayOutputStream();
    png.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
    chunk(png, "IHDR", ByteBuffer.allocate(13).putInt(60_000).putInt(60_000).put((byte) 8).array());
    chunk(png, "IDAT", new byte[10]);
    chunk(png, "IEND", new byte[0]);
    Path file = Files.write(folder.resolve("a.png"), png.toByteArray());
    assertThatThrownBy(() -> Pixels.read(file))
        .isInstanceOf(InputException.class)
        .hasMessage(
            file
                + ": claims 60000 x 60000 pixels; a file of 67 bytes can hold, and we take, at most"
                + " 553152");
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
    var whole =
        ByteBuffer.allocate(4 + data.length)
            .put(type.getBytes(StandardCharsets.US_ASCII))
            .put(data);
    var crc = new CRC32();
    crc.update(whole.array());
    out.writeBytes(
        ByteBuffer.allocate(12 + data.length)
            .putInt(data.length)
            .put(whole.array())
            .putInt((int) crc.getValue())
            .array());
  }

  @Test
  void everyCutOfAPng_isRefusedOrReadWhole() throws IOException {
    var image = new BufferedImage(9, 5, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 45; i++) {
      image.setRGB(i % 9, i / 9, i * 123_457);
    }
    var out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    byte[] whole = out.toByteArray();
    byte[] read = Pixels.read(Files.write(folder.resolve("w.png"), whole)).rgb();
    int refused = 0;
    for (int length = 0; length < whole.length; length++) {
      Path file = Files.write(folder.resolve("cut.png"), Arrays.copyOf(whole, length));
      try {
        assertThat(Pixels.read(file).rgb()).isEqualTo(read);
      } catch (InputException e) {
        assertThat(e).hasMessageStartingWith(file.toString());
        refused++;
      }
    }
    // The last chunk carries no pixels; all cuts before it lose some.
    assertThat(refused).isGreaterThan(whole.length - 30);
  }

  @Test
  void folder_givesLabelsInOrder_andRefusesAMixture() throws IOException {
    for (String name :
        List.of("180/b.png", "180/a.JPG", "0/z.jpeg", "0/.hidden.png", "0/note.txt")) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.write(file, new byte[] {1});
    }
    ImageFolder images = ImageFolder.open(folder);
    assertThat(images.labels()).containsExactly("0", "180");
    assertThat(images.size()).isEqualTo(3);
    assertThat(images.label(0)).hasValue(0);
    assertThat(images.label(1)).hasValue(1);
    assertThatThrownBy(() -> images.image(1))
        .isInstanceOf(InputException.class)
        .hasMessage(folder.resolve("180/a.JPG") + ": is no PNG or JPEG image");

    Path loose = Files.write(folder.resolve("loose.png"), new byte[] {1});
    assertThatThrownBy(() -> ImageFolder.open(folder))
        .hasMessage(loose + ": lies beside the folders of the labels, not in one");
    Path empty = Files.createDirectory(folder.resolve("0/empty"));
    assertThatThrownBy(() -> ImageFolder.open(empty))
        .hasMessage(empty + ": holds no PNG or JPEG image");
  }
}
