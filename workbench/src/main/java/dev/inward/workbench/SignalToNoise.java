package dev.inward.workbench;

import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.runtime.Session;
import java.util.List;
import java.util.Map;

/// The energy of a graph's outputs over that of their difference from another's.
final class SignalToNoise {
  private SignalToNoise() {}

  /// In decibels, over the first output and all samples; infinite where nothing differs.
  ///
  /// @param reference what the original gives for each sample
  static double of(List<float[]> reference, Graph changed, List<Map<String, Tensor>> samples) {
    double signal = 0;
    double noise = 0;
    try (var session = Session.open(changed)) {
      for (int s = 0; s < samples.size(); s++) {
        float[] x = reference.get(s);
        float[] y = session.run(samples.get(s)).firstEntry().getValue().floats();
        for (int i = 0; i < x.length; i++) {
          double difference = (double) x[i] - y[i];
          signal += (double) x[i] * x[i];
          noise += difference * difference;
        }
      }
    }
    return noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
  }
}
