package dev.inward.data;

import java.util.List;

/// Brings pixels into the form that a [Preprocessing.Image] states.
record ImageInput(Preprocessing.Image form) {
  /// A batch: `[n, channels, height, width]` or `[n, height, width, channels]`.
  NamedArray.Floats batch(String name, List<Pixels> images) {
    int channels = form.channels().count();
    int size = channels * form.height() * form.width();
    float[] values = new float[Math.toIntExact((long) images.size() * size)];
    for (int i = 0; i < images.size(); i++) {
      place(images.get(i), values, i * size);
    }
    var dims =
        switch (form.layout()) {
          case CHANNELS_FIRST -> List.of(images.size(), channels, form.height(), form.width());
          case CHANNELS_LAST -> List.of(images.size(), form.height(), form.width(), channels);
        };
    return new NamedArray.Floats(name, dims, values);
  }

  private void place(Pixels image, float[] values, int base) {
    View view = view(image);
    var rows = new Axis(view.height, view.fromY, view.stepY, image.height());
    var columns = new Axis(view.width, view.fromX, view.stepX, image.width());
    for (int c = 0; c < form.channels().count(); c++) {
      double mean = form.mean().get(c);
      double std = form.std().get(c);
      float rest = form.resize() == Preprocessing.Resize.PAD ? (float) (-mean / std) : 0;
      for (int y = 0; y < form.height(); y++) {
        for (int x = 0; x < form.width(); x++) {
          values[base + at(c, y, x)] =
              y < view.height && x < view.width
                  ? (float) ((sample(image, rows, y, columns, x, c) * form.scale() - mean) / std)
                  : rest;
        }
      }
    }
  }

  private int at(int channel, int y, int x) {
    return switch (form.layout()) {
      case CHANNELS_FIRST -> (channel * form.height() + y) * form.width() + x;
      case CHANNELS_LAST -> (y * form.width() + x) * form.channels().count() + channel;
    };
  }

  /// The part of the input that shows the image, and from where in the image, by what step.
  private record View(
      int height, int width, double fromY, double fromX, double stepY, double stepX) {}

  private View view(Pixels image) {
    int height = form.height();
    int width = form.width();
    double tall = image.height() / (double) height;
    double wide = image.width() / (double) width;
    return switch (form.resize()) {
      case STRETCH -> new View(height, width, 0, 0, tall, wide);
      case CROP -> {
        double step = Math.min(tall, wide);
        yield new View(
            height,
            width,
            (image.height() - step * height) / 2,
            (image.width() - step * width) / 2,
            step,
            step);
      }
      case PAD -> {
        double step = Math.max(tall, wide);
        int shownHeight = (int) Math.clamp(Math.round(image.height() / step), 1, height);
        int shownWidth = (int) Math.clamp(Math.round(image.width() / step), 1, width);
        yield new View(
            shownHeight,
            shownWidth,
            0,
            0,
            image.height() / (double) shownHeight,
            image.width() / (double) shownWidth);
      }
      case LINE -> {
        double proportional = Math.ceil(height * (image.width() / (double) image.height()));
        int shown = (int) Math.min(width, proportional);
        yield new View(height, shown, 0, 0, tall, image.width() / (double) shown);
      }
    };
  }

  private double sample(Pixels image, Axis rows, int y, Axis columns, int x, int channel) {
    double top = between(image, rows.low[y], columns, x, channel);
    double bottom = between(image, rows.high[y], columns, x, channel);
    return top + (bottom - top) * rows.share[y];
  }

  private double between(Pixels image, int y, Axis columns, int x, int channel) {
    double left = level(image, y, columns.low[x], channel);
    double right = level(image, y, columns.high[x], channel);
    return left + (right - left) * columns.share[x];
  }

  private double level(Pixels image, int y, int x, int channel) {
    return switch (form.channels()) {
      case RGB -> image.level(y, x, channel);
      case BGR -> image.level(y, x, 2 - channel);
      case GRAY ->
          0.299 * image.level(y, x, 0)
              + 0.587 * image.level(y, x, 1)
              + 0.114 * image.level(y, x, 2);
    };
  }

  /// For each place of the result, the two places of the image that it lies between, and how far
  /// towards the second.
  private static final class Axis {
    private final int[] low;
    private final int[] high;
    private final double[] share;

    private Axis(int size, double from, double step, int extent) {
      low = new int[size];
      high = new int[size];
      share = new double[size];
      for (int i = 0; i < size; i++) {
        double at = Math.clamp(from + (i + 0.5) * step - 0.5, 0, extent - 1);
        low[i] = (int) at;
        high[i] = Math.min(low[i] + 1, extent - 1);
        share[i] = at - low[i];
      }
    }
  }
}
