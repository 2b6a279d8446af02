package dev.inward.document;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Finds room for text in a picture, so that nothing printed covers anything else.
///
/// Greedy, in rounds over all texts that still have no place: one of eight places around the point;
/// a ring further out, with a line back to the point; both again, now also over lines and error
/// bars; at last with a line back that crosses marks. Text for which there is no room is left out.
final class Labels {
  private static final double HEIGHT = 14;
  private static final double[] RINGS = {22, 36, 52, 72, 96};
  private static final int DIRECTIONS = 16;

  private final Box bounds;
  private final List<Box> marks = new ArrayList<>();
  private final List<Box> texts = new ArrayList<>();
  private final List<Box> lines = new ArrayList<>();
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
  /// @param tipX where that line meets the box
  record Spot(Box box, boolean far, double tipX, double tipY) {
    double baseline() {
      return box.bottom() - 3.5;
    }
  }

  Labels(Box bounds) {
    this.bounds = bounds;
  }

  /// A mark, which is not covered.
  void keepFree(Box box) {
    marks.add(box);
  }

  /// What is better not covered.
  void avoid(Box box) {
    soft.add(box);
  }

  /// A text that belongs to a point.
  ///
  /// @param radius of the point's mark
  record Wanted(double x, double y, double radius, double width) {
    Box mark() {
      return new Box(x - radius, y - radius, x + radius, y + radius);
    }
  }

  /// Room for each of these texts, where there is any; the earlier ones choose first.
  List<Optional<Spot>> beside(List<Wanted> wanted) {
    var spots = new ArrayList<Optional<Spot>>(Collections.nCopies(wanted.size(), Optional.empty()));
    List<Function<Wanted, Optional<Spot>>> rounds =
        List.of(
            one -> near(one, true),
            one -> far(one, true, true),
            one -> near(one, false),
            one -> far(one, false, true),
            one -> far(one, false, false));
    for (var round : rounds) {
      for (int i = 0; i < wanted.size(); i++) {
        if (spots.get(i).isEmpty()) {
          Optional<Spot> spot = round.apply(wanted.get(i));
          spot.ifPresent(found -> texts.add(found.box()));
          spots.set(i, spot);
        }
      }
    }
    return spots;
  }

  private Optional<Spot> near(Wanted one, boolean careful) {
    double gap = one.radius() + 3;
    double slant = one.radius() * 0.7 + 2;
    double width = one.width();
    double[][] corners = {
      {gap, -HEIGHT / 2},
      {-gap - width, -HEIGHT / 2},
      {-width / 2, -gap - HEIGHT},
      {-width / 2, gap},
      {slant, -slant - HEIGHT},
      {-slant - width, -slant - HEIGHT},
      {slant, slant},
      {-slant - width, slant},
    };
    for (double[] corner : corners) {
      double left = one.x() + corner[0];
      double top = one.y() + corner[1];
      Box box = new Box(left, top, left + width, top + HEIGHT);
      if (isFree(box, careful)) {
        return Optional.of(new Spot(box, false, one.x(), one.y()));
      }
    }
    return Optional.empty();
  }

  private Optional<Spot> far(Wanted one, boolean careful, boolean clear) {
    for (double ring : RINGS) {
      for (int i = 0; i < DIRECTIONS; i++) {
        double angle = 2 * Math.PI * i / DIRECTIONS - Math.PI / 4;
        double middle = one.x() + Math.cos(angle) * (ring + one.width() / 2);
        double left = middle - one.width() / 2;
        double top = one.y() + Math.sin(angle) * ring - HEIGHT / 2;
        Box box = new Box(left, top, left + one.width(), top + HEIGHT);
        if (!isFree(box, careful)) {
          continue;
        }
        double tipX = Math.clamp(one.x(), box.left(), box.right());
        double tipY = Math.clamp(one.y(), box.top() + 2, box.bottom() - 2);
        List<Box> leader = along(one.x(), one.y(), tipX, tipY);
        boolean crosses = meets(leader, texts) || (clear && meets(beyond(one, leader), marks));
        if (!crosses) {
          lines.addAll(leader);
          return Optional.of(new Spot(box, true, tipX, tipY));
        }
      }
    }
    return Optional.empty();
  }

  /// The part of a line back to a point that has left the marks which the point's own touches.
  private List<Box> beyond(Wanted one, List<Box> leader) {
    List<Box> crowd = marks.stream().filter(one.mark()::meets).toList();
    return leader.stream().filter(part -> crowd.stream().noneMatch(part::meets)).toList();
  }

  private static boolean meets(List<Box> some, List<Box> others) {
    return some.stream().anyMatch(one -> others.stream().anyMatch(one::meets));
  }

  /// The first free place in this order; the first of all where none is free.
  Box firstFree(List<Box> places) {
    Box chosen =
        places.stream()
            .filter(place -> isFree(place, true))
            .findFirst()
            .or(() -> places.stream().filter(place -> isFree(place, false)).findFirst())
            .orElse(places.getFirst());
    texts.add(chosen);
    return chosen;
  }

  /// A line as small boxes.
  private static List<Box> along(double x, double y, double tipX, double tipY) {
    int parts = (int) Math.max(1, Math.hypot(tipX - x, tipY - y) / 4);
    return IntStream.range(0, parts)
        .mapToObj(i -> {
          double atX = x + (tipX - x) * i / parts;
          double atY = y + (tipY - y) * i / parts;
          return new Box(atX - 1, atY - 1, atX + 1, atY + 1);
        })
        .toList();
  }

  private boolean isFree(Box box, boolean careful) {
    return box.within(bounds)
        && marks.stream().noneMatch(box::meets)
        && texts.stream().noneMatch(box::meets)
        && lines.stream().noneMatch(box::meets)
        && (!careful || soft.stream().noneMatch(box::meets));
  }
}
