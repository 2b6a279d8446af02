/// Reads and writes ONNX files.
@NullMarked
package dev.inward.onnx;

import org.jspecify.annotations.NullMarked;
