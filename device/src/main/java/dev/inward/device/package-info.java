/// Facts of chips and phones, and what a graph is expected to cost on them.
@NullMarked
package dev.inward.device;

import org.jspecify.annotations.NullMarked;
