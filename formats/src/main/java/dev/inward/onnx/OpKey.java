package dev.inward.onnx;

/// An operator from the opset on in which it took this form.
///
/// @param domain empty for ONNX's own
record OpKey(String domain, String operator, int since) {}
