package dev.inward.device;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Quantization;
import dev.inward.graph.Reduction;

/// What to change about a model so that a rule no longer takes a node off the Neural Engine.
final class Change {
  private Change() {}

  /// In words, for a person who can change the model or how it is converted.
  static String of(Rule rule, Node node, Chip chip) {
    return switch (rule) {
      case KNOWN_AHEAD -> "nothing: it does not run";
      case NO_ENGINE -> "a phone from A12 on (iPhone XS) is needed";
      case UNKNOWN_OP -> "export the model with standard operators";
      case NO_SUCH_OP -> otherwise(node.op());
      case RECURRENCE ->
          "use a convolution or attention over the sequence, or unroll the cell for a fixed number"
              + " of steps";
      case SCATTER -> "concatenate the parts, or choose with Where and a constant mask";
      case SHAPE_ARITHMETIC -> "fix the shapes with --shape, then it is computed beforehand";
      case LOOKUP ->
          node.op() instanceof Movement.Gather
              ? "keep the embedding outside: look the rows up in the app and give them as an input"
              : "compute the indices beforehand, or choose with a product and a constant matrix";
      case LARGEST_INDEX, INDEX_AXIS, RANKING ->
          "give out the scores and find the largest in the app";
      case SMALLEST_INDEX -> "find the largest of the negated values instead";
      case REDUCTION ->
          "no chip before %s has it; for a mean, multiply by a constant matrix"
              .formatted(Chip.since(13));
      case TEXTURE ->
          "enlarge by a transposed convolution with a constant kernel, or resize in the app";
      case REFLECTION, PAD_MODE ->
          "pad with a constant, or concatenate slices of the value with itself";
      case TRIGONOMETRY -> "where it depends on positions only, make the result a constant";
      case FLOAT32 ->
          "convert without --fp32, and take the node out of --keep-fp32; scale before it where"
              + " float16 overflows";
      case INTERFACE -> "give the package float16 inputs and outputs (from iOS 16 on)";
      case WHOLE_NUMBERS -> "cast to float before it, or compute it in the app";
      case NO_SUCH_TYPE -> "cast to float32 in the model";
      case FLEXIBLE -> "fix the shape with --shape; write one package for each shape";
      case RANK -> "merge neighbouring axes with Reshape";
      case PRODUCT_RANK -> "merge the leading axes into one with Reshape";
      case CONVOLUTION_RANK -> "convolve over two axes, one slice of the third at a time";
      case RUNTIME_KERNEL -> "make the weight a constant, or run with batch 1";
      case PAD_AXES -> "concatenate a constant instead of padding that axis";
      case CONCAT_AXIS -> "count the axis from the front";
      case BLOCK_FACTOR -> "do it in two steps whose factors are 2, 3, 4 or 8";
      case TILE_FACTOR -> "let the reader broadcast, or concatenate";
      case EXTENT, CHANNELS, BATCH ->
          "split that axis into parts of at most %d".formatted(rule.limit(chip).orElse(0));
      case KERNEL_WIDTH ->
          "swap height and width, split the kernel into a sum of narrower ones, or use dilation";
      case KERNEL_HEIGHT -> "split the kernel into a sum of lower ones, or use dilation";
      case POOL_WINDOW -> "pool in two steps";
      case ISLAND -> "nothing, unless its neighbours can move to the Neural Engine too";
      case SMALL_MODEL -> "nothing: a model this small is quick on the CPU; measure on the device";
      case LONE_PRODUCT -> "nothing: a product this small is quick on the CPU";
      case FUSED_ATTENTION -> "convert with --neural-engine, which writes attention out";
      case SATURATING_SLICE ->
          "keep values below %d, or slice along another axis".formatted(rule.limit(chip).orElse(0));
    };
  }

  private static String otherwise(Op op) {
    return switch (op) {
      case Elementwise.Binary(var function) ->
          switch (function) {
            case MOD, FMOD -> "write x - y * floor(x / y)";
            case AND -> "multiply zeros and ones";
            case OR -> "take the larger of zeros and ones";
            case XOR -> "compare zeros and ones for being unequal";
            default -> "compute it in the app";
          };
      case Elementwise.Unary _ -> "write it with exp, log and division, or use another activation";
      case Reduction _ -> "sum logarithms and take exp, where all are positive";
      case Movement.Trilu _ -> "multiply by a constant mask";
      case Movement.OneHot _ -> "look up rows of a constant identity matrix, or do it in the app";
      case Movement _ -> "compute it in the app";
      case Quantization _ -> "quantise with fixed scales: QuantizeLinear and DequantizeLinear";
      default -> "compute it in the app";
    };
  }
}
