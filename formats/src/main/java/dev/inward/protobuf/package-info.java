/// Protocol buffers at the level of the wire: fields in and out, no schema, no generated classes.
@NullMarked
package dev.inward.protobuf;

import org.jspecify.annotations.NullMarked;
