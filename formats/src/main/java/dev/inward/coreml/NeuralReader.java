package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.coreml.neural.NeuralNetwork;
import dev.inward.graph.Graph;
import dev.inward.protobuf.WireReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads a model file that holds a network of layers: the format before ML Programs.
final class NeuralReader {
  private static final Set<Integer> NETWORKS = Set.of(303, 403, 500);

  private NeuralReader() {}

  /// Whether the file holds one.
  static boolean holds(MemorySegment bytes) {
    for (var in = WireReader.of(bytes); in.next(); ) {
      if (NETWORKS.contains(in.number())) {
        return true;
      }
    }
    return false;
  }

  static CoreMl.Read read(MemorySegment bytes, String name) {
    long specification = 0;
    Optional<WireReader> network = Optional.empty();
    var description = new DescriptionReader();
    for (var in = WireReader.of(bytes); in.next(); ) {
      if (in.number() == 1) {
        specification = in.varint();
      } else if (in.number() == 2) {
        description.read(in.message());
      } else if (NETWORKS.contains(in.number())) {
        network = Optional.of(in.message());
      }
    }
    if (specification < 1 || specification > 10) {
      throw UnsupportedException.of("specification version %d is not known", specification);
    }
    WireReader layers = network.orElseThrow();
    Graph read =
        NeuralNetwork.read(layers, name, ports(description.inputs()), ports(description.outputs()));
    var builder = read.toBuilder();
    Raising.texts(description.metadata(), builder);
    Graph graph = builder.build();
    var face =
        FaceReader.of(description, new HashMap<>(), classifier(layers.again(), description, graph));
    return new CoreMl.Read(graph, face, (int) specification);
  }

  private static List<NeuralNetwork.Port> ports(List<Model.Feature> features) {
    List<NeuralNetwork.Port> ports = new ArrayList<>();
    for (Model.Feature feature : features) {
      ports.add(
          switch (feature.shown()) {
            case Model.Shown.Array array ->
                new NeuralNetwork.Port(
                    feature.name(),
                    array.dims(),
                    false,
                    false,
                    array.element() == Face.Element.INT32);
            case Model.Shown.Image image ->
                new NeuralNetwork.Port(
                    feature.name(),
                    List.of((long) image.colour().channels(), image.height(), image.width()),
                    true,
                    image.colour() == Face.Colour.BGR,
                    false);
            case Model.Shown.Label _, Model.Shown.Probabilities _ ->
                new NeuralNetwork.Port(feature.name(), List.of(), false, false, false);
            case Model.Shown.Other(var what) ->
                throw UnsupportedException.at("'" + feature.name() + "'", "it is %s", what);
          });
    }
    return ports;
  }

  private static Optional<Mil.Classifier> classifier(
      WireReader network, DescriptionReader description, Graph graph) {
    List<String> labels = new ArrayList<>();
    boolean numbered = false;
    while (network.next()) {
      boolean numbers = network.number() == 101;
      if (network.number() != 100 && !numbers) {
        continue;
      }
      numbered |= numbers;
      for (var vector = network.message(); vector.next(); ) {
        if (vector.number() == 1 && numbers) {
          vector.longs(number -> labels.add(Long.toString(number)));
        } else if (vector.number() == 1) {
          labels.add(vector.string());
        }
      }
    }
    if (labels.isEmpty() || description.predicted().isEmpty()) {
      return Optional.empty();
    }
    if (graph.outputs().isEmpty()) {
      throw InputException.of("the classifier has no probabilities");
    }
    String output = graph.outputs().getLast();
    String dictionary = description.probabilities();
    return Optional.of(
        new Mil.Classifier(
            output,
            labels,
            numbered,
            description.predicted(),
            dictionary.isEmpty() ? description.predicted() + "_probs" : dictionary));
  }
}
