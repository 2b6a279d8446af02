package dev.inward.compress;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/// Trains an encoded graph to give what the original gives: codes, scales and tables move, the
/// encodings stay what they are. It needs no labels. Implemented where PyTorch is seen, and found
/// by name.
public interface Trainer {
  /// What the outputs of original and encoded graph are compared by.
  enum Objective {
    /// The Kullback-Leibler divergence of the classes' probabilities; outputs are scores along the
    /// last axis, or what a softmax makes of them. Source: Hinton et al., arXiv:1503.02531, section
    /// 2.
    DIVERGENCE,
    /// The squared error, relative to the size of the original's outputs.
    SQUARED_ERROR
  }

  /// @param epochs how often each sample is seen
  /// @param batch samples a step
  /// @param rate of learning at its highest, as a share of the size of what is changed
  /// @param features how much the squared error of the sums inside counts beside that of the
  ///   outputs; 0 to leave them out
  /// @param threads inside an operation; with 1 two runs give the same bits
  record Settings(
      int epochs,
      int batch,
      double rate,
      Objective objective,
      double features,
      long seed,
      int threads) {
    public Settings {
      if (epochs < 1 || batch < 1 || !(rate > 0) || !(features >= 0) || threads < 1) {
        throw new IllegalArgumentException(
            "no training of %d epochs by %d at a rate of %s, features %s, %d threads"
                .formatted(epochs, batch, rate, features, threads));
      }
    }

    /// What served best on the example nets; see docs/benchmarks.md.
    public static Settings of(Objective objective) {
      return new Settings(20, 64, 0.02, objective, 0, 1, 1);
    }
  }

  /// @param graph the trained graph, of the same nodes and encodings
  /// @param before the objective over all samples, as it came
  /// @param after the same of the trained graph; where training did not lower it, the graph is the
  ///   one that came
  record Trained(Graph graph, double before, double after) {}

  /// Trains.
  ///
  /// @param original what is to be given
  /// @param encoded the same graph with encoded weights, perhaps with activations in codes, as
  ///   [Compression#apply] makes it
  /// @param samples inputs without labels, the first axis of each 1
  /// @param labels a class a sample, which then counts too; empty to do without
  /// @throws InputException where a sample does not fit the graph or holds NaN, or training
  ///   diverges
  /// @throws UnsupportedException where an op or an encoding cannot be trained, by name, or there
  ///   is no PyTorch for this machine
  Trained train(
      Graph original,
      Graph encoded,
      List<Map<String, Tensor>> samples,
      int[] labels,
      Settings settings,
      Progress progress);

  /// The trainer that is installed.
  ///
  /// @throws UnsupportedException where there is none
  static Trainer find() {
    return ServiceLoader.load(Trainer.class)
        .findFirst()
        .orElseThrow(() ->
            UnsupportedException.of("training is not installed")
                .hint("the module inward-training is missing on the class path"));
  }
}
