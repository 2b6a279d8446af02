package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.base.Refusal;
import dev.inward.base.Replacement;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireReader;
import dev.inward.protobuf.WireWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;

/// A finished package whose weights get other encodings. All else stays as it is, byte for byte but
/// for the places of what lies in the weight file: the interface, labels, texts, names, types, ops
/// that no graph knows, several functions.
public final class Recoding {
  /// A constant that ops multiply by or look up in.
  ///
  /// @param channelAxis of outputs; empty where its readers disagree
  /// @param inputAxis of what is summed; likewise
  /// @param readers the names of the ops that read it
  public record Weight(
      String name,
      Tensor tensor,
      OptionalInt channelAxis,
      OptionalInt inputAxis,
      List<String> readers) {
    public Weight {
      readers = List.copyOf(readers);
    }
  }

  private final Path path;
  private final Storage model;
  private final ProgramScan scan;
  private final Opened opened;
  private final Target stated;

  /// The weight files of the package, each mapped once.
  private static final class Opened {
    private final ModelReader.Weights weights;
    private final Map<String, BlobFile> files = new HashMap<>();

    Opened(ModelReader.Weights weights) {
      this.weights = weights;
    }

    BlobFile file(String name) throws IOException {
      BlobFile found = files.get(name);
      if (found == null) {
        found = weights.open(name);
        files.put(name, found);
      }
      return found;
    }
  }

  private Recoding(Path path, Storage model, Target stated, ProgramScan scan, Opened opened) {
    this.path = path;
    this.model = model;
    this.stated = stated;
    this.scan = scan;
    this.opened = opened;
  }

  /// @throws InputException where the package is damaged
  /// @throws UnsupportedException where it is no ML Program
  public static Recoding of(Path path) {
    try {
      return Package.open(
          path,
          (bytes, weights) -> {
            var opened = new Opened(weights);
            long specification = 0;
            Optional<WireReader> program = Optional.empty();
            for (var in = WireReader.of(bytes); in.next(); ) {
              switch (in.number()) {
                case 1 -> specification = in.varint();
                case 502 -> program = Optional.of(in.message());
                default -> {}
              }
            }
            long version = specification;
            Target target =
                Arrays.stream(Target.values())
                    .filter(t -> t.specification() == version)
                    .findFirst()
                    .orElseThrow(() ->
                        UnsupportedException.of(
                            "specification version %d is not known; versions 6 to 10 are",
                            version));
            if (program.isEmpty()) {
              throw UnsupportedException.of("the package holds no ML Program")
                  .hint("convert it with a tool that writes ML Programs (iOS 15 or later)");
            }
            var scan = ProgramScan.of(program.get(), new ModelReader(opened::file));
            return new Recoding(path, Storage.of(bytes), target, scan, opened);
          });
    } catch (IOException e) {
      throw InputException.at(path.toString(), "cannot be read: %s", e);
    } catch (Refusal e) {
      throw within(e, path.toString());
    }
  }

  private static Refusal within(Refusal refusal, String path) {
    return switch (refusal) {
      case InputException e -> e.in(path);
      case UnsupportedException e -> e.in(path);
    };
  }

  /// The oldest system that runs the package.
  public Target target() {
    return stated;
  }

  /// The weights in the order of the program, those that only ops as weights read.
  public List<Weight> weights() {
    return scan.weights();
  }

  /// Why constants of at least `least` reals are no weights, by name.
  public SequencedMap<String, String> others(long least) {
    return scan.others(least);
  }

  /// Writes the package with these encodings.
  ///
  /// @param encoded by the names of weights, each of its weight's type and extents
  /// @param wanted the oldest system that must run it; empty: the oldest that can, and no older one
  ///   than before
  /// @throws UnsupportedException where the target cannot hold an encoding, or the program changes
  ///   its meaning for a later system
  public CoreMl.Written write(Path out, Map<String, Tensor> encoded, Optional<Target> wanted) {
    Set<String> notes = new LinkedHashSet<>();
    Target target = wanted.orElse(stated);
    if (!target.atLeast(stated)) {
      throw UnsupportedException.of(
              "the package needs %s; it cannot be written for %s", stated.title(), target.title())
          .hint("leave --target away");
    }
    Map<String, List<Mil.Operation>> replaced = new LinkedHashMap<>();
    while (true) {
      try {
        notes.clear();
        replaced.clear();
        var names = new Names();
        scan.names().forEach(names::fresh);
        var body = new Body(target, names);
        var weights = new Weights(body, _ -> Optional.empty(), notes::add);
        for (var weight : encoded.entrySet()) {
          replaced.put(weight.getKey(), operations(weight.getKey(), weight.getValue(), weights));
        }
        break;
      } catch (NeedsTarget e) {
        if (wanted.isPresent()) {
          throw e.refusal;
        }
        target = e.least;
      }
    }
    Target chosen = target;
    var raising = new TargetRaising(stated, chosen, scan, notes);
    long[] bytes = new long[1];
    Replacement.of(
        out,
        beside ->
            bytes[0] =
                Package.write(
                    beside, blobs -> new Writing(blobs, chosen, replaced, raising).model()));
    return new CoreMl.Written(chosen, new LinkedHashMap<>(), List.copyOf(notes), bytes[0]);
  }

  /// The ops that make a weight, under the name that it had.
  private List<Mil.Operation> operations(String name, Tensor tensor, Weights weights) {
    Mil.Value before = scan.constant(name);
    if (!tensor.dims().equals(before.dims())) {
      throw new IllegalArgumentException(
          "'%s' is %s, got %s".formatted(name, before.dims(), tensor.dims()));
    }
    int made = weights.body().size();
    Mil.Var result = weights.tensor(name, tensor, before.type(), "weight '" + name + "'");
    List<Mil.Operation> operations = new ArrayList<>(weights.body().from(made));
    Mil.Operation last = operations.removeLast();
    operations.add(
        new Mil.Operation(
            last.type(),
            name,
            last.inputs(),
            last.attributes(),
            List.of(new Mil.Var(name, result.type(), result.dims()))));
    return operations;
  }

  /// One pass over the model file.
  private final class Writing {
    private final Blobs blobs;
    private final Target target;
    private final Map<String, List<Mil.Operation>> replaced;
    private final TargetRaising raising;
    private final Map<String, Long> moved = new HashMap<>();

    Writing(
        Blobs blobs,
        Target target,
        Map<String, List<Mil.Operation>> replaced,
        TargetRaising raising) {
      this.blobs = blobs;
      this.target = target;
      this.replaced = replaced;
      this.raising = raising;
    }

    WireWriter model() throws IOException {
      var out = new WireWriter();
      for (var in = WireReader.of(model.bytes()); in.next(); ) {
        switch (in.number()) {
          case 1 -> out.varint(1, target.specification());
          case 502 -> out.message(502, program(in.message()));
          default -> out.raw(in.field());
        }
      }
      return out;
    }

    private WireWriter program(WireReader in) throws IOException {
      var out = new WireWriter();
      while (in.next()) {
        if (in.number() == 2) {
          var entry = new WireWriter();
          for (var pair = in.message(); pair.next(); ) {
            if (pair.number() == 2) {
              entry.message(2, function(pair.message()));
            } else {
              entry.raw(pair.field());
            }
          }
          out.message(2, entry);
        } else {
          out.raw(in.field());
        }
      }
      return out;
    }

    private WireWriter function(WireReader in) throws IOException {
      var out = new WireWriter();
      while (in.next()) {
        switch (in.number()) {
          case 2 -> out.string(2, target.opset());
          case 3 -> {
            var entry = new WireWriter();
            for (var pair = in.message(); pair.next(); ) {
              switch (pair.number()) {
                case 1 -> entry.string(1, target.opset());
                case 2 -> entry.message(2, block(pair.message()));
                default -> entry.raw(pair.field());
              }
            }
            out.message(3, entry);
          }
          default -> out.raw(in.field());
        }
      }
      return out;
    }

    private WireWriter block(WireReader in) throws IOException {
      var out = new WireWriter();
      while (in.next()) {
        if (in.number() != 3) {
          out.raw(in.field());
          continue;
        }
        var op = ProgramScan.Op.of(in.message());
        var instead = op.isConstant() ? replaced.get(op.result()) : null;
        if (instead != null) {
          for (Mil.Operation operation : instead) {
            out.message(3, ModelWriter.operation(operation, target.specification(), blobs));
          }
          continue;
        }
        var whole = operation(in.message());
        for (Mil.Operation added : raising.constants(op)) {
          out.message(3, ModelWriter.operation(added, target.specification(), blobs));
        }
        raising.inputs(op, whole);
        out.message(3, whole);
      }
      return out;
    }

    private WireWriter operation(WireReader in) throws IOException {
      var out = new WireWriter();
      while (in.next()) {
        switch (in.number()) {
          case 2 -> out.message(2, input(in.message()));
          case 4 -> out.message(4, block(in.message()));
          case 5 -> out.message(5, attribute(in.message()));
          default -> out.raw(in.field());
        }
      }
      return out;
    }

    /// A parameter with what it is bound to.
    private WireWriter input(WireReader in) throws IOException {
      var out = new WireWriter();
      while (in.next()) {
        if (in.number() != 2) {
          out.raw(in.field());
          continue;
        }
        var argument = new WireWriter();
        for (var bindings = in.message(); bindings.next(); ) {
          var binding = new WireWriter();
          for (var one = bindings.message(); one.next(); ) {
            if (one.number() == 2) {
              binding.message(2, value(one.message()));
            } else {
              binding.raw(one.field());
            }
          }
          argument.message(1, binding);
        }
        out.message(2, argument);
      }
      return out;
    }

    private WireWriter attribute(WireReader in) throws IOException {
      var out = new WireWriter();
      while (in.next()) {
        if (in.number() == 2) {
          out.message(2, value(in.message()));
        } else {
          out.raw(in.field());
        }
      }
      return out;
    }

    /// A value as it is, or with the new place of its blob; blobs that were shared stay so.
    private WireWriter value(WireReader in) throws IOException {
      var out = new WireWriter();
      Optional<TypeReader> type = Optional.empty();
      while (in.next()) {
        switch (in.number()) {
          case 2 -> {
            type = Optional.of(TypeReader.read(in.message()));
            out.raw(in.field());
          }
          case 5 -> {
            TypeReader of =
                type.orElseThrow(
                    () -> InputException.of("a constant has no type before its value"));
            out.message(
                5,
                new WireWriter().string(1, ModelWriter.WEIGHTS).varint(2, moved(in.message(), of)));
          }
          default -> out.raw(in.field());
        }
      }
      return out;
    }

    private long moved(WireReader in, TypeReader type) throws IOException {
      String file = "";
      long offset = 0;
      while (in.next()) {
        switch (in.number()) {
          case 1 -> file = in.string();
          case 2 -> offset = in.varint();
          default -> {}
        }
      }
      String key = file + "@" + offset;
      Long known = moved.get(key);
      if (known == null) {
        long count = Mil.elements(type.dims());
        known =
            blobs.add(type.element(), count, opened.file(file).blob(offset, type.element(), count));
        moved.put(key, known);
      }
      return known;
    }
  }
}
