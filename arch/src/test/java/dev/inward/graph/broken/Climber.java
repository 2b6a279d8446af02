package dev.inward.graph.broken;

import ai.djl.ndarray.NDArray;
import ai.onnxruntime.OrtEnvironment;
import dev.inward.runtime.Engine;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;
import tools.jackson.core.json.JsonFactory;

/// Breaks every rule of the house, for the test that the rules can fail. Never run.
public final class Climber {
  static int steps;
  static final AtomicInteger last = new AtomicInteger();

  static String climb() {
    steps++;
    return Engine.version() + OrtEnvironment.getEnvironment();
  }

  static NDArray train(NDArray x) {
    return x.abs();
  }

  static void look() throws IOException {
    System.out.println(new CommandLine(LoadSettings.builder().build()));
    new JsonFactory();
    new Socket("localhost", 1).close();
    System.exit(last.get());
  }
}
