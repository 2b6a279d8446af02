package dev.inward.data;

import dev.inward.base.InputException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.zip.GZIPInputStream;

/// Grey images in one IDX file, as MNIST and its kin are published, packed by gzip or not. The
/// classes are in a second file beside it, called the same with `labels-idx1` for `images-idx3`;
/// where there is none, the images have no label.
///
/// Source: LeCun, Cortes & Burges, "The MNIST database", section "File formats": two zero bytes,
/// the type of the elements (8: unsigned bytes), the number of axes, each extent as four bytes with
/// the highest first, then the elements with the last axis running fastest.
public final class IdxImages implements DataSet {
  private static final int UNSIGNED_BYTES = 8;
  private static final int MOST_BYTES = 1 << 30;
  private static final String IMAGES = "images-idx3";
  private static final String LABELS = "labels-idx1";

  private final Path place;
  private final Idx images;
  private final byte[] classes;
  private final List<String> names;

  private IdxImages(Path place, Idx images, byte[] classes) {
    this.place = place;
    this.images = images;
    this.classes = classes;
    int most = -1;
    for (byte one : classes) {
      most = Math.max(most, one & 255);
    }
    var all = new ArrayList<String>();
    for (int i = 0; i <= most; i++) {
      all.add(Integer.toString(i));
    }
    this.names = List.copyOf(all);
  }

  /// Whether a file is called like one of these.
  static boolean isNamed(Path file) {
    String name = file.getFileName().toString();
    return name.contains("-idx3-") || name.endsWith(".idx") || name.endsWith(".idx.gz");
  }

  /// Reads the images, and the labels where they lie beside them.
  ///
  /// @throws InputException where a file is damaged, holds something else, or labels and images
  ///   differ in number
  public static IdxImages open(Path place) {
    Idx images = Idx.read(place, 3);
    Path beside = place.resolveSibling(place.getFileName().toString().replace(IMAGES, LABELS));
    if (beside.equals(place) || !Files.exists(beside)) {
      return new IdxImages(place, images, new byte[0]);
    }
    Idx labels = Idx.read(beside, 1);
    if (labels.extents[0] != images.extents[0]) {
      throw InputException.at(
          beside.toString(),
          "has %d labels for the %d images of %s",
          labels.extents[0],
          images.extents[0],
          place.getFileName());
    }
    return new IdxImages(place, images, labels.elements);
  }

  /// The image of a sample, its one channel three times.
  public Pixels image(int index) {
    int size = images.extents[1] * images.extents[2];
    byte[] rgb = new byte[3 * size];
    for (int i = 0; i < size; i++) {
      Arrays.fill(rgb, 3 * i, 3 * i + 3, images.elements[index * size + i]);
    }
    return new Pixels(images.extents[1], images.extents[2], rgb);
  }

  @Override
  public Path place() {
    return place;
  }

  @Override
  public int size() {
    return images.extents[0];
  }

  @Override
  public List<String> labels() {
    return names;
  }

  @Override
  public OptionalInt label(int index) {
    return classes.length == 0 ? OptionalInt.empty() : OptionalInt.of(classes[index] & 255);
  }

  /// The contents of one file.
  private record Idx(int[] extents, byte[] elements) {
    static Idx read(Path file, int axes) {
      byte[] stored = Reading.bytes(file, MOST_BYTES);
      boolean packed = stored.length > 1 && (stored[0] & 255) == 0x1f && (stored[1] & 255) == 0x8b;
      try (InputStream plain = new ByteArrayInputStream(stored);
          InputStream in = packed ? new GZIPInputStream(plain, 1 << 16) : plain) {
        return read(in, axes, file.toString());
      } catch (EOFException e) {
        throw damaged(file.toString());
      } catch (IOException e) {
        throw InputException.at(
            file.toString(), "cannot be unpacked: %s", String.valueOf(e.getMessage()));
      }
    }

    private static Idx read(InputStream in, int axes, String where) throws IOException {
      byte[] head = in.readNBytes(4 + 4 * axes);
      if (head.length < 4 || head[0] != 0 || head[1] != 0) {
        throw InputException.at(where, "is no IDX file: it does not begin with two zero bytes");
      }
      if (head[2] != UNSIGNED_BYTES || head[3] != axes) {
        throw InputException.at(
            where,
            "holds elements of type %d along %d axes, expected unsigned bytes (8) along %d",
            head[2],
            head[3],
            axes);
      }
      if (head.length < 4 + 4 * axes) {
        throw damaged(where);
      }
      int[] extents = new int[axes];
      ByteBuffer.wrap(head, 4, 4 * axes).asIntBuffer().get(extents);
      long count = 1;
      for (int extent : extents) {
        if (extent < 1 || count > MOST_BYTES / extent) {
          throw InputException.at(
              where, "claims extents of %s, at most 1 GiB is read", Arrays.toString(extents));
        }
        count *= extent;
      }
      byte[] elements = in.readNBytes((int) count);
      if (elements.length < count) {
        throw InputException.at(where, "ends after %d of %d elements", elements.length, count);
      }
      if (in.read() >= 0) {
        throw InputException.at(where, "goes on after its %d elements", count);
      }
      return new Idx(extents, elements);
    }

    private static InputException damaged(String where) {
      return InputException.at(where, "ends before its elements begin or its packing ends");
    }
  }
}
