package dev.inward.fuzz;

import dev.inward.coreml.CoreMl;
import dev.inward.coreml.Options;
import dev.inward.data.NamedArray;
import dev.inward.data.Npy;
import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Tensor;
import dev.inward.onnx.Onnx;
import dev.inward.protobuf.WireWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Small inputs that every target takes, made by the writers where there is one.
final class Seeds {
  private static final String LINEAR =
      """
      graph linear
      input x: float32[2x4]
      const w: float32[4x3] = random 1
      const b: float32[3] = 0.5, -1.0, 2.0
      p = MatMul(x, w)
      y = Add(p, b)
      output y
      """;
  private static final String PICTURE =
      """
      graph picture
      input x: float32[1x3x8x8]
      const w: float32[4x3x3x3] = random 2
      c = Conv{pads=[1, 1, 1, 1], groups=1}(x, w)
      r = Relu(c)
      p = MaxPool{kernel=[2, 2], strides=[2, 2], p=0}(r)
      s = Softmax{axis=1}(p)
      output s
      """;

  private static final String TOKENIZER =
      """
      {"added_tokens":[{"id":1,"content":"[UNK]","single_word":false,"lstrip":false,
      "rstrip":false,"normalized":false,"special":true}],
      "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,
      "strip_accents":null,"lowercase":true},
      "pre_tokenizer":{"type":"BertPreTokenizer"},
      "post_processor":{"type":"TemplateProcessing",
      "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
      {"SpecialToken":{"id":"[SEP]","type_id":0}}],
      "pair":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
      {"SpecialToken":{"id":"[SEP]","type_id":0}},{"Sequence":{"id":"B","type_id":1}},
      {"SpecialToken":{"id":"[SEP]","type_id":1}}]},
      "padding":{"pad_id":0},
      "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
      "max_input_chars_per_word":100,
      "vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"a":4,"sent":5,"##ence":6}}}
      """;
  private static final String BUDGET =
      """
      model: all-minilm-l6-v2
      device: [iPhone 13, this machine]
      data:    { calibrate: calibrate.txt, test: test.txt }
      shapes:  { input_ids: 1x128 }
      size:    { most: 50 MB,  because: "one feature, not one game" }
      latency: { most: 100 ms, at: p95, heat: sustained }
      energy:  { most: 2 %/h,  rate: 1/s }
      memory:  { most: 150 MB }
      quality: { metric: nearest-in-10, drop: 0.5 pp, confidence: 95 % }
      privacy: { epsilon: 2, delta: 1e-6, unit: user, cohort: 100 }
      update:  { most: 5 MB, over: wifi }
      prefer:  size
      """;
  private static final String SHORT_BUDGET =
      "model: all-minilm-l6-v2\ndevice: iPhone 13\nsize: { most: 1 MB }\n";

  private Seeds() {}

  static SequencedMap<String, byte[]> of(Target target) throws IOException {
    var seeds = new TreeMap<String, byte[]>();
    switch (target) {
      case ONNX -> graphs().forEach((name, graph) -> seeds.put(name, Onnx.bytes(graph)));
      case COREML -> coreMl(seeds);
      case BUDGET -> {
        seeds.put("full", utf8(BUDGET));
        seeds.put("short", utf8(SHORT_BUDGET));
      }
      case BRIEF -> {
        seeds.put("two", utf8("200MB,100ms"));
        seeds.put("one", utf8("1.5 GB"));
      }
      case TOKENIZER -> seeds.put("wordpiece", utf8(TOKENIZER));
      case NPY -> npy(seeds);
    }
    return seeds;
  }

  private static SequencedMap<String, Graph> graphs() {
    var graphs = new LinkedHashMap<String, Graph>();
    Graph linear = GraphText.parse(LINEAR);
    graphs.put("linear", linear);
    graphs.put("picture", GraphText.parse(PICTURE));
    graphs.put("int8", linear.toBuilder().constant("w", codes(DataType.INT8)).build());
    graphs.put("int4", linear.toBuilder().constant("w", codes(DataType.INT4)).build());
    return graphs;
  }

  private static Tensor codes(DataType type) {
    int[] codes = {-8, 7, 1, 0, -1, 2, 3, -4, 5, -6, 7, 0};
    return Tensor.affine(
        List.of(4L, 3L), type, codes, Tensor.ofFloats(List.of(1L, 3L), 0.5f, 0.25f, 1));
  }

  private static void coreMl(SequencedMap<String, byte[]> seeds) throws IOException {
    try (var folder = new Scratch()) {
      for (var entry : graphs().entrySet()) {
        Path path = folder.fresh(entry.getKey() + ".mlpackage");
        CoreMl.write(entry.getValue(), path, Options.DEFAULT);
        seeds.put(entry.getKey(), PackageParts.of(path).joined());
      }
    }
    seeds.put("layers", PackageParts.alone(layers()).joined());
  }

  /// An older model file: a product, a bias, a cell and a softmax on a blob of three channels.
  private static byte[] layers() {
    var weights = new WireWriter().packed(1, 1f, 0f, 0f, 0f, 1f, 0f, 0f, 0f, 1f);
    var product = new WireWriter().varint(1, 3).varint(2, 3).message(20, weights);
    var cell =
        new WireWriter()
            .varint(1, 3)
            .varint(2, 3)
            .message(10, new WireWriter().message(30, new WireWriter()))
            .message(30, weights)
            .message(31, weights);
    var network =
        new WireWriter()
            .message(1, layer("p", "x", "p").message(140, product))
            .message(1, layer("r", "p", "r").message(400, cell))
            .message(1, layer("s", "r", "y").message(175, new WireWriter()));
    return new WireWriter()
        .varint(1, 3)
        .message(2, new WireWriter().message(1, array("x")).message(10, array("y")))
        .message(500, network)
        .toArray();
  }

  private static WireWriter layer(String name, String in, String out) {
    return new WireWriter().string(1, name).string(2, in).string(3, out);
  }

  private static WireWriter array(String name) {
    var type = new WireWriter().message(5, new WireWriter().packed(1, 3L).varint(2, 65568));
    return new WireWriter().string(1, name).message(3, type);
  }

  private static void npy(SequencedMap<String, byte[]> seeds) throws IOException {
    try (var folder = new Scratch()) {
      Path floats = folder.fresh("floats.npy");
      Npy.write(floats, new NamedArray.Floats("x", List.of(2, 3), new float[] {1, 2, 3, 4, 5, 6}));
      seeds.put("floats", Files.readAllBytes(floats));
      Path longs = folder.fresh("longs.npy");
      Npy.write(longs, new NamedArray.Longs("x", List.of(3), new long[] {1, -2, 3}));
      seeds.put("longs", Files.readAllBytes(longs));
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
