/// Gradient training of graphs, on PyTorch.
@NullMarked
package dev.inward.training;

import org.jspecify.annotations.NullMarked;
