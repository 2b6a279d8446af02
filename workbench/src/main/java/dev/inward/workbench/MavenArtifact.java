package dev.inward.workbench;

import dev.inward.base.InputException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/// A jar that the user's own Maven gets: with their mirrors, their proxy and their local
/// repository, and without what it depends on.
///
/// @param coordinates `group:artifact:version`
/// @param maven the command to call
record MavenArtifact(String coordinates, String maven) {
  // The version that the build of this project uses too, so that no other is downloaded.
  private static final String COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy";
  private static final Pattern TRANSFERRED =
      Pattern.compile("Progress \\(1\\).* ([0-9.]+)/([0-9.]+) MB");
  // What Maven wraps around the fault itself.
  private static final Pattern NOT_THE_FAULT =
      Pattern.compile(
          "^\\[ERROR] (Failed to execute goal .* on project standalone-pom: )?| -> \\[Help 1]$");

  /// Puts the jar into a folder and returns its path.
  ///
  /// @param percent told how far the download is, 0 before it is known
  /// @throws InputException where there is no Maven or it fails
  Path copyInto(Path folder, LongConsumer percent) throws IOException {
    percent.accept(0);
    boolean windows = System.getProperty("os.name", "").startsWith("Windows");
    var command =
        List.of(
            windows ? maven + ".cmd" : maven,
            "-Dstyle.color=never",
            "-Daether.connector.connectTimeout=20000",
            "-Daether.connector.requestTimeout=60000",
            COPY,
            "-Dartifact=" + coordinates,
            "-DoutputDirectory=" + folder);
    // Started in the folder, so that no pom.xml of the caller's directory takes part.
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    List<String> said = run(builder, percent);
    if (!said.isEmpty()) {
      throw InputException.at(coordinates, "Maven could not get it: %s", said.getFirst())
          .hint("is the network there, and can Maven download anything else? try: %s", again());
    }
    try (var files = Files.newDirectoryStream(folder, "*.jar")) {
      for (Path jar : files) {
        return jar;
      }
    }
    throw InputException.at(coordinates, "Maven ended well, and no jar is there")
        .hint("try: %s", again());
  }

  private String again() {
    return maven + " " + COPY + " -Dartifact=" + coordinates;
  }

  /// Runs Maven; the result holds its errors, none where it ended well.
  private List<String> run(ProcessBuilder builder, LongConsumer percent) throws IOException {
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw InputException.of("there is no Maven to fetch it with: %s is not on the PATH", maven)
          .hint("install Maven 3.8.7 or newer; ./inward doctor shows what else is missing");
    }
    var atExit = new Thread(process::destroy);
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      process.getOutputStream().close();
      var said = new ArrayList<String>();
      try (var out = process.inputReader(StandardCharsets.UTF_8)) {
        for (String line = line(out); line != null; line = line(out)) {
          var transferred = TRANSFERRED.matcher(line);
          if (transferred.find()) {
            double share =
                Double.parseDouble(transferred.group(1)) / Double.parseDouble(transferred.group(2));
            percent.accept(Math.clamp(Math.round(100 * share), 0, 100));
          } else if (line.startsWith("[ERROR] ")) {
            said.add(NOT_THE_FAULT.matcher(line).replaceAll("").strip());
          }
        }
      }
      int code = process.waitFor();
      if (code == 0) {
        return List.of();
      }
      return said.isEmpty() ? List.of("it ended with exit code " + code) : said;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroy();
      Runtime.getRuntime().removeShutdownHook(atExit);
    }
  }

  /// The next line; Maven ends the lines of its progress with a carriage return alone.
  private static @org.jspecify.annotations.Nullable String line(Reader in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      if (c == '\n' || c == '\r') {
        return line.toString();
      }
      line.append((char) c);
    }
    return line.isEmpty() ? null : line.toString();
  }
}
