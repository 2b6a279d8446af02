package dev.inward.planning.precedent;

import java.util.Locale;

/// What a model is made of, as far as it decides how well it bears fewer bits.
///
/// The three numbers say how much of each trait it has, from 0 to 1: convolutions of one channel
/// each, gates (squeeze-and-excite, swish), attention.
public enum Kind {
  /// Convolutions over all channels.
  CONVOLUTION(0, 0, 0),
  /// Convolutions in a few groups of channels.
  GROUPED(0.3, 0, 0),
  DEPTHWISE(1, 0, 0),
  /// Depthwise convolutions with gates.
  GATED(1, 1, 0),
  /// Convolutions and attention.
  HYBRID(1, 1, 1),
  /// Attention over patches or frames.
  TRANSFORMER(0, 0, 1),
  /// Attention over the tokens of a text.
  TEXT(0, 0, 1);

  final double depthwise;
  final double gated;
  final double attention;

  Kind(double depthwise, double gated, double attention) {
    this.depthwise = depthwise;
    this.gated = gated;
    this.attention = attention;
  }

  static Kind named(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /// In a sentence: `a net with depthwise convolutions`.
  public String text() {
    return switch (this) {
      case CONVOLUTION -> "a net of convolutions";
      case GROUPED -> "a net of grouped convolutions";
      case DEPTHWISE -> "a net with depthwise convolutions";
      case GATED -> "a net with depthwise convolutions and gates";
      case HYBRID -> "a net of convolutions and attention";
      case TRANSFORMER -> "a transformer";
      case TEXT -> "a transformer of text";
    };
  }
}
