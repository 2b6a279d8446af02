package dev.inward.compress;

import dev.inward.base.InputException;
import dev.inward.base.Spelling;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A format of weights as a person writes it: `int8`, `int4-block32`, `palette4-group16`,
/// `sparse50+int8`.
public final class FormatName {
  private static final Pattern INT4_BLOCKS = Pattern.compile("int4-block([1-9][0-9]{0,3})");
  private static final Pattern PALETTE =
      Pattern.compile(
          "palette([123468])(?:-group([1-9][0-9]{0,3}))?(?:-vector([1-9][0-9]?))?(-scaled)?(-int8table)?");
  private static final Pattern SHARE =
      Pattern.compile("sparse([1-9][0-9]?)(?:-block([1-9][0-9]?))?");
  private static final Pattern OF_EACH = Pattern.compile("sparse([1-9][0-9]?)of([1-9][0-9]?)");

  private FormatName() {}

  /// Names that read, for a hint.
  public static List<String> examples() {
    return List.of(
        "float16",
        "int8",
        "int8-tensor",
        "int8-asymmetric",
        "int4",
        "int4-block32",
        "palette8",
        "palette6",
        "palette4",
        "palette3",
        "palette2",
        "palette1",
        "palette4-group16",
        "palette4-vector2",
        "palette4-scaled",
        "palette4-int8table",
        "sparse50",
        "sparse75",
        "sparse2of4",
        "sparse50-block4",
        "sparse50+int8",
        "sparse50+palette4");
  }

  /// @throws InputException where it is no format
  public static WeightFormat read(String name) {
    int plus = name.indexOf('+');
    String first = plus < 0 ? name : name.substring(0, plus);
    var zeros = new ArrayList<WeightFormat.Zeros>();
    Matcher share = SHARE.matcher(first);
    Matcher each = OF_EACH.matcher(first);
    if (share.matches()) {
      double part = Integer.parseInt(share.group(1)) / 100.0;
      zeros.add(
          share.group(2) == null
              ? new WeightFormat.Zeros.Share(part)
              : new WeightFormat.Zeros.Blocks(part, Integer.parseInt(share.group(2))));
    } else if (each.matches()) {
      int some = Integer.parseInt(each.group(1));
      int of = Integer.parseInt(each.group(2));
      if (some >= of) {
        throw unknown(name);
      }
      zeros.add(new WeightFormat.Zeros.OfEach(some, of));
    }
    if (zeros.isEmpty()) {
      if (plus >= 0) {
        throw unknown(name);
      }
      return plain(name, name);
    }
    WeightFormat values = plus < 0 ? WeightFormat.FLOAT16 : plain(name.substring(plus + 1), name);
    try {
      return new WeightFormat.Sparse(zeros.getFirst(), values);
    } catch (IllegalArgumentException e) {
      throw InputException.at(
              "format '" + name + "'", "there is %s", String.valueOf(e.getMessage()))
          .hint("between zeros: float16, int8, int4, int4-block32, palette4, palette4-group16");
    }
  }

  private static WeightFormat plain(String text, String name) {
    Matcher blocks = INT4_BLOCKS.matcher(text);
    if (blocks.matches()) {
      return new WeightFormat.Searched(4, Integer.parseInt(blocks.group(1)));
    }
    Matcher palette = PALETTE.matcher(text);
    if (palette.matches()) {
      return new WeightFormat.Palette(
          Integer.parseInt(palette.group(1)),
          number(palette, 2, 0),
          number(palette, 3, 1),
          palette.group(4) != null,
          palette.group(5) != null);
    }
    return switch (text) {
      case "float16" -> WeightFormat.FLOAT16;
      case "int8" -> WeightFormat.INT8_PER_CHANNEL;
      case "int8-tensor" -> WeightFormat.INT8_PER_TENSOR;
      case "int8-asymmetric" -> WeightFormat.INT8_ASYMMETRIC;
      case "int4" -> new WeightFormat.Searched(4, 0);
      default -> throw unknown(name);
    };
  }

  private static int number(Matcher matcher, int group, int otherwise) {
    return matcher.group(group) == null ? otherwise : Integer.parseInt(matcher.group(group));
  }

  private static InputException unknown(String name) {
    return InputException.at("format '" + name + "'", "is not known")
        .hint("%s", Spelling.hint(name, examples()));
  }
}
