/// Tokenizers, data sets and metrics.
@NullMarked
package dev.inward.data;

import org.jspecify.annotations.NullMarked;
