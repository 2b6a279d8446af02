package dev.inward.data;

import java.util.List;

/// Brings pixels into the form that a [Preprocessing.Image] states.
record ImageInput(Preprocessing.Image form) {
  /// A batch: `[n, channels, height, width]` or `[n, height, width, channels]`.
  NamedArray.Floats batch(List<Pixels> images) {
    int channels = form.channels().count();
    int plane = form.height() * form.width();
    float[] values = new float[Math.toIntExact((long) images.size() * channels * plane)];
    for (int i = 0; i < images.size(); i++) {
      place(images.get(i), values, i * channels * plane);
    }
    var dims =
        switch (form.layout()) {
          case NCHW -> List.of(images.size(), channels, form.height(), form.width());
          case NHWC -> List.of(images.size(), form.height(), form.width(), channels);
        };
    return new NamedArray.Floats(form.input(), dims, values);
  }

  private void place(Pixels image, float[] values, int base) {
    int height = form.height();
    int width = form.width();
    double shown = width;
    double stepY = image.height() / (double) height;
    double stepX = image.width() / (double) width;
    double fromX = 0;
    double fromY = 0;
    switch (form.fit()) {
      case STRETCH -> {}
      case PAD_RIGHT -> {
        shown = Math.min(width, Math.ceil(height * (image.width() / (double) image.height())));
        stepX = image.width() / shown;
      }
      case CENTRE_CROP -> {
        stepY = Math.min(stepY, stepX);
        stepX = stepY;
        fromY = (image.height() - stepY * height) / 2;
        fromX = (image.width() - stepX * width) / 2;
      }
    }
    var rows = new Axis(height, fromY, stepY, image.height());
    var columns = new Axis((int) shown, fromX, stepX, image.width());
    int channels = form.channels().count();
    boolean planes = form.layout() == Preprocessing.Layout.NCHW;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < (int) shown; x++) {
        for (int c = 0; c < channels; c++) {
          float level = sample(image, rows, y, columns, x, c);
          int at = planes ? (c * height + y) * width + x : (y * width + x) * channels + c;
          values[base + at] = (level * form.scale() - form.mean().get(c)) / form.std().get(c);
        }
      }
    }
  }

  private float sample(Pixels image, Axis rows, int y, Axis columns, int x, int channel) {
    float top = mix(image, rows.low[y], columns, x, channel);
    float bottom = mix(image, rows.high[y], columns, x, channel);
    return top + (bottom - top) * rows.share[y];
  }

  private float mix(Pixels image, int y, Axis columns, int x, int channel) {
    float left = level(image, y, columns.low[x], channel);
    float right = level(image, y, columns.high[x], channel);
    return left + (right - left) * columns.share[x];
  }

  private float level(Pixels image, int y, int x, int channel) {
    return switch (form.channels()) {
      case RGB -> image.level(y, x, channel);
      case BGR -> image.level(y, x, 2 - channel);
      case GREY ->
          0.299f * image.level(y, x, 0)
              + 0.587f * image.level(y, x, 1)
              + 0.114f * image.level(y, x, 2);
    };
  }

  /// For each place of the result, the two places of the image that it lies between, and how far
  /// towards the second.
  private static final class Axis {
    private final int[] low;
    private final int[] high;
    private final float[] share;

    private Axis(int size, double from, double step, int extent) {
      low = new int[size];
      high = new int[size];
      share = new float[size];
      for (int i = 0; i < size; i++) {
        double at = Math.clamp(from + (i + 0.5) * step - 0.5, 0, extent - 1);
        low[i] = (int) at;
        high[i] = Math.min(low[i] + 1, extent - 1);
        share[i] = (float) (at - low[i]);
      }
    }
  }
}
