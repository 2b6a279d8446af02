package dev.inward.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Starts `./inward` and `./build` as a person does. Runs after the jar is packaged.
final class LauncherCheck {
  // Tests run in the folder of their module.
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @TempDir Path folder;

  @Test
  void inward_runsFromAnotherDirectoryAndThroughALink() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("inward"), ROOT.resolve("inward"));
    var started = start(Map.of(), link.toString(), "doctor");
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.err()).isEmpty();
    assertThat(started.out()).contains("ok      onnxruntime");
  }

  @Test
  void wrongInput_keepsItsExitCode() throws Exception {
    var started = start(Map.of(), ROOT.resolve("inward").toString(), "--nonsense");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err()).startsWith("Unknown option: '--nonsense'");
  }

  @Test
  void fullDisk_isSaid() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/full")), "a device that is always full");
    var started = start(Map.of(), "sh", "-c", "'" + ROOT + "/inward' doctor >/dev/full");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo(
            "the results cannot be written to the standard output: No space left on device\n");
  }

  @Test
  void nothingIsReportedHome() throws Exception {
    Path home = Files.createDirectory(folder.resolve("home"));
    var started =
        start(Map.of("HOME", home.toString()), ROOT.resolve("inward").toString(), "doctor");
    assertThat(started.out()).contains("ok      onnxruntime");
    try (var files = Files.walk(home)) {
      assertThat(files.map(Path::toString))
          .as("ONNX Runtime keeps an identifier there when it reports")
          .noneMatch(file -> file.contains("onnxruntime"));
    }
  }

  @Test
  void interruptedFit_leavesWhatWasThereAndNothingElse() throws Exception {
    Path out = Files.createDirectory(folder.resolve("out"));
    Files.writeString(out.resolve("dossier.html"), "earlier");
    assertThat(interrupted(out)).isEqualTo(143);
    assertThat(out.resolve("dossier.html")).hasContent("earlier");
    try (var files = Files.list(out)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void interruptedFirstFit_leavesNoFolder() throws Exception {
    Path out = folder.resolve("new");
    assertThat(interrupted(out)).isEqualTo(143);
    assertThat(out).doesNotExist();
  }

  /// Starts a fit, ends it by a signal once it is at work; its exit code.
  private int interrupted(Path out) throws IOException, InterruptedException {
    Path scratch = Files.createDirectory(folder.resolve("scratch"));
    var builder =
        new ProcessBuilder(
                ROOT.resolve("inward").toString(),
                "fit",
                SmallModel.write(folder).toString(),
                "--budget",
                "1MB,100ms",
                "--device",
                "iPhone 13",
                "--shape",
                "x=1x8",
                "--out",
                out.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().put("INWARD_BUILD", "no");
    builder.environment().put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + scratch);
    var process = builder.start();
    while (process.isAlive() && !isAtWork(out)) {
      Thread.sleep(5);
    }
    process.destroy();
    int code = process.waitFor();
    assertThat(folder.resolve("log"))
        .content()
        .endsWith("interrupted; what was there before is as it was\n");
    try (var files = Files.list(scratch)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .as("temporary files")
          .noneMatch(name -> name.startsWith("inward"));
    }
    return code;
  }

  private static boolean isAtWork(Path out) throws IOException {
    if (Files.notExists(out)) {
      return false;
    }
    try (var files = Files.list(out)) {
      return files.anyMatch(file -> file.toString().endsWith(".part"));
    }
  }

  @Test
  void oldJava_isPassedOverForTheOneThatFits() throws Exception {
    Path old = jdk("old", "17.0.1");
    Path fits = jdk("fits", "25-ea");
    var path = fits.resolve("bin") + ":" + System.getenv("PATH");
    var started =
        start(
            Map.of("JAVA_HOME", old.toString(), "PATH", path),
            ROOT.resolve("build").toString(),
            "--ready");
    assertThat(started.out()).isEqualTo(fits + "\n");
  }

  @Test
  void noJdk_isSaidWithWhatWasLookedAt() throws Exception {
    String script = Files.readString(ROOT.resolve("build")).replace("need=25", "need=999");
    Path build = Files.writeString(folder.resolve("build"), script);
    Path old = jdk("old", "17.0.1");
    var started = start(Map.of("JAVA_HOME", old.toString()), "sh", build.toString());
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .startsWith("build: no JDK 999 or newer on this machine. Install one, or set JAVA_HOME")
        .contains("JAVA_HOME (" + old + ")", "/usr/lib/jvm", "~/.sdkman", old + " is Java 17");
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = Files.createDirectories(folder.toRealPath().resolve(name));
    Files.createDirectory(home.resolve("bin"));
    Files.createFile(
        home.resolve("bin/javac"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Files.writeString(home.resolve("release"), "OS=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  private Started start(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    var builder = new ProcessBuilder(new ArrayList<>(List.of(command))).directory(folder.toFile());
    builder.environment().put("INWARD_BUILD", "no");
    builder.environment().putAll(environment);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    int code = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
    return new Started(
        code,
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }
}
