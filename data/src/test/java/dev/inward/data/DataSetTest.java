package dev.inward.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataSetTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static List<String> texts(TextLines lines) {
    return IntStream.range(0, lines.size()).mapToObj(lines::text).toList();
  }

  @Test
  void lines_areReadByIndex_withoutEmptyOnesBreaksAndMark() throws IOException {
    TextLines lines = TextLines.open(file("a.txt", "\ufeffErste\r\n\n¡dos!\n\r\n三\ud83d\ude42"));
    assertThat(texts(lines)).containsExactly("Erste", "¡dos!", "三\ud83d\ude42");
    assertThat(lines.text(1)).isEqualTo("¡dos!");
    assertThat(lines.labels()).isEmpty();
    assertThat(lines.label(0)).isEmpty();
  }

  @Test
  void labels_areSortedByName() throws IOException {
    TextLines lines = TextLines.open(file("a.txt", "bad film\tneg\ngood film\tpos\nmeh\tneg\n"));
    assertThat(texts(lines)).containsExactly("bad film", "good film", "meh");
    assertThat(lines.labels()).containsExactly("neg", "pos");
    assertThat(IntStream.range(0, 3).mapToObj(lines::label))
        .containsExactly(OptionalInt.of(0), OptionalInt.of(1), OptionalInt.of(0));
  }

  @Test
  void labelsThatAreNumbers_areSortedAsNumbers() throws IOException {
    assertThat(TextLines.open(file("a.txt", "a\t10\nb\t9\nc\t100\n")).labels())
        .containsExactly("9", "10", "100");
  }

  @Test
  void damagedLines_areRefusedWithTheirNumber() throws IOException {
    Path mixed = file("mixed.txt", "a\tx\n\nb\n");
    assertThatThrownBy(() -> TextLines.open(mixed))
        .isInstanceOf(InputException.class)
        .hasMessage(mixed + ":3: either every line has a label or none; this one has none");
    Path late = file("late.txt", "a\nb\tx\n");
    assertThatThrownBy(() -> TextLines.open(late))
        .hasMessage(late + ":2: either every line has a label or none; this one has one");
    Path tabs = file("tabs.txt", "a\tx\ty\n");
    assertThatThrownBy(() -> TextLines.open(tabs))
        .hasMessage(tabs + ":1: a tab is to be followed by one label");
    Path latin =
        Files.write(folder.resolve("l.txt"), "ok\nà".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> TextLines.open(latin)).hasMessage(latin + ":2: is not UTF-8");
    Path endless = file("endless.txt", "ok\n" + "x".repeat(1_000_001));
    assertThatThrownBy(() -> TextLines.open(endless))
        .hasMessage(endless + ":2: the line has more than 1000000 bytes");
    Path empty = file("empty.txt", "\n\n");
    assertThatThrownBy(() -> TextLines.open(empty)).hasMessage(empty + ": holds no line of text");
  }

  @Test
  void fileThatShrinksWhileInUse_isRefused() throws IOException {
    Path path = file("a.txt", "one\ntwo\n");
    TextLines lines = TextLines.open(path);
    Files.writeString(path, "one\n");
    assertThatThrownBy(() -> lines.text(1))
        .isInstanceOf(InputException.class)
        .hasMessage(path + ": the file was cut while it was read");
  }

  @Test
  void place_decidesTheKind() throws IOException {
    Path text = file("a.txt", "x\n");
    Path array = folder.resolve("a.npy");
    Npy.write(array, new NamedArray.Floats("", List.of(2, 1), new float[] {1, 2}));
    Path images = Files.createDirectories(folder.resolve("images"));
    Files.write(images.resolve("a.png"), new byte[] {1});
    assertThat(DataSet.open(text)).isInstanceOf(TextLines.class);
    assertThat(DataSet.open(array)).isInstanceOf(NpyArrays.class);
    assertThat(DataSet.open(images)).isInstanceOf(ImageFolder.class);
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> DataSet.open(none))
        .isInstanceOf(InputException.class)
        .hasMessage(none + ": there is no such file or folder");
  }

  @Test
  void arraysOfAFolder_areInputsByName_andLabelsApart() throws IOException {
    Npy.write(folder.resolve("b.npy"), new NamedArray.Floats("", List.of(3, 2), new float[6]));
    Npy.write(folder.resolve("a.npy"), new NamedArray.Longs("", List.of(3), new long[] {7, 8, 9}));
    Npy.write(
        folder.resolve("labels.npy"), new NamedArray.Longs("", List.of(3), new long[] {2, 0, 2}));
    DataSet data = DataSet.open(folder);
    assertThat(data.size()).isEqualTo(3);
    assertThat(data.labels()).containsExactly("0", "1", "2");
    Samples samples = Samples.of(data, new Preprocessing.None(), List.of("b", "a"));
    assertThat(samples.labels()).containsExactly(2, 0, 2);
    List<NamedArray> batch = samples.batch(1, 3);
    assertThat(batch).extracting(NamedArray::name).containsExactly("b", "a");
    assertThat(batch.getFirst().dims()).containsExactly(2, 2);
    assertThat(((NamedArray.Longs) batch.getLast()).values()).containsExactly(8, 9);

    assertThatThrownBy(() -> Samples.of(data, new Preprocessing.None(), List.of("a", "c")))
        .isInstanceOf(InputException.class)
        .hasMessage(folder + ": gives [a, b], but the model has an input 'c'");
  }

  @Test
  void arraysOfDifferentLength_areRefused() {
    Npy.write(folder.resolve("a.npy"), new NamedArray.Longs("", List.of(3), new long[3]));
    Npy.write(folder.resolve("b.npy"), new NamedArray.Longs("", List.of(2), new long[2]));
    assertThatThrownBy(() -> NpyArrays.open(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(folder.resolve("b.npy") + ": holds 2 samples, the files before it 3");
  }

  @Test
  void texts_becomeTheInputsThatTheModelHas() throws IOException {
    Path vocabulary = file("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n");
    DataSet data = DataSet.open(file("a.txt", "a\na a a\na a a a a a\n"));
    var how = new Preprocessing.Text(vocabulary, 6, Preprocessing.Padding.LONGEST);
    List<NamedArray> batch =
        Samples.of(data, how, List.of("attention_mask", "input_ids")).batch(0, 2);
    assertThat(batch).extracting(NamedArray::name).containsExactly("input_ids", "attention_mask");
    assertThat(batch.getFirst().dims()).containsExactly(2, 5);
    assertThat(((NamedArray.Longs) batch.getFirst()).values())
        .containsExactly(2, 4, 3, 0, 0, 2, 4, 4, 4, 3);
    assertThat(((NamedArray.Longs) batch.getLast()).values())
        .containsExactly(1, 1, 1, 0, 0, 1, 1, 1, 1, 1);

    var fixed = new Preprocessing.Text(vocabulary, 6, Preprocessing.Padding.FIXED);
    assertThat(Samples.of(data, fixed, List.of("input_ids")).batch(0, 1).getFirst().dims())
        .containsExactly(1, 6);
    assertThatThrownBy(() -> Samples.of(data, how, List.of("tokens")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            data.place()
                + ": gives [input_ids, attention_mask, token_type_ids], but the model has an input"
                + " 'tokens'");
  }

  @Test
  void preprocessingOfAnotherKind_isRefused() throws IOException {
    DataSet data = DataSet.open(file("a.txt", "a\n"));
    assertThatThrownBy(() -> Samples.of(data, new Preprocessing.None(), List.of("x")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            data.place() + ": holds lines of text, but the preprocessing takes arrays as they are");
  }
}
