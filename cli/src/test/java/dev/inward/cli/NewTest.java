package dev.inward.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.planning.Budget;
import dev.inward.planning.BudgetFile;
import dev.inward.planning.Constraint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NewTest {
  @TempDir Path folder;
  private String model = "";
  private Path budget = Path.of("");

  @BeforeEach
  void write() {
    model = SmallModel.write(folder).toString();
    budget = folder.resolve("budget.yaml");
  }

  @Test
  void draft_readsBackWithAReasonForEveryLine() {
    var started = draft("iPhone 13");
    assertThat(started.code()).as(started.err()).isZero();
    Budget read = BudgetFile.read(budget, List.of());
    assertThat(read.model()).isEqualTo(new Budget.Model.At(Path.of(model)));
    assertThat(read.shapes()).containsExactly(Map.entry("x", List.of(1L, 8L)));
    assertThat(read.constraints())
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.line().because()).isPresent());
    assertThat(read.line(Constraint.Size.class)).map(Constraint.Size::bytes).contains(200e6);
  }

  @Test
  void smallPhone_suggestsASixteenthOfItsMemory() {
    assertThat(draft("iPhone 8").code()).isZero();
    // 2 GB of 2^30 bytes over 16, two digits down.
    assertThat(BudgetFile.read(budget, List.of()).line(Constraint.Size.class))
        .map(Constraint.Size::bytes)
        .contains(130e6);
  }

  @Test
  void earlierFile_isKeptUnlessForced() throws IOException {
    Files.writeString(budget, "mine");
    var refused = draft("iPhone 13");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .isEqualTo(
            budget
                + ": is there already\n"
                + "  hint: give another name with -o, or --force to replace it\n");
    assertThat(budget).hasContent("mine");
    assertThat(draft("iPhone 13", "--force").code()).isZero();
    assertThat(budget).content().contains("model: ");
  }

  @Test
  void unknownDevice_isRefusedAndNothingWritten() {
    assertThat(draft("iPhon 13").err())
        .startsWith("unknown device 'iPhon 13'\n  hint: did you mean 'iPhone 13'?");
    assertThat(budget).doesNotExist();
  }

  private Started draft(String device, String... more) {
    var args =
        new java.util.ArrayList<>(
            List.of("new", model, "--device", device, "-o", budget.toString()));
    args.addAll(List.of(more));
    return Started.inward(Map.of(), args.toArray(String[]::new));
  }
}
