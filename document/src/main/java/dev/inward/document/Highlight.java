package dev.inward.document;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sets off comments, strings and keywords in source text. A language that it does not know is
/// printed plain.
final class Highlight {
  private static final String STRING = "(?<string>\"(?:\\\\.|[^\"\\\\\\n])*+\")";

  private static final Pattern SWIFT =
      Pattern.compile(
          "(?<comment>//[^\\n]*)|"
              + STRING
              + "|\\b(?<word>import|let|var|func|return|try|throws|async|await|struct|class|enum"
              + "|extension|init|self|if|else|guard|for|in|while|switch|case|static|private|public"
              + "|true|false|nil)\\b");
  private static final Pattern YAML =
      Pattern.compile(
          "(?<comment>(?<![^\\s])#[^\\n]*)|"
              + STRING
              + "|(?<word>(?<![\\w-])[\\w-]++(?=:(?:\\s|$)))");
  private static final Pattern SHELL =
      Pattern.compile(
          "(?<comment>(?<![^\\s])#[^\\n]*)|" + STRING + "|(?<word>(?<![\\w-])--?[a-zA-Z][\\w-]*+)");

  private Highlight() {}

  static void write(String language, String text, Markup to) {
    Optional<Pattern> pattern = pattern(language);
    if (pattern.isEmpty()) {
      to.text(text);
      return;
    }
    Matcher found = pattern.get().matcher(text);
    int done = 0;
    while (found.find()) {
      String kind =
          found.group("comment") != null ? "c" : found.group("string") != null ? "s" : "k";
      to.text(text.substring(done, found.start())).leaf("span", found.group(), "class", kind);
      done = found.end();
    }
    to.text(text.substring(done));
  }

  private static Optional<Pattern> pattern(String language) {
    return switch (language.toLowerCase(Locale.ROOT)) {
      case "swift" -> Optional.of(SWIFT);
      case "yaml" -> Optional.of(YAML);
      case "shell", "sh" -> Optional.of(SHELL);
      default -> Optional.empty();
    };
  }
}
