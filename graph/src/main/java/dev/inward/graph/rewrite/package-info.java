/// Steps from a graph to an equal graph with fewer or better nodes.
@NullMarked
package dev.inward.graph.rewrite;

import org.jspecify.annotations.NullMarked;
