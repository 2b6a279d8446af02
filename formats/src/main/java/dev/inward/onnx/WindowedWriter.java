package dev.inward.onnx;

import dev.inward.graph.Node;
import dev.inward.graph.Windowed;
import dev.inward.graph.Windowed.AutoPad;
import dev.inward.graph.Windowed.Conv;
import dev.inward.graph.Windowed.ConvTranspose;
import dev.inward.graph.Windowed.GlobalPool;
import dev.inward.graph.Windowed.Pool;
import dev.inward.graph.Windowed.PoolKind;
import dev.inward.graph.Windowed.Window;
import java.util.List;

/// Ops with a window in ONNX.
final class WindowedWriter {
  private WindowedWriter() {}

  static void write(Emit emit, Node node, Windowed op) {
    switch (op) {
      case Conv(var window, long groups) ->
          emit.as(node, "Conv", window(window).number("group", groups));
      case ConvTranspose(var window, long groups, var padding, var shape) ->
          emit.as(
              node,
              "ConvTranspose",
              window(window)
                  .number("group", groups)
                  .numbers("output_padding", padding)
                  .numbers("output_shape", shape));
      case Pool pool -> pool(emit, node, pool);
      case GlobalPool(var kind, long p) -> {
        var attributes = kind == PoolKind.LP ? Attrs.none().number("p", p) : Attrs.none();
        emit.as(node, op.name(), attributes);
      }
    }
  }

  static Attrs window(Window window) {
    var attributes = Attrs.none().numbers("kernel_shape", window.kernel());
    attributes.numbers("strides", window.strides());
    attributes.numbers("dilations", window.dilations());
    attributes.numbers("pads", window.pads());
    return window.autoPad() == AutoPad.EXPLICIT
        ? attributes
        : attributes.text("auto_pad", window.autoPad().name());
  }

  static boolean dilates(Window window) {
    return window.dilations().stream().anyMatch(d -> d != 1);
  }

  private static void pool(Emit emit, Node node, Pool pool) {
    int dilatedSince =
        switch (pool.kind()) {
          case MAX -> 10;
          case AVERAGE -> 19;
          case LP -> 18;
        };
    int ceiledSince = pool.kind() == PoolKind.LP ? 18 : 10;
    var window = pool.window();
    if (emit.opset < dilatedSince) {
      window =
          new Window(window.kernel(), window.strides(), List.of(), window.pads(), window.autoPad());
    }
    var attributes = window(window);
    if (emit.opset >= ceiledSince) {
      attributes.flag("ceil_mode", pool.ceil());
    }
    switch (pool.kind()) {
      case MAX -> attributes.flag("storage_order", pool.columnMajor());
      case AVERAGE -> attributes.flag("count_include_pad", pool.countPadding());
      case LP -> attributes.number("p", pool.p());
    }
    emit.as(node, pool.name(), attributes);
  }
}
