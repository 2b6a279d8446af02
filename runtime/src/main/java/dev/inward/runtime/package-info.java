/// Runs graphs on ONNX Runtime.
@NullMarked
package dev.inward.runtime;

import org.jspecify.annotations.NullMarked;
