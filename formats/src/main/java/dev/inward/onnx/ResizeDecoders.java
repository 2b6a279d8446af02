package dev.inward.onnx;

import dev.inward.graph.Movement.GridSample;
import dev.inward.graph.Movement.Resize;
import dev.inward.graph.Movement.Resize.AspectPolicy;
import dev.inward.graph.Movement.Resize.Coordinates;
import dev.inward.graph.Movement.Resize.Interpolation;
import dev.inward.graph.Movement.Resize.NearestRounding;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Operators that interpolate.
final class ResizeDecoders {
  private ResizeDecoders() {}

  static void addTo(Map<OpKey, Decoder> table) {
    table.put(new OpKey("", "Upsample", 7), ResizeDecoders::upsampleByAttribute);
    table.put(new OpKey("", "Upsample", 9), f -> scaled(f, f.operand(1)));
    table.put(new OpKey("", "Resize", 10), f -> scaled(f, f.operand(1)));
    table.put(new OpKey("", "Resize", 11), ResizeDecoders::resize);
    table.put(new OpKey("", "GridSample", 16), ResizeDecoders::gridSample);
  }

  private static List<Node> upsampleByAttribute(Form form) {
    List<Float> scales = form.attributes.reals("scales");
    float[] values = new float[scales.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = scales.get(i);
    }
    String constant =
        form.constant("scales", Tensor.ofFloats(List.of((long) values.length), values));
    return scaled(form, constant);
  }

  /// Upsample, and Resize as it was in opset 10: coordinates are divided by the scale; the nearest
  /// element is the one below, or, where an axis shrinks, the one above, as the runtime has it.
  private static List<Node> scaled(Form form, String scales) {
    Optional<Interpolation> mode =
        switch (form.attributes.text("mode").orElse("nearest")) {
          case "nearest" -> Optional.of(Interpolation.NEAREST);
          case "linear", "bilinear", "trilinear" -> Optional.of(Interpolation.LINEAR);
          default -> Optional.empty();
        };
    if (mode.isEmpty()) {
      return form.opaque();
    }
    var known = form.operator.equals("Resize") ? form.constantAt(1) : Optional.<Tensor>empty();
    boolean grows = false;
    boolean shrinks = false;
    if (known.isPresent()) {
      for (float scale : known.get().floats()) {
        grows |= scale > 1;
        shrinks |= scale < 1;
      }
    }
    if (grows && shrinks && mode.get() == Interpolation.NEAREST) {
      return form.opaque();
    }
    return form.as(
        new Resize(
            mode.get(),
            Coordinates.ASYMMETRIC,
            shrinks ? NearestRounding.CEIL : NearestRounding.FLOOR,
            -0.75f,
            false,
            0,
            false,
            List.of(),
            AspectPolicy.STRETCH),
        List.of(form.operand(0), "", scales));
  }

  private static List<Node> resize(Form form) {
    var attributes = form.attributes;
    var mode = interpolation(attributes.text("mode").orElse("nearest"));
    var coordinates =
        coordinates(attributes.text("coordinate_transformation_mode").orElse("half_pixel"));
    var nearest = nearest(attributes.text("nearest_mode").orElse("round_prefer_floor"));
    var aspect = aspect(attributes.text("keep_aspect_ratio_policy").orElse("stretch"));
    if (mode.isEmpty() || coordinates.isEmpty() || nearest.isEmpty() || aspect.isEmpty()) {
      return form.opaque();
    }
    return form.as(
        new Resize(
            mode.get(),
            coordinates.get(),
            nearest.get(),
            attributes.real("cubic_coeff_a", -0.75f),
            attributes.flag("exclude_outside", false),
            attributes.real("extrapolation_value", 0),
            attributes.flag("antialias", false),
            attributes.numbers("axes"),
            aspect.get()),
        withoutEmptyOperands(form));
  }

  /// In opset 11 an operand that was not wanted had to be given without elements.
  private static List<String> withoutEmptyOperands(Form form) {
    List<String> operands = new ArrayList<>();
    for (int i = 0; i < form.in.size(); i++) {
      boolean empty = i > 0 && form.constantAt(i).map(t -> t.elements() == 0).orElse(false);
      operands.add(empty ? "" : form.operand(i));
    }
    return operands;
  }

  private static Optional<Interpolation> interpolation(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "nearest" -> Interpolation.NEAREST;
          case "linear" -> Interpolation.LINEAR;
          case "cubic" -> Interpolation.CUBIC;
          default -> null;
        });
  }

  private static Optional<Coordinates> coordinates(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "half_pixel" -> Coordinates.HALF_PIXEL;
          case "half_pixel_symmetric" -> Coordinates.HALF_PIXEL_SYMMETRIC;
          case "pytorch_half_pixel" -> Coordinates.PYTORCH_HALF_PIXEL;
          case "align_corners" -> Coordinates.ALIGN_CORNERS;
          case "asymmetric" -> Coordinates.ASYMMETRIC;
          case "tf_crop_and_resize" -> Coordinates.TF_CROP_AND_RESIZE;
          default -> null;
        });
  }

  private static Optional<NearestRounding> nearest(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "round_prefer_floor" -> NearestRounding.ROUND_PREFER_FLOOR;
          case "round_prefer_ceil" -> NearestRounding.ROUND_PREFER_CEIL;
          case "floor" -> NearestRounding.FLOOR;
          case "ceil" -> NearestRounding.CEIL;
          default -> null;
        });
  }

  private static Optional<AspectPolicy> aspect(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "stretch" -> AspectPolicy.STRETCH;
          case "not_larger" -> AspectPolicy.NOT_LARGER;
          case "not_smaller" -> AspectPolicy.NOT_SMALLER;
          default -> null;
        });
  }

  private static List<Node> gridSample(Form form) {
    var mode =
        switch (form.attributes.text("mode").orElse("linear")) {
          case "linear", "bilinear" -> Optional.of(Interpolation.LINEAR);
          case "nearest" -> Optional.of(Interpolation.NEAREST);
          case "cubic", "bicubic" -> Optional.of(Interpolation.CUBIC);
          default -> Optional.<Interpolation>empty();
        };
    var padding =
        switch (form.attributes.text("padding_mode").orElse("zeros")) {
          case "zeros" -> Optional.of(GridSample.Padding.ZEROS);
          case "border" -> Optional.of(GridSample.Padding.BORDER);
          case "reflection" -> Optional.of(GridSample.Padding.REFLECTION);
          default -> Optional.<GridSample.Padding>empty();
        };
    if (mode.isEmpty() || padding.isEmpty()) {
      return form.opaque();
    }
    return form.as(
        new GridSample(mode.get(), padding.get(), form.attributes.flag("align_corners", false)));
  }
}
