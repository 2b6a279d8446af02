package dev.inward.workbench.diagnosis;

import java.util.List;

/// A step that matters, why it errs, and what would mend that, the cheapest for a device first.
public record Finding(Step step, Cause cause, List<Mend> mends) {
  public Finding {
    mends = List.copyOf(mends);
  }
}
