package dev.inward.device;

import dev.inward.base.Csv;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;

/// A rule that decides where a node runs. What holds on which generation of the Neural Engine, and
/// who says so, stands in the table `rules.csv`.
public enum Rule {
  /// The results are known before the model runs.
  KNOWN_AHEAD(Kind.OP),
  NO_ENGINE(Kind.CHIP),
  UNKNOWN_OP(Kind.OP),
  NO_SUCH_OP(Kind.OP),
  RECURRENCE(Kind.OP),
  SCATTER(Kind.OP),
  SHAPE_ARITHMETIC(Kind.OP),
  /// Its limit: the generation that could look up itself.
  LOOKUP(Kind.OP),
  LARGEST_INDEX(Kind.OP),
  /// The limit of this and of the next five: the first generation that has the op.
  REDUCTION(Kind.OP),
  TEXTURE(Kind.OP),
  REFLECTION(Kind.OP),
  RANKING(Kind.OP),
  SMALLEST_INDEX(Kind.OP),
  TRIGONOMETRY(Kind.OP),
  FLOAT32(Kind.TYPE),
  INTERFACE(Kind.TYPE),
  WHOLE_NUMBERS(Kind.TYPE),
  NO_SUCH_TYPE(Kind.TYPE),
  FLEXIBLE(Kind.SHAPE),
  RANK(Kind.RANK),
  PRODUCT_RANK(Kind.RANK),
  CONVOLUTION_RANK(Kind.RANK),
  /// Its limit: the largest batch.
  RUNTIME_KERNEL(Kind.SHAPE),
  PAD_MODE(Kind.OP),
  /// Its limit: how many of the last axes can be padded.
  PAD_AXES(Kind.SHAPE),
  CONCAT_AXIS(Kind.SHAPE),
  BLOCK_FACTOR(Kind.SHAPE),
  TILE_FACTOR(Kind.SHAPE),
  EXTENT(Kind.SIZE),
  CHANNELS(Kind.SIZE),
  BATCH(Kind.SIZE),
  KERNEL_WIDTH(Kind.SIZE),
  KERNEL_HEIGHT(Kind.SIZE),
  POOL_WINDOW(Kind.SIZE),
  INDEX_AXIS(Kind.SIZE),
  ISLAND(Kind.WORTH),
  /// Its limit: parameters of the whole model.
  SMALL_MODEL(Kind.WORTH),
  /// Its limit: terms of one sum.
  LONE_PRODUCT(Kind.WORTH),
  /// Its limit: elements of the query.
  FUSED_ATTENTION(Kind.WORTH),
  /// Its limit: the largest magnitude that stays finite.
  SATURATING_SLICE(Kind.NUMBERS);

  /// What of a node a rule looks at.
  public enum Kind {
    CHIP,
    OP,
    TYPE,
    RANK,
    SHAPE,
    SIZE,
    /// Whether it pays to use the engine where it could be used.
    WORTH,
    /// What comes out, not where it runs.
    NUMBERS
  }

  private record Row(int from, OptionalLong limit, String source) {}

  private static final Map<Rule, List<Row>> TABLE = load();

  private final Kind kind;

  Rule(Kind kind) {
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /// The number that decides on a chip; empty where the rule has none there.
  public OptionalLong limit(Chip chip) {
    return row(chip).limit();
  }

  /// Who says so.
  public String source(Chip chip) {
    return row(chip).source();
  }

  /// Whether a value is beyond the limit that holds on a chip.
  boolean exceeded(Chip chip, long value) {
    OptionalLong limit = limit(chip);
    return limit.isPresent() && value > limit.getAsLong();
  }

  /// Lower case, as in JSON: `kernel width`.
  public String title() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }

  private Row row(Chip chip) {
    return Objects.requireNonNull(TABLE.get(this), name()).stream()
        .filter(row -> row.from() <= chip.generation())
        .reduce((_, later) -> later)
        .orElseThrow();
  }

  private static Map<Rule, List<Row>> load() {
    var all = new EnumMap<Rule, List<Row>>(Rule.class);
    for (Csv.Row row : Csv.read(Rule.class, "rules.csv")) {
      var limit = row.known("limit");
      all.computeIfAbsent(Rule.valueOf(row.text("rule")), _ -> new ArrayList<>())
          .add(
              new Row(
                  (int) row.number("from"),
                  limit.isPresent()
                      ? OptionalLong.of((long) limit.getAsDouble())
                      : OptionalLong.empty(),
                  row.text("source")));
    }
    return all;
  }
}
