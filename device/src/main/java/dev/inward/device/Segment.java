package dev.inward.device;

/// A run of nodes that one unit takes in one go.
///
/// @param macs multiply-accumulates in half or single precision
/// @param int8Macs multiply-accumulates of int8 by int8
/// @param bytes of weights that are read, as they pass over memory
/// @param compressed whether a weight is stored in less than half precision
public record Segment(
    ComputeUnit unit, double macs, double int8Macs, double bytes, boolean compressed) {
  /// The work of two segments of one unit.
  Segment plus(Segment other) {
    return new Segment(
        unit,
        macs + other.macs,
        int8Macs + other.int8Macs,
        bytes + other.bytes,
        compressed || other.compressed);
  }

  double allMacs() {
    return macs + int8Macs;
  }
}
