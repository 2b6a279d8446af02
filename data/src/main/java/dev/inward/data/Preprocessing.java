package dev.inward.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// How a sample becomes what a model takes, as the budget file states it.
public sealed interface Preprocessing {
  /// Arrays go in as they are.
  record None() implements Preprocessing {}

  /// A text becomes `input_ids`, `attention_mask` and `token_type_ids`, each `[samples, length]`.
  ///
  /// @param tokenizer a `tokenizer.json` or `vocab.txt`; see [WordPiece#read]
  /// @param length the most pieces of a text, those of the template counted; what is longer is cut
  record Text(Path tokenizer, int length, Padding padding) implements Preprocessing {
    public Text {
      if (length < 2 || length > 1_000_000) {
        throw new IllegalArgumentException(
            "a text has 2 to 1,000,000 pieces at most, got " + length);
      }
    }
  }

  /// To what texts of a batch are padded.
  enum Padding {
    /// The longest of the batch.
    LONGEST,
    /// Always `length`, as a model of fixed shape wants it.
    FIXED;

    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// An image becomes one array of floats: resized, then `(level * scale - mean) / std` for each
  /// channel, levels 0 to 255.
  ///
  /// @param mean one for each channel, in the model's order of channels
  /// @param std as `mean`; none is zero
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
      if (height < 1 || width < 1 || (long) height * width > 16_000_000) {
        throw new IllegalArgumentException(
            "an input image has 1 to 16,000,000 pixels, got " + height + " x " + width);
      }
      if (mean.size() != channels.count() || std.size() != channels.count()) {
        throw new IllegalArgumentException(
            "%s has %d channels, but %d means and %d deviations are given"
                .formatted(channels.key(), channels.count(), mean.size(), std.size()));
      }
      if (std.contains(0.0)) {
        throw new IllegalArgumentException("a deviation is zero: " + std);
      }
    }
  }

  /// How an image of another shape is brought to the input's. All are bilinear, with pixels'
  /// centres at halves and no smoothing ahead of it, as OpenCV's `INTER_LINEAR`.
  enum Resize {
    /// Each side by its own factor.
    STRETCH,
    /// In proportion until the input is covered, then the middle.
    CROP,
    /// In proportion until the image fits, at the top left; the rest is black.
    PAD,
    /// To the input's height, the width in proportion but not over the input's; the rest on the
    /// right is zero after normalising. PaddleOCR prepares lines of text so.
    LINE;

    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// What a model wants as channels, in order. Grey is `0.299 R + 0.587 G + 0.114 B` (ITU-R
  /// BT.601).
  enum Channels {
    RGB,
    BGR,
    GRAY;

    public int count() {
      return this == GRAY ? 1 : 3;
    }

    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Which axis holds the channels: `[n, c, h, w]` or `[n, h, w, c]`.
  enum Layout {
    CHANNELS_FIRST,
    CHANNELS_LAST;

    public String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
