/// Readers of bytes that others made, as targets of a fuzzer.
@NullMarked
package dev.inward.fuzz;

import org.jspecify.annotations.NullMarked;
