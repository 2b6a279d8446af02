package dev.inward.data;

import java.util.concurrent.atomic.AtomicReference;

/// What a model gave for each sample of a data set: an embedding, or a score for each class.
///
/// Shapes: `values[sample * width + k]`. The array is the caller's no more once it is handed over.
public final class Rows {
  private final int count;
  private final int width;
  private final float[] values;
  private final AtomicReference<Neighbours> neighbours = new AtomicReference<>();

  public Rows(int count, int width, float[] values) {
    if (count < 1 || width < 1 || values.length != (long) count * width) {
      throw new IllegalArgumentException(
          "%d rows of %d hold %d values, got %d"
              .formatted(count, width, (long) count * width, values.length));
    }
    this.count = count;
    this.width = width;
    this.values = values;
  }

  public int count() {
    return count;
  }

  public int width() {
    return width;
  }

  public float at(int row, int column) {
    return values[row * width + column];
  }

  float[] values() {
    return values;
  }

  /// The place of the largest value of a row, the first of equals; -1 where a value is NaN.
  public int largest(int row) {
    int best = 0;
    for (int k = 0; k < width; k++) {
      if (Float.isNaN(at(row, k))) {
        return -1;
      }
      if (at(row, k) > at(row, best)) {
        best = k;
      }
    }
    return best;
  }

  /// The ten nearest of each row, found on the first call and kept.
  Neighbours neighbours() {
    Neighbours found = neighbours.get();
    if (found == null) {
      found = Neighbours.of(this);
      neighbours.set(found);
    }
    return found;
  }
}
