/// Reads and writes Core ML packages.
@NullMarked
package dev.inward.coreml;

import org.jspecify.annotations.NullMarked;
