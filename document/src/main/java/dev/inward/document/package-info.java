/// HTML pages and SVG plots with one look.
@NullMarked
package dev.inward.document;

import org.jspecify.annotations.NullMarked;
