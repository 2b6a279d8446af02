/// Reads the networks of layers that came before ML Programs (`.mlmodel`, specification 1 to 5).
@NullMarked
package dev.inward.coreml.neural;

import org.jspecify.annotations.NullMarked;
