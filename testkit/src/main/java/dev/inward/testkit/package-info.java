/// For tests only: random values from a seed that a failure prints, and comparisons with a stated
/// tolerance.
@NullMarked
package dev.inward.testkit;

import org.jspecify.annotations.NullMarked;
