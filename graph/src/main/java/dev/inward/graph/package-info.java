/// A model as an immutable, typed, topologically ordered list of nodes.
@NullMarked
package dev.inward.graph;

import org.jspecify.annotations.NullMarked;
