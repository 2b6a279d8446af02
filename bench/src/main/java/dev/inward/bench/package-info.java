/// Measurements for `docs/benchmarks.md`, each a program that prints a table.
@NullMarked
package dev.inward.bench;

import org.jspecify.annotations.NullMarked;
