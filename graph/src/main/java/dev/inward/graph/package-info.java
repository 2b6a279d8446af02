/// A model as an immutable, typed, topologically ordered list of nodes, and what can be done to it.
@NullMarked
package dev.inward.graph;

import org.jspecify.annotations.NullMarked;
