package dev.inward.coreml;

import dev.inward.graph.Storage;
import dev.inward.protobuf.WireWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.Stream;

/// The bytes of the model file; constants that are large go to the weight file on the way.
final class ModelWriter {
  /// Where the model file says that the weight file is.
  static final String WEIGHTS = "@model_path/weights/weight.bin";

  /// Constants from this number of elements on go to the weight file.
  static final int BLOB_ELEMENTS = 10;

  private static final int FLOAT64_CODE = 12;

  private final int specification;
  private final Blobs blobs;

  private ModelWriter(int specification, Blobs blobs) {
    this.specification = specification;
    this.blobs = blobs;
  }

  static WireWriter write(Model model, Blobs blobs) throws IOException {
    return new ModelWriter(model.specification(), blobs).model(model);
  }

  /// One op, as it stands in a block.
  static WireWriter operation(Mil.Operation operation, int specification, Blobs blobs)
      throws IOException {
    return new ModelWriter(specification, blobs).operation(operation);
  }

  private WireWriter model(Model model) throws IOException {
    return new WireWriter()
        .varint(1, model.specification())
        .message(2, DescriptionWriter.write(model))
        .message(502, program(model.program()));
  }

  private WireWriter program(Mil.Program program) throws IOException {
    var block = new WireWriter();
    outputs(program).forEach(output -> block.string(2, output));
    for (Mil.Operation operation : program.operations()) {
      block.message(3, operation(operation));
    }
    program.classifier().ifPresent(classifier -> block.message(3, classify(classifier)));
    var function = new WireWriter();
    program.inputs().forEach(input -> function.message(1, named(input)));
    function
        .string(2, program.opset())
        .message(3, new WireWriter().string(1, program.opset()).message(2, block));
    return new WireWriter()
        .varint(1, 1)
        .message(2, new WireWriter().string(1, "main").message(2, function));
  }

  /// A classifier answers with label and probabilities in place of the bare numbers.
  private static List<String> outputs(Mil.Program program) {
    return program.outputs().stream()
        .flatMap(output ->
            program
                .classifier()
                .filter(classifier -> classifier.probabilities().equals(output))
                .map(classifier -> Stream.of(classifier.label(), classifier.dictionary()))
                .orElse(Stream.of(output)))
        .toList();
  }

  private static WireWriter classify(Mil.Classifier classifier) {
    MilType key = classifier.numbered() ? MilType.INT64 : MilType.STRING;
    var length =
        new WireWriter().message(1, new WireWriter().varint(1, classifier.labels().size()));
    var list =
        new WireWriter()
            .message(2, new WireWriter().message(1, type(key, List.of())).message(2, length));
    var elements = new WireWriter();
    for (String label : classifier.labels()) {
      var element =
          classifier.numbered()
              ? immediate(5, new WireWriter().packed(1, Long.parseLong(label)))
              : immediate(4, new WireWriter().string(1, label));
      elements.message(1, new WireWriter().message(2, type(key, List.of())).message(3, element));
    }
    var labels =
        new WireWriter().message(2, list).message(3, new WireWriter().message(3, elements));
    var dictionary =
        new WireWriter()
            .message(
                4,
                new WireWriter()
                    .message(1, type(key, List.of()))
                    .message(
                        2, new WireWriter().message(1, new WireWriter().varint(1, FLOAT64_CODE))));
    return new WireWriter()
        .string(1, "classify")
        .message(
            2, entry("classes", new WireWriter().message(1, new WireWriter().message(2, labels))))
        .message(
            2,
            entry(
                "probabilities",
                new WireWriter()
                    .message(1, new WireWriter().string(1, classifier.probabilities()))))
        .message(3, new WireWriter().string(1, classifier.label()).message(2, type(key, List.of())))
        .message(3, new WireWriter().string(1, classifier.dictionary()).message(2, dictionary))
        .message(5, entry("name", text("classify")));
  }

  private static WireWriter text(String text) {
    return new WireWriter()
        .message(2, type(MilType.STRING, List.of()))
        .message(3, immediate(4, new WireWriter().string(1, text)));
  }

  private WireWriter operation(Mil.Operation operation) throws IOException {
    var out = new WireWriter().string(1, operation.type());
    for (var input : operation.inputs().entrySet()) {
      var argument = new WireWriter();
      for (Mil.Binding binding : input.getValue()) {
        argument.message(
            1,
            switch (binding) {
              case Mil.Binding.Name(var name) -> new WireWriter().string(1, name);
              case Mil.Binding.Literal(var value) -> new WireWriter().message(2, value(value));
            });
      }
      out.message(2, entry(input.getKey(), argument));
    }
    operation.outputs().forEach(output -> out.message(3, named(output)));
    out.message(5, entry("name", text(operation.name())));
    for (var attribute : operation.attributes().entrySet()) {
      out.message(5, entry(attribute.getKey(), value(attribute.getValue())));
    }
    return out;
  }

  private static WireWriter entry(String key, WireWriter value) {
    return new WireWriter().string(1, key).message(2, value);
  }

  private static WireWriter named(Mil.Var value) {
    return new WireWriter().string(1, value.name()).message(2, type(value.type(), value.dims()));
  }

  private static WireWriter type(MilType type, List<Long> dims) {
    var tensor = new WireWriter().varint(1, type.code());
    if (!dims.isEmpty()) {
      tensor.varint(2, dims.size());
    }
    for (long size : dims) {
      tensor.message(
          3,
          Mil.isUnknown(size)
              ? new WireWriter().message(2, new WireWriter())
              : new WireWriter().message(1, new WireWriter().varint(1, size)));
    }
    return new WireWriter().message(1, tensor);
  }

  private WireWriter value(Mil.Value value) throws IOException {
    var out = new WireWriter().message(2, type(value.type(), value.dims()));
    if (value.content() instanceof Mil.Content.Text(var texts)) {
      var strings = new WireWriter();
      texts.forEach(text -> strings.string(1, text));
      return out.message(3, immediate(4, strings));
    }
    Storage bytes = Constants.bytes(value.content());
    if (inWeightFile(value)) {
      long offset = blobs.add(value.type(), value.elements(), bytes);
      return out.message(5, new WireWriter().string(1, WEIGHTS).varint(2, offset));
    }
    return out.message(3, elements(value.type(), bytes.bytes(), (int) value.elements()));
  }

  private boolean inWeightFile(Mil.Value value) {
    return value.elements() >= BLOB_ELEMENTS
        && switch (value.type()) {
          case FLOAT16, FLOAT32, INT8, UINT8, INT4, UINT1, UINT2, UINT3, UINT4, UINT6 -> true;
          case INT16, UINT16, INT32, UINT32 -> specification >= Target.IOS18.specification();
          case BOOL, STRING, INT64, UINT64 -> false;
        };
  }

  private static WireWriter elements(MilType type, MemorySegment data, int count) {
    return switch (type) {
      case FLOAT32 -> {
        float[] values = new float[count];
        MemorySegment.copy(data, Storage.FLOAT, 0, values, 0, count);
        yield immediate(1, new WireWriter().packed(1, values));
      }
      case INT32 -> {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
          values[i] = data.get(Storage.INT, 4L * i);
        }
        yield immediate(2, new WireWriter().packed(1, values));
      }
      case INT16, UINT16 -> {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
          short bits = data.get(Storage.SHORT, 2L * i);
          values[i] = type == MilType.INT16 ? bits : bits & 0xffff;
        }
        yield immediate(2, new WireWriter().packed(1, values));
      }
      case BOOL -> {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
          values[i] = data.get(ValueLayout.JAVA_BYTE, i);
        }
        yield immediate(3, new WireWriter().packed(1, values));
      }
      case INT64, UINT64 -> {
        long[] values = new long[count];
        MemorySegment.copy(data, Storage.LONG, 0, values, 0, count);
        yield immediate(5, new WireWriter().packed(1, values));
      }
      case FLOAT16, INT4, INT8, UINT1, UINT2, UINT3, UINT4, UINT6, UINT8, UINT32 ->
          immediate(7, new WireWriter().bytes(1, data));
      case STRING -> throw new IllegalStateException("texts are no numbers");
    };
  }

  private static WireWriter immediate(int field, WireWriter values) {
    return new WireWriter().message(1, new WireWriter().message(field, values));
  }
}
