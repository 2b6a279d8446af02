package dev.inward.coreml.neural;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Graph;
import dev.inward.graph.Reduction.Reduce;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.protobuf.WireReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads a network of layers as a graph.
///
/// A network maps the arrays of its interface either to tensors of the same rank, or to blobs
/// `[sequence, batch, C, H, W]`: an array `[C]` is `[1, 1, C, 1, 1]`, one `[C, H, W]` is `[1, 1, C,
/// H, W]`, an image `[1, 1, C, H, W]`. Outputs are arrays `[C]` or `[C, H, W]` again, unless the
/// interface states another shape.
public final class NeuralNetwork {
  /// Networks that are larger are no models.
  private static final int MOST_LAYERS = 20_000;

  /// An input or output of the interface.
  ///
  /// @param dims empty where none are stated; of an image `[C, H, W]`
  /// @param image whether it is an image, whose pixels are 0 to 255
  /// @param bgr whether the first channel of the image is blue
  /// @param whole whether its elements are whole numbers
  public record Port(String name, List<Long> dims, boolean image, boolean bgr, boolean whole) {
    public Port {
      dims = List.copyOf(dims);
    }
  }

  private final Fields network;
  private final Layers layers;

  private NeuralNetwork(Fields network, String name, boolean blobs, List<Port> outputs) {
    this.network = network;
    this.layers = new Layers(name, blobs, outputs.stream().map(Port::name).toList());
  }

  /// @param outputs what the network gives; those that no layer makes are left out where there are
  ///   others, such as the label of a classifier
  /// @throws InputException where it is damaged
  /// @throws UnsupportedException where a layer has no counterpart: names layer and type
  public static Graph read(WireReader message, String name, List<Port> inputs, List<Port> outputs) {
    var network = new Fields(message);
    return new NeuralNetwork(network, name, network.number(5) == 0, outputs).run(inputs, outputs);
  }

  private Graph run(List<Port> inputs, List<Port> outputs) {
    boolean fourAxes = network.number(6) == 1;
    for (Port input : inputs) {
      input(input, fourAxes);
    }
    int index = 0;
    String last = "";
    for (Fields layer : network.messages(1)) {
      if (++index > MOST_LAYERS) {
        throw UnsupportedException.of("it has more than %d layers", MOST_LAYERS);
      }
      last = layer(layer, index);
    }
    String labelled = network.text(200).isEmpty() ? last : network.text(200);
    List<Port> made = new ArrayList<>();
    for (Port output : outputs) {
      if (isMade(output.name())) {
        made.add(output);
      } else if (output.dims().isEmpty() && isMade(labelled) && !labelled.isEmpty()) {
        continue;
      } else {
        throw InputException.at("output '" + output.name() + "'", "no layer makes it");
      }
    }
    if (made.stream().noneMatch(p -> p.name().equals(labelled)) && made.size() < outputs.size()) {
      made.add(new Port(labelled, List.of(), false, false, false));
    }
    for (Port port : made) {
      try {
        output(port);
      } catch (ArithmeticException e) {
        throw InputException.at("output '" + port.name() + "'", "its sizes overflow");
      }
    }
    return layers.graph.build();
  }

  private boolean isMade(String blob) {
    try {
      layers.value(blob);
      return true;
    } catch (InputException e) {
      return false;
    }
  }

  private void input(Port port, boolean fourAxes) {
    String where = "input '" + port.name() + "'";
    if (port.name().isEmpty() || isMade(port.name())) {
      throw InputException.at(where, port.name().isEmpty() ? "has no name" : "is there twice");
    }
    List<Long> dims = port.dims();
    if (dims.isEmpty() || dims.stream().anyMatch(d -> d < 1 || d > Integer.MAX_VALUE)) {
      throw UnsupportedException.at(where, "its shape %s is not fixed", dims);
    }
    List<Long> facing = new ArrayList<>(dims);
    if (port.image()) {
      facing.addFirst(1L);
    }
    DataType type = port.whole() ? DataType.INT32 : DataType.FLOAT32;
    try {
      layers.input(port.name(), new TensorType(type, Shape.ofKnown(facing)));
      String value = port.name();
      if (port.whole()) {
        value = layers.node(value, new Elementwise.Cast(DataType.FLOAT32), value);
      }
      if (layers.blobs) {
        value = layers.reshape(port.name(), value, blob(where, facing, port.image()));
      } else if (port.image() && !fourAxes) {
        List<Long> five = new ArrayList<>(List.of(1L));
        five.addAll(facing);
        value = layers.reshape(port.name(), value, five);
      }
      layers.define(port.name(), preprocessed(port, value));
    } catch (ArithmeticException e) {
      throw InputException.at(where, "its shape %s overflows", dims);
    }
  }

  private static List<Long> blob(String where, List<Long> dims, boolean image) {
    if (image) {
      return dims;
    }
    if (dims.size() == 5 && dims.get(1) == 1) {
      return List.of(dims.get(0), dims.get(2), dims.get(3), dims.get(4));
    }
    return switch (dims.size()) {
      case 1 -> List.of(1L, dims.getFirst(), 1L, 1L);
      case 3 -> List.of(1L, dims.get(0), dims.get(1), dims.get(2));
      default ->
          throw UnsupportedException.at(
              where, "an array of %s; blobs are made of [C] and [C, H, W]", dims);
    };
  }

  /// What the network does to an image before its first layer.
  private String preprocessed(Port port, String value) {
    String at = value;
    for (Fields step : network.messages(2)) {
      String name = step.text(1);
      if (!name.equals(port.name()) && !(name.isEmpty() && port.image())) {
        continue;
      }
      if (step.has(10)) {
        at = scaled(port, step.message(10), at);
      } else if (step.has(11)) {
        List<Long> dims = layers.dims(at);
        List<Long> shape = dims.subList(dims.size() - 3, dims.size());
        var mean = step.message(11).reals(1);
        long count = shape.stream().reduce(1L, Math::multiplyExact);
        if (mean.size() != 4 * count) {
          throw InputException.at(
              "input '" + port.name() + "'", "its mean image has %d numbers", mean.size() / 4);
        }
        String constant =
            layers.constant(port.name() + ".mean", Tensor.dense(DataType.FLOAT32, shape, mean));
        at = layers.binary(port.name() + ".centred", Binary.Function.SUB, at, constant);
      }
    }
    return at;
  }

  private String scaled(Port port, Fields scaler, String value) {
    String at = layers.times(port.name() + ".scaled", value, scaler.real(10, 1));
    boolean gray = layers.dim(value, -3) == 1;
    float[] bias =
        gray
            ? new float[] {scaler.real(30)}
            : port.bgr()
                ? new float[] {scaler.real(20), scaler.real(21), scaler.real(22)}
                : new float[] {scaler.real(22), scaler.real(21), scaler.real(20)};
    boolean none = true;
    for (float one : bias) {
      none &= one == 0;
    }
    if (none) {
      return at;
    }
    String constant =
        layers.constant(
            port.name() + ".bias", Tensor.ofFloats(List.of((long) bias.length, 1L, 1L), bias));
    return layers.binary(port.name() + ".shifted", Binary.Function.ADD, at, constant);
  }

  private void output(Port port) {
    if (port.name().isEmpty()) {
      throw InputException.of("an output has no name");
    }
    String value = layers.value(port.name());
    List<Long> dims = layers.dims(value);
    List<Long> facing = dims;
    long count = dims.stream().reduce(1L, Math::multiplyExact);
    if (port.image()) {
      facing = new ArrayList<>(port.dims());
      facing.addFirst(1L);
    } else if (!port.dims().isEmpty()
        && port.dims().stream().reduce(1L, Math::multiplyExact) == count) {
      facing = port.dims();
    } else if (layers.blobs && dims.size() == 4 && dims.getFirst() == 1) {
      facing = dims.get(2) == 1 && dims.get(3) == 1 ? dims.subList(1, 2) : dims.subList(1, 4);
    }
    String shaped = layers.reshape(port.name() + ".blob", value, facing);
    layers.graph.node(
        new Elementwise.Unary(Elementwise.Unary.Function.IDENTITY), List.of(shaped), port.name());
    layers.graph.output(port.name());
  }

  /// @return the name of its last output
  private String layer(Fields fields, int index) {
    String name = fields.text(1);
    int kind = fields.from(100);
    var layer =
        new Layer(
            name.isEmpty() ? "layer" + index : name,
            kind,
            fields.message(kind),
            fields.texts(2),
            fields.texts(3),
            layers);
    String where = "layer '%s' (%s)".formatted(layer.name(), LayerKinds.name(kind));
    if (layer.outputs().isEmpty()) {
      throw InputException.at(where, "it has no output");
    }
    try {
      read(layer);
    } catch (InputException e) {
      throw e.in(where);
    } catch (UnsupportedException e) {
      throw e.in(where);
    } catch (ArithmeticException e) {
      throw InputException.at(where, "its sizes overflow");
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw InputException.at(where, "%s", Optional.ofNullable(e.getMessage()).orElse("damaged"));
    }
    return layer.outputs().getLast();
  }

  private static void read(Layer layer) {
    var plain = Activations.plain(layer.kind());
    if (plain.isPresent()) {
      layer.unary(plain.get());
      return;
    }
    switch (layer.kind()) {
      case 100 -> WindowLayers.convolution(layer);
      case 120 -> WindowLayers.pooling(layer);
      case 130 -> Activations.activation(layer);
      case 140 -> BlobLayers.innerProduct(layer);
      case 150 -> BlobLayers.embedding(layer, true);
      case 160 -> NormLayers.batchNorm(layer);
      case 165 -> NormLayers.meanVariance(layer);
      case 170 -> NormLayers.l2Normalize(layer);
      case 175 -> BlobLayers.softmax(layer);
      case 180 -> NormLayers.localResponse(layer);
      case 190 -> WindowLayers.crop(layer);
      case 200 -> WindowLayers.padding(layer);
      case 210 -> WindowLayers.upsample(layer);
      case 211 -> WindowLayers.resizeBilinear(layer);
      case 220 -> Activations.unary(layer);
      case 230 -> BlobLayers.joined(layer, Binary.Function.ADD, layer.params().real(1));
      case 231 -> BlobLayers.joined(layer, Binary.Function.MUL, layer.params().real(1));
      case 240 -> BlobLayers.variadic(layer, Elementwise.Variadic.Function.MEAN);
      case 245 -> BlobLayers.scale(layer);
      case 250 -> BlobLayers.bias(layer);
      case 260, 875 -> BlobLayers.variadic(layer, Elementwise.Variadic.Function.MAX);
      case 261, 870 -> BlobLayers.variadic(layer, Elementwise.Variadic.Function.MIN);
      case 270 -> BlobLayers.dot(layer);
      case 280 -> NormLayers.legacyReduce(layer);
      case 290, 1070 -> BlobLayers.loadConstant(layer);
      case 300 -> BlobLayers.reshape(layer);
      case 301 -> BlobLayers.flatten(layer);
      case 310 -> BlobLayers.permute(layer);
      case 320 -> BlobLayers.concat(layer);
      case 330 -> BlobLayers.split(layer);
      case 340 -> BlobLayers.sequenceRepeat(layer);
      case 345 -> BlobLayers.reorganize(layer);
      case 350 -> BlobLayers.slice(layer);
      case 400 -> RecurrentLayers.simple(layer);
      case 410 -> RecurrentLayers.gru(layer);
      case 420 -> RecurrentLayers.lstm(layer, false);
      case 430 -> RecurrentLayers.lstm(layer, true);
      case 660 -> TensorLayers.clip(layer);
      case 795 -> TensorLayers.gelu(layer);
      case 815 -> TensorLayers.compare(layer, Binary.Function.EQUAL, false);
      case 820 -> TensorLayers.compare(layer, Binary.Function.EQUAL, true);
      case 825 -> TensorLayers.compare(layer, Binary.Function.LESS, false);
      case 827 -> TensorLayers.compare(layer, Binary.Function.LESS_OR_EQUAL, false);
      case 830 -> TensorLayers.compare(layer, Binary.Function.GREATER, false);
      case 832 -> TensorLayers.compare(layer, Binary.Function.GREATER_OR_EQUAL, false);
      case 840 -> TensorLayers.logical(layer, Binary.Function.OR);
      case 845 -> TensorLayers.logical(layer, Binary.Function.XOR);
      case 850 -> TensorLayers.not(layer);
      case 855 -> TensorLayers.logical(layer, Binary.Function.AND);
      case 865 -> BlobLayers.joined(layer, Binary.Function.MOD, 0);
      case 880 -> BlobLayers.joined(layer, Binary.Function.ADD, 0);
      case 885 -> BlobLayers.joined(layer, Binary.Function.POW, 1);
      case 890 -> BlobLayers.joined(layer, Binary.Function.DIV, 1);
      case 895 -> TensorLayers.floorDivide(layer);
      case 900 -> BlobLayers.joined(layer, Binary.Function.MUL, 1);
      case 905 -> BlobLayers.joined(layer, Binary.Function.SUB, 0);
      case 920 -> TensorLayers.tile(layer);
      case 925 -> TensorLayers.stack(layer);
      case 930 -> TensorLayers.gather(layer);
      case 950 ->
          layer.done(
              new dev.inward.graph.Normalization.Softmax(
                  layer.layers().axis(layer.params().number(1), layer.x())),
              layer.x());
      case 975 -> TensorLayers.split(layer);
      case 980 -> TensorLayers.concat(layer);
      case 985 -> TensorLayers.transpose(layer);
      case 995 -> TensorLayers.slice(layer);
      case 1020 -> TensorLayers.argument(layer, false);
      case 1025 -> TensorLayers.argument(layer, true);
      case 1040 -> BlobLayers.embedding(layer, false);
      case 1045 -> TensorLayers.matMul(layer);
      case 1085 -> TensorLayers.fillStatic(layer);
      case 1105 -> TensorLayers.broadcastTo(layer);
      case 1120 -> TensorLayers.squeeze(layer);
      case 1125 -> TensorLayers.expandDims(layer);
      case 1130 -> TensorLayers.flattenTo2D(layer);
      case 1140 -> TensorLayers.reshape(layer, false);
      case 1150 -> TensorLayers.reshape(layer, true);
      case 1155 -> TensorLayers.constantPad(layer);
      case 1250 -> NormLayers.reduceTensor(layer, Reduce.Function.L1);
      case 1255 -> NormLayers.reduceTensor(layer, Reduce.Function.L2);
      case 1260 -> NormLayers.reduceTensor(layer, Reduce.Function.MAX);
      case 1265 -> NormLayers.reduceTensor(layer, Reduce.Function.MIN);
      case 1270 -> NormLayers.reduceTensor(layer, Reduce.Function.SUM);
      case 1275 -> NormLayers.reduceTensor(layer, Reduce.Function.PROD);
      case 1280 -> NormLayers.reduceTensor(layer, Reduce.Function.MEAN);
      case 1285 -> NormLayers.reduceTensor(layer, Reduce.Function.LOG_SUM);
      case 1290 -> NormLayers.reduceTensor(layer, Reduce.Function.SUM_SQUARE);
      case 1295 -> NormLayers.reduceTensor(layer, Reduce.Function.LOG_SUM_EXP);
      case 1330 -> TensorLayers.where(layer);
      case 1350 -> NormLayers.layerNorm(layer);
      case 1460 -> TensorLayers.clampedRelu(layer);
      default ->
          throw UnsupportedException.of("this type of layer is not read")
              .hint("convert the model with a tool that writes ML Programs");
    }
  }
}
