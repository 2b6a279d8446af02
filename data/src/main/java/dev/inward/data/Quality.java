package dev.inward.data;

import dev.inward.base.Figure;
import java.util.Optional;

/// What a metric says of a candidate against the original.
///
/// @param value the metric of the candidate
/// @param drop how much worse the candidate is than the original, in the budget's sense: what
///   `quality: { drop: 0.5 pp }` is compared with; empty for a metric that states no share
public record Quality(Metric metric, Figure value, Optional<Figure> drop) {}
