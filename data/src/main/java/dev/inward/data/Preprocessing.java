package dev.inward.data;

import java.nio.file.Path;
import java.util.List;

/// How a sample becomes what a model takes, as the budget file states it.
public sealed interface Preprocessing {
  /// Arrays go in as they are.
  record None() implements Preprocessing {}

  /// A text becomes `input_ids`, `attention_mask` and `token_type_ids`, each `[samples, length]`.
  ///
  /// @param tokenizer a `tokenizer.json` or `vocab.txt`; see [WordPiece#read]
  /// @param maxLength the most pieces of a text, those of the template counted
  /// @param length to what a batch is padded
  record Text(Path tokenizer, int maxLength, Length length) implements Preprocessing {
    public Text {
      if (maxLength < 2 || maxLength > 100_000) {
        throw new IllegalArgumentException(
            "a text has 2 to 100,000 pieces at most, got " + maxLength);
      }
    }
  }

  /// To what texts of a batch are padded.
  enum Length {
    /// The longest of the batch.
    LONGEST,
    /// Always `maxLength`, as a model of fixed shape wants it.
    FIXED
  }

  /// An image becomes one array of floats: resized, then `(level * scale - mean) / std` a channel.
  ///
  /// @param input the name of the model's input
  /// @param mean one for each channel, in the model's order of channels
  /// @param std as `mean`; none is zero
  record Image(
      String input,
      int height,
      int width,
      Fit fit,
      Channels channels,
      Layout layout,
      float scale,
      List<Float> mean,
      List<Float> std)
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
                .formatted(channels, channels.count(), mean.size(), std.size()));
      }
      if (std.contains(0f)) {
        throw new IllegalArgumentException("a deviation is zero: " + std);
      }
    }
  }

  /// How an image of another shape is brought to the input's. All are bilinear, with pixels'
  /// centres at halves and no smoothing ahead of it, as OpenCV's `INTER_LINEAR`.
  enum Fit {
    /// Height and width each by its own factor.
    STRETCH,
    /// To the input's height, the width in proportion but not over the input's; the rest on the
    /// right is zero after normalising. PaddleOCR prepares lines of text so.
    PAD_RIGHT,
    /// In proportion until the input is covered, then the middle.
    CENTRE_CROP
  }

  /// What a model wants as channels. Grey is `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601).
  enum Channels {
    RGB,
    BGR,
    GREY;

    int count() {
      return this == GREY ? 1 : 3;
    }
  }

  /// The order of an image input's axes: samples, channels, height, width.
  enum Layout {
    NCHW,
    NHWC
  }
}
