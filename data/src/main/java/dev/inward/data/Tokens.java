package dev.inward.data;

/// A text as a transformer takes it.
///
/// Shapes: the three arrays have the same length.
///
/// @param ids the pieces' places in the vocabulary
/// @param mask 1 where there is a piece, 0 where there is padding
/// @param types 0 for the first text, 1 for the second
public record Tokens(long[] ids, long[] mask, long[] types) {
  public Tokens {
    if (ids.length != mask.length || ids.length != types.length) {
      throw new IllegalArgumentException(
          "ids, mask and types differ in length: %d, %d, %d"
              .formatted(ids.length, mask.length, types.length));
    }
  }

  public int length() {
    return ids.length;
  }
}
