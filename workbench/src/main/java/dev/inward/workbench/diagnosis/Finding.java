package dev.inward.workbench.diagnosis;

/// A step that errs by itself, and why.
public record Finding(Step step, Cause cause) {}
