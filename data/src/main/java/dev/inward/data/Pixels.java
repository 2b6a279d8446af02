package dev.inward.data;

import dev.inward.base.InputException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;

/// A decoded image, 8 bits a channel. A channel for transparency is left out, as OpenCV and
/// Pillow's `convert("RGB")` do.
///
/// Shapes: `rgb[3 * (y * width + x) + channel]`.
public record Pixels(int height, int width, byte[] rgb) {
  private static final long MOST_PIXELS = 64_000_000;

  /// DEFLATE gives at most 1,032 bytes for one, and a pixel takes at least a bit.
  private static final long MOST_PIXELS_A_BYTE = 1_032 * 8;

  public Pixels {
    if (height < 1 || width < 1 || rgb.length != 3L * height * width) {
      throw new IllegalArgumentException(
          "%d x %d pixels take %d bytes, got %d"
              .formatted(height, width, 3L * height * width, rgb.length));
    }
  }

  /// The level of a channel, 0 to 255.
  int level(int y, int x, int channel) {
    return rgb[3 * (y * width + x) + channel] & 255;
  }

  static Pixels read(Path path) {
    Reading.checkFile(path);
    try (ImageInputStream in = new FileImageInputStream(path.toFile())) {
      var readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw InputException.at(path.toString(), "is no PNG or JPEG image");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        check(path, reader.getWidth(0), reader.getHeight(0));
        return of(reader.read(0));
      } finally {
        reader.dispose();
      }
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      // The JDK's decoders let some damage through as unchecked exceptions.
      throw InputException.at(
          path.toString(), "is a damaged image: %s", String.valueOf(e.getMessage()));
    }
  }

  private static void check(Path path, int width, int height) throws IOException {
    long pixels = (long) width * height;
    long most = Math.min(MOST_PIXELS, Files.size(path) * MOST_PIXELS_A_BYTE);
    if (pixels > most) {
      throw InputException.at(
          path.toString(),
          "claims %d x %d pixels; a file of %d bytes can hold, and we take, at most %d",
          width,
          height,
          Files.size(path),
          most);
    }
  }

  static Pixels of(BufferedImage image) {
    int height = image.getHeight();
    int width = image.getWidth();
    byte[] rgb = new byte[3 * height * width];
    boolean grey =
        image.getRaster().getNumBands() <= 2 && !(image.getColorModel() instanceof IndexColorModel);
    for (int y = 0; y < height; y++) {
      if (grey) {
        greyRow(image.getRaster(), y, rgb);
      } else {
        int[] row = image.getRGB(0, y, width, 1, null, 0, width);
        for (int x = 0; x < width; x++) {
          int at = 3 * (y * width + x);
          rgb[at] = (byte) (row[x] >> 16);
          rgb[at + 1] = (byte) (row[x] >> 8);
          rgb[at + 2] = (byte) row[x];
        }
      }
    }
    return new Pixels(height, width, rgb);
  }

  /// Grey levels are taken as stored: the JDK's own conversion treats them as linear light and
  /// brightens them.
  private static void greyRow(Raster raster, int y, byte[] rgb) {
    int bits = raster.getSampleModel().getSampleSize(0);
    int width = raster.getWidth();
    int[] levels = raster.getSamples(0, y, width, 1, 0, (int[]) null);
    for (int x = 0; x < width; x++) {
      int level = bits >= 8 ? levels[x] >> (bits - 8) : levels[x] * 255 / ((1 << bits) - 1);
      int at = 3 * (y * width + x);
      rgb[at] = (byte) level;
      rgb[at + 1] = (byte) level;
      rgb[at + 2] = (byte) level;
    }
  }
}
