package dev.inward.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.inward.base.UnsupportedException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// ONNX Runtime as a whole, whether or not a model is run.
public final class Engine {
  /* From 1.29 on the library sends a report of the process home and keeps an identifier of the
   * machine in the user's cache, on Linux and macOS too. The API's switch works only once that is
   * done; this variable, read when the library starts, works before. Source:
   * github.com/microsoft/onnxruntime, core/platform/posix/telemetry.cc. */
  private static final String SILENCE = "ORT_DISABLE_TELEMETRY";

  /* Whoever is inside the library holds the reading side. Its sessions and its environment must not
   * be taken down meanwhile: the process would crash. */
  private static final ReentrantReadWriteLock USE = new ReentrantReadWriteLock();

  private Engine() {}

  /// Its version, after its native library was loaded.
  ///
  /// @throws UnsupportedException where it has no library for this machine, or it does not load
  public static String version() {
    return environment().getVersion();
  }

  /// Waits until nobody is inside the library, and lets nobody in any more: a process can then end
  /// without a crash. Whoever wants to run a model afterwards waits for good.
  ///
  /// @return whether everybody has left in time
  public static boolean stop(Duration patience) {
    try {
      return USE.writeLock().tryLock(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// To be held by whoever is inside the library.
  static ReentrantReadWriteLock.ReadLock inside() {
    return USE.readLock();
  }

  /// To be held by whoever takes something down.
  static ReentrantReadWriteLock.WriteLock alone() {
    return USE.writeLock();
  }

  static OrtEnvironment environment() {
    try {
      return Loaded.ENVIRONMENT;
    } catch (LinkageError e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw UnsupportedException.of(
              "ONNX Runtime does not load on %s %s: %s",
              System.getProperty("os.name"),
              System.getProperty("os.arch"),
              String.valueOf(cause.getMessage()))
          .hint("it comes for Linux x64 and arm64, macOS arm64 and Windows x64");
    }
  }

  private static final class Loaded {
    static final OrtEnvironment ENVIRONMENT = load();

    private static OrtEnvironment load() {
      if (!"1".equals(System.getenv(SILENCE))) {
        silence();
      }
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      try {
        environment.setTelemetry(false);
      } catch (OrtException e) {
        throw new IllegalStateException("ONNX Runtime does not take its settings", e);
      }
      return environment;
    }

    /// Sets the variable in this process; Java's own view of the environment does not change.
    private static void silence() {
      Linker linker = Linker.nativeLinker();
      var posix = linker.defaultLookup().find("setenv");
      var name = posix.or(() -> linker.defaultLookup().find("_putenv_s"));
      if (name.isEmpty()) {
        return; // The switch of the API is what is left.
      }
      try (var arena = Arena.ofConfined()) {
        var variable = arena.allocateFrom(SILENCE);
        var value = arena.allocateFrom("1");
        int failed;
        if (posix.isPresent()) {
          var set =
              linker.downcallHandle(
                  name.get(),
                  FunctionDescriptor.of(
                      ValueLayout.JAVA_INT,
                      ValueLayout.ADDRESS,
                      ValueLayout.ADDRESS,
                      ValueLayout.JAVA_INT));
          failed = (int) set.invokeExact(variable, value, 1);
        } else {
          var set =
              linker.downcallHandle(
                  name.get(),
                  FunctionDescriptor.of(
                      ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
          failed = (int) set.invokeExact(variable, value);
        }
        if (failed != 0) {
          throw new IllegalStateException("the environment of the process cannot be set");
        }
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
