package dev.inward.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.inward.graph.broken.Climber;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What may know what. Each rule is run twice: over the house, and over a class that breaks all of
/// them, so that a rule that can no longer fail is found.
final class HouseTest {
  enum Rule {
    FLOORS(
        classes().should(House.useOnlyFloorsBelow()),
        "graph, floor 1, uses runtime, floor 3: Method <dev.inward.graph.broken.Climber.climb()>"),
    ONNX_RUNTIME_IN_RUNTIME(only("runtime", "ai.onnxruntime.."), "OrtEnvironment"),
    SNAKEYAML_IN_PLANNING(only("planning", "org.snakeyaml.."), "LoadSettings"),
    PYTORCH_IN_TRAINING(only("training", "ai.djl.."), "ai.djl.ndarray.NDArray"),
    PICOCLI_IN_CLI(only("cli", "picocli.."), "picocli.CommandLine"),
    JACKSON_IN_BASE(only("base", "tools.jackson.."), "JsonFactory"),
    NO_NETWORK(
        noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.net..", "com.sun.net..", "javax.net.."),
        "java.net.Socket"),
    NO_EXIT_OUTSIDE_CLI(
        outside("cli")
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class),
        "calls method <java.lang.System.exit(int)>"),
    NO_PRINTING_OUTSIDE_CLI(
        outside("cli")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err"),
        "gets field <java.lang.System.out>"),
    NO_MUTABLE_STATIC(
        fields().that().areStatic().should().beFinal(),
        "Field <dev.inward.graph.broken.Climber.steps> does not have modifier FINAL"),
    NO_STATIC_CELL(
        fields()
            .that()
            .haveRawType(
                com.tngtech.archunit.base.DescribedPredicate.describe(
                    "an atomic cell, a thread-local or a concurrent map",
                    type ->
                        type.getPackageName().equals(AtomicReference.class.getPackageName())
                            || type.isAssignableTo(ThreadLocal.class)
                            || type.isAssignableTo(ConcurrentMap.class)))
            .should()
            .notBeStatic(),
        "Field <dev.inward.graph.broken.Climber.last>");

    private final ArchRule rule;
    private final String broken;

    Rule(ArchRule rule, String broken) {
      this.rule = rule.allowEmptyShould(true);
      this.broken = broken;
    }

    private static com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction outside(
        String room) {
      return noClasses().that().resideOutsideOfPackage("dev.inward." + room + "..");
    }

    private static ArchRule only(String room, String library) {
      return outside(room).should().dependOnClassesThat().resideInAPackage(library);
    }
  }

  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.inward");
  private static final JavaClasses BROKEN = new ClassFileImporter().importClasses(Climber.class);

  @ParameterizedTest
  @EnumSource
  void house_keeps(Rule rule) {
    assertThatCode(() -> rule.rule.check(HOUSE)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @EnumSource
  void climber_breaks(Rule rule) {
    assertThatThrownBy(() -> rule.rule.check(BROKEN))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(rule.broken);
  }

  @Test
  void everyRoom_isLookedAt() {
    var seen =
        HOUSE.stream()
            .flatMap(type -> House.roomOf(type).stream())
            .map(House.Room::module)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(seen)
        .containsExactlyInAnyOrderElementsOf(House.ROOMS.stream().map(House.Room::module).toList());
  }
}
