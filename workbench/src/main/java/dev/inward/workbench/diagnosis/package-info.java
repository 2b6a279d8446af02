/// Where two models drift apart, why, and what mends it.
@NullMarked
package dev.inward.workbench.diagnosis;

import org.jspecify.annotations.NullMarked;
