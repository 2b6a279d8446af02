/// Recipes, calibration, sensitivity: a graph with the same nodes and smaller constants.
@NullMarked
package dev.inward.compress;

import org.jspecify.annotations.NullMarked;
