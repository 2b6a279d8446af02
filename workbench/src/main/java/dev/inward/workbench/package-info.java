/// The use cases of the workbench.
@NullMarked
package dev.inward.workbench;

import org.jspecify.annotations.NullMarked;
