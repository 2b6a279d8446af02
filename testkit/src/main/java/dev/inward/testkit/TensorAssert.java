package dev.inward.testkit;

import dev.inward.graph.Tensor;
import org.assertj.core.api.AbstractAssert;

/// Compares tensors element by element.
public final class TensorAssert extends AbstractAssert<TensorAssert, Tensor> {
  private TensorAssert(Tensor actual) {
    super(actual, TensorAssert.class);
  }

  public static TensorAssert assertTensor(Tensor actual) {
    return new TensorAssert(actual);
  }

  /// Every element is within `absolute + relative * |expected|`; types and shapes are equal, and
  /// what is not a number or infinite is so in both.
  public TensorAssert isClose(Tensor expected, double absolute, double relative) {
    isNotNull();
    if (!actual.type().equals(expected.type())) {
      failWithMessage("expected %s, got %s", expected.type(), actual.type());
    }
    float[] found = actual.floats();
    float[] wanted = expected.floats();
    for (int i = 0; i < found.length; i++) {
      double limit = absolute + relative * Math.abs((double) wanted[i]);
      double error = Math.abs((double) found[i] - wanted[i]);
      if (Float.compare(found[i], wanted[i]) != 0 && !(error <= limit)) {
        failWithMessage(
            "element %d of %s is %s, expected %s within %s",
            i, actual.type(), found[i], wanted[i], limit);
      }
    }
    return this;
  }

  /// The distance to what is expected, relative to its size, is at most this: the square root of
  /// the sum of squared differences over that of the squared elements.
  public TensorAssert isNear(Tensor expected, double distance) {
    isNotNull();
    if (!actual.type().equals(expected.type())) {
      failWithMessage("expected %s, got %s", expected.type(), actual.type());
    }
    double error = 0;
    double size = 0;
    float[] found = actual.floats();
    float[] wanted = expected.floats();
    for (int i = 0; i < found.length; i++) {
      error += Math.pow((double) found[i] - wanted[i], 2);
      size += Math.pow(wanted[i], 2);
    }
    double ratio = error == 0 ? 0 : Math.sqrt(error / size);
    if (!(ratio <= distance)) {
      failWithMessage("relative distance %s, expected at most %s", ratio, distance);
    }
    return this;
  }
}
