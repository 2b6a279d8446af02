package dev.inward.training;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Tensor;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongFunction;

/// PyTorch as a whole: started once, silent, off the network, in our own cache.
final class Torch {
  /* Nothing is fetched and nothing is reported: without the first, DJL asks its makers' server for a
   * library that it misses, and tells it that it was started. The rest keeps the unpacked libraries,
   * 430 MB, and those of JNA in the cache that is ours. */
  private static final String OFFLINE = "ai.djl.offline";
  private static final String NO_REPORTS = "OPT_OUT_TRACKING";
  private static final String CACHE = "DJL_CACHE_DIR";
  private static final String ENGINE_CACHE = "ENGINE_CACHE_DIR";
  private static final String JNA = "jna.tmpdir";

  /* Whoever is inside the library holds the reading side. A process that ends while a thread is
   * inside crashes, so its end waits until nobody is. */
  private static final ReentrantReadWriteLock USE = new ReentrantReadWriteLock();
  private static final long PATIENCE_SECONDS = 10;

  private static final class Ending {
    static final Thread HOOK = new Thread(Ending::stop, "pytorch-end");

    static {
      Runtime.getRuntime().addShutdownHook(HOOK);
    }

    private static void stop() {
      try {
        if (!USE.writeLock().tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          return; // a step that takes longer than that is left to its fate
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Torch() {}

  /// To be held for each step of work.
  static ReentrantReadWriteLock.ReadLock inside() {
    return USE.readLock();
  }

  /// A manager of arrays, with everything that belongs to it; to be closed.
  ///
  /// @param threads inside one operation; with 1 the same work gives the same bits
  /// @throws UnsupportedException where there is no PyTorch for this machine, or it does not load
  static NDManager open(int threads) {
    Objects.requireNonNull(Ending.HOOK);
    NDManager manager = engine().newBaseManager();
    JniUtils.setNumThreads(threads);
    return manager;
  }

  static String version() {
    return engine().getVersion();
  }

  static Engine engine() {
    System.setProperty(OFFLINE, "true");
    System.setProperty(NO_REPORTS, "true");
    Path cache = cache(System.getenv());
    for (String place : List.of(CACHE, ENGINE_CACHE)) {
      if (System.getenv(place) == null && System.getProperty(place) == null) {
        System.setProperty(place, cache.toString());
      }
    }
    if (System.getProperty(JNA) == null) {
      cache.resolve("jna").toFile().mkdirs();
      System.setProperty(JNA, cache.resolve("jna").toString());
    }
    try {
      Engine engine = Engine.getEngine("PyTorch");
      if (engine == null) {
        throw refusal("no engine of that name is on the class path");
      }
      return engine;
    } catch (EngineException | IllegalStateException | LinkageError e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw refusal(String.valueOf(cause.getMessage()));
    }
  }

  static UnsupportedException refusal(String why) {
    return UnsupportedException.of(
            "PyTorch does not load on %s %s: %s",
            System.getProperty("os.name"), System.getProperty("os.arch"), why)
        .hint("training runs on Linux x64; all but training" + " runs without PyTorch");
  }

  /// As for fetched models: `INWARD_CACHE`, else `inward` in `XDG_CACHE_HOME`, else in `.cache` of
  /// the home.
  static Path cache(Map<String, String> environment) {
    String own = environment.getOrDefault("INWARD_CACHE", "");
    String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
    Path root =
        !own.isEmpty()
            ? Path.of(own).toAbsolutePath()
            : !caches.isEmpty() && Path.of(caches).isAbsolute()
                ? Path.of(caches, "inward")
                : Path.of(home, ".cache", "inward").toAbsolutePath();
    return root.resolve("pytorch");
  }

  /// A float32 array of the tensor's elements, decoded.
  static NDArray reals(NDManager manager, Tensor tensor) {
    float[] values =
        tensor.dtype().isFloat() ? tensor.floats() : floats(tensor.longs(), whole -> (float) whole);
    return manager.create(FloatBuffer.wrap(values), shape(tensor.dims()));
  }

  private static float[] floats(long[] wholes, LongFunction<Float> as) {
    float[] values = new float[wholes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = as.apply(wholes[i]);
    }
    return values;
  }

  /// An int64 array.
  static NDArray wholes(NDManager manager, List<Long> dims, long... values) {
    return manager.create(LongBuffer.wrap(values), shape(dims));
  }

  /// A boolean array, true where the tensor is not zero.
  static NDArray flags(NDManager manager, Tensor tensor) {
    long[] values = tensor.longs();
    boolean[] flags = new boolean[values.length];
    for (int i = 0; i < flags.length; i++) {
      flags[i] = values[i] != 0;
    }
    return manager.create(flags, shape(tensor.dims()));
  }

  /// The elements of a float32 array.
  static Tensor tensor(NDArray array) {
    return Tensor.ofFloats(dims(array), array.toFloatArray());
  }

  static List<Long> dims(NDArray array) {
    return java.util.Arrays.stream(array.getShape().getShape()).boxed().toList();
  }

  static Shape shape(List<Long> dims) {
    return new Shape(dims.stream().mapToLong(Long::longValue).toArray());
  }
}
