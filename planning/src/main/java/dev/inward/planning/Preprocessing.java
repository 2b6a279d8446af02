package dev.inward.planning;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// How a file of the `data` line becomes the model's input. Arrays (`.npy`) need none.
public sealed interface Preprocessing {
  /// Lines of text.
  ///
  /// @param tokenizer a vocabulary (`vocab.txt`) or `tokenizer.json`
  /// @param length the most tokens of a line; what is longer is cut
  record Text(Path tokenizer, int length) implements Preprocessing {}

  /// Pictures: resized, then `(pixel * scale - mean) / std` for each channel, pixels 0 to 255.
  ///
  /// @param mean one number for each channel
  /// @param std one number for each channel, none of them 0
  record Image(
      int height,
      int width,
      Resize resize,
      Channels channels,
      Layout layout,
      double scale,
      List<Double> mean,
      List<Double> std)
      implements Preprocessing {
    public Image {
      mean = List.copyOf(mean);
      std = List.copyOf(std);
    }
  }

  /// How a picture of another shape is brought to size.
  enum Resize {
    /// Each side by itself.
    STRETCH,
    /// So that it covers, then cut from the middle.
    CROP,
    /// So that it fits, then filled with black at the right and below.
    PAD;

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The colours and their order.
  enum Channels {
    RGB(3),
    BGR(3),
    GRAY(1);

    private final int count;

    Channels(int count) {
      this.count = count;
    }

    /// How many there are.
    public int count() {
      return count;
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Which axis holds the channels: `[n, c, h, w]` or `[n, h, w, c]`.
  enum Layout {
    CHANNELS_FIRST,
    CHANNELS_LAST;

    String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
