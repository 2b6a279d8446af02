package dev.inward.arch;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Which room stands on which floor. A module that is added is added here, or its classes are
/// reported as homeless.
final class House {
  /// A module and the packages it may hold, below `dev.inward`.
  record Room(String module, int floor, List<String> packages) {
    Room(String module, int floor) {
      this(module, floor, List.of(module));
    }
  }

  static final List<Room> ROOMS =
      List.of(
          new Room("base", 0),
          new Room("graph", 1),
          new Room("data", 1),
          new Room("document", 1),
          new Room("formats", 2, List.of("onnx", "coreml", "protobuf")),
          new Room("device", 2),
          new Room("runtime", 3),
          new Room("compress", 4),
          new Room("planning", 5),
          new Room("training", 5),
          new Room("workbench", 6),
          new Room("cli", 8));

  private static final String ROOT = "dev.inward.";

  private House() {}

  /// The room of a class of ours; the longest package that matches counts.
  static Optional<Room> roomOf(JavaClass type) {
    String name = type.getPackageName() + ".";
    return ROOMS.stream()
        .filter(room -> room.packages().stream().anyMatch(in -> name.startsWith(ROOT + in + ".")))
        .max(Comparator.comparingInt(room -> room.module().length()));
  }

  static ArchCondition<JavaClass> useOnlyFloorsBelow() {
    return new ArchCondition<>("use only floors below their own") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        var own = roomOf(type);
        if (own.isEmpty()) {
          events.add(SimpleConditionEvent.violated(type, type.getName() + " stands on no floor"));
          return;
        }
        for (var use : type.getDirectDependenciesFromSelf()) {
          var used = use.getTargetClass().getBaseComponentType();
          if (!used.getName().startsWith(ROOT)) {
            continue;
          }
          var other = roomOf(used);
          boolean allowed =
              other.isPresent() && (other.equals(own) || other.get().floor() < own.get().floor());
          if (!allowed) {
            String where = other.map(o -> o.module() + ", floor " + o.floor()).orElse("no floor");
            events.add(
                SimpleConditionEvent.violated(
                    type,
                    "%s, floor %d, uses %s: %s"
                        .formatted(
                            own.get().module(), own.get().floor(), where, use.getDescription())));
          }
        }
      }
    };
  }
}
