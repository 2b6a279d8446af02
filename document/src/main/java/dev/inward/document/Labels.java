package dev.inward.document;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds room for text in a picture, so that nothing printed covers anything else.
///
/// Greedy, nearest place first: eight places around the point, then rings further out with a line
/// back to it. Text for which there is no room is left out.
final class Labels {
  private static final double HEIGHT = 14;
  private static final double[] RINGS = {22, 36, 52, 72, 96};
  private static final int DIRECTIONS = 16;

  private final Box bounds;
  private final List<Box> hard = new ArrayList<>();
  private final List<Box> soft = new ArrayList<>();

  record Box(double left, double top, double right, double bottom) {
    boolean meets(Box other) {
      return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
    }

    boolean within(Box outer) {
      return left >= outer.left
          && right <= outer.right
          && top >= outer.top
          && bottom <= outer.bottom;
    }
  }

  /// Where a text goes.
  ///
  /// @param box the room it takes
  /// @param far whether it needs a line back to its point
  record Spot(Box box, boolean far) {
    double baseline() {
      return box.bottom() - 3.5;
    }
  }

  Labels(Box bounds) {
    this.bounds = bounds;
  }

  /// What must not be covered.
  void keepFree(Box box) {
    hard.add(box);
  }

  /// What is better not covered.
  void avoid(Box box) {
    soft.add(box);
  }

  /// Room for a text beside a point whose mark has this radius.
  Optional<Spot> beside(double x, double y, double radius, double width) {
    for (boolean careful : new boolean[] {true, false}) {
      double gap = radius + 3;
      double slant = radius * 0.7 + 2;
      double[][] near = {
        {x + gap, y - HEIGHT / 2},
        {x - gap - width, y - HEIGHT / 2},
        {x - width / 2, y - gap - HEIGHT},
        {x - width / 2, y + gap},
        {x + slant, y - slant - HEIGHT},
        {x - slant - width, y - slant - HEIGHT},
        {x + slant, y + slant},
        {x - slant - width, y + slant},
      };
      for (double[] corner : near) {
        Box box = new Box(corner[0], corner[1], corner[0] + width, corner[1] + HEIGHT);
        if (isFree(box, careful)) {
          return taken(box, false);
        }
      }
      for (double ring : RINGS) {
        for (int i = 0; i < DIRECTIONS; i++) {
          double angle = 2 * Math.PI * i / DIRECTIONS - Math.PI / 4;
          double middle = x + Math.cos(angle) * ring;
          double left = middle - width / 2 + Math.cos(angle) * width / 2;
          double top = y + Math.sin(angle) * ring - HEIGHT / 2;
          Box box = new Box(left, top, left + width, top + HEIGHT);
          if (isFree(box, careful)) {
            return taken(box, true);
          }
        }
      }
    }
    return Optional.empty();
  }

  /// The first free place in this order; the first of all where none is free.
  Box firstFree(List<Box> places) {
    Box chosen =
        places.stream().filter(place -> isFree(place, false)).findFirst().orElse(places.getFirst());
    hard.add(chosen);
    return chosen;
  }

  private Optional<Spot> taken(Box box, boolean far) {
    hard.add(box);
    return Optional.of(new Spot(box, far));
  }

  private boolean isFree(Box box, boolean careful) {
    return box.within(bounds)
        && hard.stream().noneMatch(box::meets)
        && (!careful || soft.stream().noneMatch(box::meets));
  }
}
