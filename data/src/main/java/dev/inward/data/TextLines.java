package dev.inward.data;

import dev.inward.base.InputException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// A text a line in UTF-8, then, where samples have labels, a tab and the label. Empty lines are
/// left out. Only the places of the lines are held; a text is read when it is asked for.
public final class TextLines implements DataSet {
  static final int MOST_LINE_BYTES = 1_000_000;

  private final Path place;
  private final long[] starts;
  private final int[] lengths;
  private final Labels labels;

  private TextLines(Path place, long[] starts, int[] lengths, Labels labels) {
    this.place = place;
    this.starts = starts;
    this.lengths = lengths;
    this.labels = labels;
  }

  /// Reads the file once through, to find its lines and to check them.
  ///
  /// @throws InputException with the line, where one is no UTF-8, is over a million bytes, or has a
  ///   label although others have none
  public static TextLines open(Path place) {
    Reading.checkFile(place);
    try (var in = new BufferedInputStream(Files.newInputStream(place), 1 << 16)) {
      return new Scan(place).all(in);
    } catch (IOException e) {
      throw Reading.failed(place.toString(), e);
    }
  }

  /// The text of a sample, without its label.
  public String text(int index) {
    var bytes = ByteBuffer.allocate(lengths[index]);
    try (var channel = FileChannel.open(place)) {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, starts[index] + bytes.position()) < 0) {
          throw InputException.at(place.toString(), "the file was cut while it was read");
        }
      }
    } catch (IOException e) {
      throw Reading.failed(place.toString(), e);
    }
    return Reading.decode(bytes.array(), place.toString());
  }

  @Override
  public Path place() {
    return place;
  }

  @Override
  public int size() {
    return starts.length;
  }

  @Override
  public List<String> labels() {
    return labels.names();
  }

  @Override
  public OptionalInt label(int index) {
    return labels.of(index);
  }

  private static final class Scan {
    private final Path place;
    private final List<String> names = new ArrayList<>();
    private long[] starts = new long[1024];
    private int[] lengths = new int[1024];
    private int count;
    private int number;

    private Scan(Path place) {
      this.place = place;
    }

    private TextLines all(InputStream in) throws IOException {
      byte[] line = new byte[4096];
      int length = 0;
      long start = 0;
      long at = 0;
      for (int next = in.read(); next >= 0; next = in.read()) {
        at++;
        if (next == '\n') {
          add(line, length, start);
          length = 0;
          start = at;
          continue;
        }
        if (length == MOST_LINE_BYTES) {
          throw InputException.at(
              place + ":" + (number + 1), "the line has more than %d bytes", MOST_LINE_BYTES);
        }
        if (length == line.length) {
          line = Arrays.copyOf(line, Math.min(2 * length, MOST_LINE_BYTES));
        }
        line[length++] = (byte) next;
      }
      add(line, length, start);
      if (count == 0) {
        throw InputException.at(place.toString(), "holds no line of text");
      }
      return new TextLines(
          place, Arrays.copyOf(starts, count), Arrays.copyOf(lengths, count), new Labels(names));
    }

    private void add(byte[] line, int size, long start) {
      number++;
      String where = place + ":" + number;
      int from = 0;
      int to = size > 0 && line[size - 1] == '\r' ? size - 1 : size;
      if (number == 1 && to >= 3 && (line[0] & 255) == 0xEF && (line[1] & 255) == 0xBB) {
        from = (line[2] & 255) == 0xBF ? 3 : 0;
      }
      if (from == to) {
        return;
      }
      String text = Reading.decode(Arrays.copyOfRange(line, from, to), where);
      int tab = text.indexOf('\t');
      if (tab >= 0) {
        String label = text.substring(tab + 1).strip();
        if (label.isEmpty() || label.indexOf('\t') >= 0) {
          throw InputException.at(where, "a tab is to be followed by one label");
        }
        names.add(label);
        to = from + text.substring(0, tab).getBytes(StandardCharsets.UTF_8).length;
      }
      if (names.size() != (tab < 0 ? 0 : count + 1)) {
        throw InputException.at(
            where,
            "either every line has a label or none; this one has %s",
            tab < 0 ? "none" : "one");
      }
      if (count == starts.length) {
        starts = Arrays.copyOf(starts, 2 * count);
        lengths = Arrays.copyOf(lengths, 2 * count);
      }
      starts[count] = start + from;
      lengths[count++] = to - from;
    }
  }
}
