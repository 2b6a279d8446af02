/// What every floor shares: figures and their sources, units, the kinds of error, JSON, safe file
/// replacement.
@NullMarked
package dev.inward.base;

import org.jspecify.annotations.NullMarked;
