/// The command line.
@NullMarked
package dev.inward.cli;

import org.jspecify.annotations.NullMarked;
