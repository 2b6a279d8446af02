/// A reference evaluator in plain Java: what every op means, clear rather than fast.
@NullMarked
package dev.inward.graph.evaluation;

import org.jspecify.annotations.NullMarked;
