/// What published results say of a compression before anything is run.
@NullMarked
package dev.inward.planning.precedent;

import org.jspecify.annotations.NullMarked;
