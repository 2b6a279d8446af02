package dev.inward.document;

import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Gives every section of a document its id, all different, and its number.
final class Anchors {
  /// The id of the list of sources; no section has it.
  static final String SOURCES = "sources";

  private final Map<Block, Place> places = new IdentityHashMap<>();
  private final Set<String> taken = new HashSet<>(Set.of(SOURCES));
  private final Map<String, Integer> next = new HashMap<>();

  record Place(String id, String number) {}

  Anchors(List<Block.Section> sections) {
    place(sections, "");
  }

  Place of(Block.Section section) {
    Place place = places.get(section);
    if (place == null) {
      throw new IllegalArgumentException(
          "section '%s' stands in a block that has no place in the contents"
              .formatted(section.title()));
    }
    return place;
  }

  void check(String anchor) {
    if (!taken.contains(anchor)) {
      throw new IllegalArgumentException(
          "a link leads to '#%s', which no section has".formatted(anchor));
    }
  }

  private void place(List<? extends Block> blocks, String above) {
    int count = 0;
    for (Block block : blocks) {
      if (block instanceof Block.Section section) {
        count++;
        String number = above.isEmpty() ? Integer.toString(count) : above + "." + count;
        if (places.put(section, new Place(free(section.anchor()), number)) != null) {
          throw new IllegalArgumentException(
              "section '%s' stands in the document twice".formatted(section.title()));
        }
        place(section.blocks(), number);
      }
    }
  }

  private String free(String wanted) {
    String id = wanted;
    while (!taken.add(id)) {
      id = wanted + "-" + next.merge(wanted, 2, (had, _) -> had + 1);
    }
    return id;
  }
}
