package dev.inward.planning;

import dev.inward.data.Pooling;
import dev.inward.data.Preprocessing;
import dev.inward.device.Device;
import dev.inward.device.DeviceProfile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/// What a model must keep, and what is needed to find out whether it does. [BudgetFile] reads one.
///
/// @param devices not empty; more than one is a fleet, and every one must pass
/// @param shapes the extents of an input by its name, or the extent of a symbolic dimension by its
/// @param outputs what the app reads, by name; what only others need is left out, and quality looks
///   at the first. Empty where the model's own outputs stay
/// @param pooling how an output with a row a token becomes one row; empty for the usual way
/// @param ios the oldest iOS that the delivered model must run on
/// @param constraints at most one of a kind, in the file's order
/// @param prefer what decides among the candidates that keep every line
public record Budget(
    Model model,
    List<Device> devices,
    Optional<Data> data,
    Optional<Preprocessing> preprocessing,
    SequencedMap<String, List<Long>> shapes,
    List<String> outputs,
    Optional<Pooling> pooling,
    OptionalInt ios,
    List<Constraint> constraints,
    Preference prefer) {
  public Budget {
    devices = List.copyOf(devices);
    outputs = List.copyOf(outputs);
    shapes = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(shapes));
    constraints = List.copyOf(constraints);
    if (devices.isEmpty()) {
      throw new IllegalArgumentException("a budget names a device");
    }
    if (constraints.stream().map(Constraint::kind).distinct().count() != constraints.size()) {
      throw new IllegalArgumentException("two lines of one kind: " + constraints);
    }
  }

  /// What is to be fitted.
  public sealed interface Model {
    /// A file or an `.mlpackage` folder.
    record At(Path path) implements Model {}

    /// An example that comes with the program.
    record Bundled(String name) implements Model {}
  }

  /// A person's files: text lines, a folder of pictures in folders by label, or arrays.
  ///
  /// @param calibrate what ranges may be learnt from
  /// @param test what quality is measured on; held out of everything else
  public record Data(Optional<Path> calibrate, Path test) {}

  /// What to have most of, or spend least of.
  public enum Preference {
    QUALITY(Constraint.Kind.QUALITY),
    SIZE(Constraint.Kind.SIZE),
    LATENCY(Constraint.Kind.LATENCY),
    ENERGY(Constraint.Kind.ENERGY);

    private final Constraint.Kind kind;

    Preference(Constraint.Kind kind) {
      this.kind = kind;
    }

    /// The figure that is compared.
    public Constraint.Kind kind() {
      return kind;
    }

    /// As a budget file says it.
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The line of that type.
  public <C extends Constraint> Optional<C> line(Class<C> type) {
    return constraints.stream().filter(type::isInstance).map(type::cast).findFirst();
  }

  /// The line of that kind.
  public Optional<Constraint> line(Constraint.Kind kind) {
    return constraints.stream().filter(line -> line.kind() == kind).findFirst();
  }

  /// The phones among the devices, the one that has the hardest time first.
  public List<DeviceProfile> phones() {
    return devices.stream()
        .filter(DeviceProfile.class::isInstance)
        .map(DeviceProfile.class::cast)
        .sorted(DeviceProfile.OLDEST_FIRST)
        .toList();
  }

  /// The same budget with other lines.
  public Budget with(List<Constraint> lines) {
    return new Budget(
        model, devices, data, preprocessing, shapes, outputs, pooling, ios, lines, prefer);
  }
}
