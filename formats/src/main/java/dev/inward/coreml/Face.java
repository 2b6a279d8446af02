package dev.inward.coreml;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// How a model faces an app, beside what it computes. Everything is by the names that inputs and
/// outputs have in the graph.
///
/// @param types of inputs and outputs that are not what they would be
/// @param images inputs and outputs that are images: `[1, C, H, W]` in the graph
/// @param extents inputs of several shapes
/// @param classes empty where the model is no classifier
/// @param metadata what Xcode shows about the model
/// @param descriptions a sentence each
public record Face(
    SequencedMap<String, Element> types,
    SequencedMap<String, Colour> images,
    SequencedMap<String, Extents> extents,
    Optional<Classes> classes,
    Options.Metadata metadata,
    SequencedMap<String, String> descriptions) {
  /// Every input and output as it comes.
  public static final Face PLAIN =
      new Face(none(), none(), none(), Optional.empty(), Options.Metadata.NONE, none());

  public Face {
    types = kept(types);
    images = kept(images);
    extents = kept(extents);
    descriptions = kept(descriptions);
  }

  private static <V> SequencedMap<String, V> none() {
    return new LinkedHashMap<>();
  }

  private static <V> SequencedMap<String, V> kept(Map<String, V> map) {
    return Collections.unmodifiableSequencedMap(new LinkedHashMap<>(map));
  }

  /// The type of the elements of an array that an app gives or gets.
  public enum Element {
    FLOAT32("fp32", 65568),
    FLOAT64("fp64", 65600),
    INT32("int32", 131104),
    /// From iOS 16 on.
    FLOAT16("fp16", 65552),
    /// From iOS 26 on.
    INT8("int8", 131080);

    private final String text;
    private final int code;

    Element(String text, int code) {
      this.text = text;
      this.code = code;
    }

    /// `fp16`.
    public String text() {
      return text;
    }

    /// The number in the model file.
    int code() {
      return code;
    }
  }

  /// The pixels of an image, as an app gives them: 0 to 255 a channel.
  public enum Colour {
    GRAY("gray", 10, 1),
    RGB("rgb", 20, 3),
    BGR("bgr", 30, 3),
    /// One float16 a pixel, from iOS 16 on.
    GRAY_FLOAT16("gray-fp16", 40, 1);

    private final String text;
    private final int code;
    private final int channels;

    Colour(String text, int code, int channels) {
      this.text = text;
      this.code = code;
      this.channels = channels;
    }

    /// `rgb`.
    public String text() {
      return text;
    }

    int code() {
      return code;
    }

    public int channels() {
      return channels;
    }
  }

  /// The shapes that an input may have.
  public sealed interface Extents {
    /// One of these; the first is what the model is loaded for.
    record Enumerated(List<List<Long>> shapes) implements Extents {
      public Enumerated {
        shapes = shapes.stream().map(List::copyOf).toList();
      }

      @Override
      public List<Long> usual() {
        return shapes.getFirst();
      }

      @Override
      public String toString() {
        return String.join(",", shapes.stream().map(Extents::text).toList());
      }
    }

    /// Any extent in a range, axis by axis.
    record Ranges(List<Range> axes) implements Extents {
      public Ranges {
        axes = List.copyOf(axes);
      }

      @Override
      public List<Long> usual() {
        return axes.stream().map(Range::least).toList();
      }

      @Override
      public String toString() {
        return String.join("x", axes.stream().map(Range::toString).toList());
      }
    }

    /// The shape that the model is loaded for.
    List<Long> usual();

    private static String text(List<Long> shape) {
      return String.join("x", shape.stream().map(String::valueOf).toList());
    }
  }

  /// @param most empty: no limit
  public record Range(long least, OptionalLong most) {
    public boolean fixed() {
      return most.isPresent() && most.getAsLong() == least;
    }

    @Override
    public String toString() {
      return fixed()
          ? Long.toString(least)
          : least + ".." + (most.isPresent() ? "" + most.getAsLong() : "");
    }
  }

  /// What a classifier answers with: the label of the largest probability, and all labels with
  /// their probabilities.
  ///
  /// @param output the probabilities in the graph, `[N]` or `[1, N]`
  /// @param labels one a probability
  /// @param numbered whether the labels are whole numbers for the app
  /// @param label the name of the output with the label
  /// @param probabilities the name of the output with all of them
  public record Classes(
      String output, List<String> labels, boolean numbered, String label, String probabilities) {
    public Classes {
      labels = List.copyOf(labels);
    }

    /// Under the usual names.
    public static Classes of(String output, List<String> labels) {
      return new Classes(output, labels, false, "classLabel", "classLabel_probs");
    }
  }

  public Face types(Map<String, Element> asked) {
    return new Face(kept(asked), images, extents, classes, metadata, descriptions);
  }

  public Face images(Map<String, Colour> colours) {
    return new Face(types, kept(colours), extents, classes, metadata, descriptions);
  }

  public Face extents(Map<String, Extents> shapes) {
    return new Face(types, images, kept(shapes), classes, metadata, descriptions);
  }

  public Face classes(Classes answered) {
    return new Face(types, images, extents, Optional.of(answered), metadata, descriptions);
  }

  public Face metadata(Options.Metadata texts) {
    return new Face(types, images, extents, classes, texts, descriptions);
  }

  public Face descriptions(Map<String, String> texts) {
    return new Face(types, images, extents, classes, metadata, kept(texts));
  }
}
