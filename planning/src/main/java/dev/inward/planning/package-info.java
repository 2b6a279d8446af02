/// Budgets and the decisions that they force.
@NullMarked
package dev.inward.planning;

import org.jspecify.annotations.NullMarked;
