package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;

/// The constants of a program and who reads them, over all its functions and blocks, without
/// knowing more of its ops.
final class ProgramScan {
  private final Map<String, Mil.Value> constants = new LinkedHashMap<>();
  private final Map<String, List<Use>> uses = new LinkedHashMap<>();
  private final Set<String> names = new LinkedHashSet<>();
  private final Set<String> results = new LinkedHashSet<>();
  private final Set<String> twice = new LinkedHashSet<>();
  final List<Op> ops = new ArrayList<>();

  private record Use(Op op, String parameter) {}

  /// An op as far as it is looked at.
  ///
  /// @param inputs names that parameters are bound to
  record Op(String type, Map<String, List<String>> inputs, List<String> outputs) {
    static Op of(WireReader in) {
      String type = "";
      Map<String, List<String>> inputs = new LinkedHashMap<>();
      List<String> outputs = new ArrayList<>();
      while (in.next()) {
        switch (in.number()) {
          case 1 -> type = in.string();
          case 2 -> input(in.message(), inputs);
          case 3 -> {
            for (var out = in.message(); out.next(); ) {
              if (out.number() == 1) {
                outputs.add(out.string());
              }
            }
          }
          default -> {}
        }
      }
      return new Op(type, inputs, outputs);
    }

    private static void input(WireReader in, Map<String, List<String>> into) {
      String key = "";
      List<String> bound = new ArrayList<>();
      while (in.next()) {
        switch (in.number()) {
          case 1 -> key = in.string();
          case 2 -> {
            for (var argument = in.message(); argument.next(); ) {
              for (var binding = argument.message(); binding.next(); ) {
                if (binding.number() == 1) {
                  bound.add(binding.string());
                }
              }
            }
          }
          default -> {}
        }
      }
      into.put(key, bound);
    }

    boolean isConstant() {
      return type.equals("const");
    }

    String result() {
      return outputs.isEmpty() ? "" : outputs.getFirst();
    }
  }

  private ProgramScan() {}

  static ProgramScan of(WireReader program, ModelReader values) throws IOException {
    var scan = new ProgramScan();
    while (program.next()) {
      if (program.number() != 2) {
        continue;
      }
      for (var entry = program.message(); entry.next(); ) {
        if (entry.number() == 2) {
          scan.function(entry.message(), values);
        }
      }
    }
    return scan;
  }

  private void function(WireReader in, ModelReader values) throws IOException {
    while (in.next()) {
      if (in.number() == 3) {
        for (var entry = in.message(); entry.next(); ) {
          if (entry.number() == 2) {
            block(entry.message(), values);
          }
        }
      }
    }
  }

  private void block(WireReader in, ModelReader values) throws IOException {
    while (in.next()) {
      switch (in.number()) {
        case 2 -> results.add(in.string());
        case 3 -> {
          var op = Op.of(in.message());
          ops.add(op);
          op.inputs()
              .forEach((parameter, bound) ->
                  bound.forEach(name ->
                      uses.computeIfAbsent(name, _ -> new ArrayList<>())
                          .add(new Use(op, parameter))));
          for (String output : op.outputs()) {
            if (!names.add(output)) {
              twice.add(output);
            }
          }
          for (var inside = in.message(); inside.next(); ) {
            switch (inside.number()) {
              case 4 -> block(inside.message(), values);
              case 5 -> {
                if (op.isConstant()) {
                  attribute(inside.message(), op, values);
                }
              }
              default -> {}
            }
          }
        }
        default -> {}
      }
    }
  }

  private void attribute(WireReader in, Op op, ModelReader values) throws IOException {
    String key = "";
    while (in.next()) {
      switch (in.number()) {
        case 1 -> key = in.string();
        case 2 -> {
          if (key.equals("val") && isTensor(in.message())) {
            try {
              constants.putIfAbsent(op.result(), values.value(in.message()));
            } catch (InputException e) {
              throw e.in("op '" + op.result() + "' (const)");
            }
          }
        }
        default -> {}
      }
    }
  }

  /// Whether a value is a tensor of a type that is known.
  private static boolean isTensor(WireReader value) {
    while (value.next()) {
      if (value.number() == 2) {
        for (var type = value.message(); type.next(); ) {
          if (type.number() == 1) {
            for (var tensor = type.message(); tensor.next(); ) {
              if (tensor.number() == 1) {
                return MilType.ofCode(tensor.varint()).isPresent();
              }
            }
          }
        }
      }
    }
    return false;
  }

  Mil.Value constant(String name) {
    Mil.Value found = constants.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no constant is named '" + name + "'");
    }
    return found;
  }

  /// The values of a constant of whole numbers that a parameter of an op is bound to; empty where
  /// it is computed or something else.
  long[] whole(Op op, String parameter) {
    var bound = op.inputs().getOrDefault(parameter, List.of());
    Mil.Value value = bound.isEmpty() ? null : constants.get(bound.getFirst());
    return value == null || value.type().isFloat() || value.type() == MilType.STRING
        ? new long[0]
        : tensor(value).longs();
  }

  Set<String> names() {
    return names;
  }

  private static Tensor tensor(Mil.Value value) {
    Storage bytes = Constants.bytes(value.content());
    return Tensor.dense(value.type().graphType().orElseThrow(), value.dims(), bytes);
  }

  List<Recoding.Weight> weights() {
    List<Recoding.Weight> weights = new ArrayList<>();
    constants.forEach((name, value) -> {
      if (!value.type().isFloat() || !reason(name).isEmpty()) {
        return;
      }
      OptionalInt channel = OptionalInt.empty();
      OptionalInt input = OptionalInt.empty();
      boolean first = true;
      var readers = uses.getOrDefault(name, List.of());
      for (Use use : readers) {
        int[] axes = axes(use, value.dims().size());
        channel =
            first || channel.orElse(-1) == axes[0] ? OptionalInt.of(axes[0]) : OptionalInt.empty();
        input =
            first || input.orElse(-1) == axes[1] ? OptionalInt.of(axes[1]) : OptionalInt.empty();
        first = false;
      }
      weights.add(
          new Recoding.Weight(
              name,
              tensor(value),
              channel,
              input,
              readers.stream().map(use -> use.op().result()).distinct().toList()));
    });
    return weights;
  }

  /// Reals that are no weights, by name, with the reason.
  SequencedMap<String, String> others(long least) {
    SequencedMap<String, String> others = new LinkedHashMap<>();
    constants.forEach((name, value) -> {
      if (value.type().isFloat() && value.elements() >= least && !reason(name).isEmpty()) {
        others.put(name, reason(name));
      }
    });
    for (Op op : ops) {
      if (op.type().startsWith("constexpr_")) {
        uses.getOrDefault(op.result(), List.of()).stream()
            .filter(use -> !use.op().type().startsWith("constexpr_"))
            .findFirst()
            .ifPresent(_ -> others.put(op.result(), "is compressed already"));
      }
    }
    return others;
  }

  /// Why a constant is no weight; empty where it is one.
  private String reason(String name) {
    if (twice.contains(name)) {
      return "several functions define it";
    }
    if (results.contains(name)) {
      return "is a result";
    }
    var readers = uses.getOrDefault(name, List.of());
    if (readers.isEmpty()) {
      return "nothing reads it";
    }
    for (Use use : readers) {
      if (axes(use, constant(name).dims().size()).length == 0) {
        return "is read as '%s' of %s".formatted(use.parameter(), use.op().type());
      }
    }
    return "";
  }

  /// The axes of channels and inputs of a weight; none where the parameter is not one.
  private int[] axes(Use use, int rank) {
    String place = use.op().type() + "." + use.parameter();
    int[] axes =
        switch (place) {
          case "conv.weight", "linear.weight" -> new int[] {0, 1};
          case "conv_transpose.weight" -> new int[] {1, 0};
          case "matmul.y" ->
              flag(use.op(), "transpose_y")
                  ? new int[] {rank - 2, rank - 1}
                  : new int[] {rank - 1, rank - 2};
          case "matmul.x" ->
              flag(use.op(), "transpose_x")
                  ? new int[] {rank - 1, rank - 2}
                  : new int[] {rank - 2, rank - 1};
          case "lstm.weight_ih",
              "lstm.weight_hh",
              "lstm.weight_ih_back",
              "lstm.weight_hh_back",
              "gru.weight_ih",
              "gru.weight_hh",
              "rnn.weight_ih",
              "rnn.weight_hh" ->
              new int[] {0, 1};
          case "gather.x" -> rank == 2 && axis(use.op()) == 0 ? new int[] {0, 1} : new int[0];
          default -> new int[0];
        };
    return rank < 2 ? new int[0] : axes;
  }

  private boolean flag(Op op, String parameter) {
    long[] value = whole(op, parameter);
    return value.length == 1 && value[0] != 0;
  }

  private long axis(Op op) {
    long[] value = whole(op, "axis");
    return value.length == 1 ? value[0] : op.inputs().containsKey("axis") ? -1 : 0;
  }
}
