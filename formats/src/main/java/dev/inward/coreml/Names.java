package dev.inward.coreml;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/// Gives legal, unique identifiers that stay close to the names of the graph.
final class Names {
  /// Words of the language itself.
  private static final Set<String> RESERVED =
      Set.of(
          "any", "bool", "program", "func", "tensor", "list", "dict", "tuple", "state", "string",
          "true", "false", "main", "bf16", "fp16", "fp32", "fp64", "int4", "int8", "int16", "int32",
          "int64", "uint1", "uint2", "uint3", "uint4", "uint6", "uint8", "uint16", "uint32",
          "uint64");

  private final Set<String> taken = new HashSet<>();

  /// An identifier for the name, the same for the same calls in the same order: letters, digits and
  /// underscores stay, all else becomes an underscore; a leading digit gets `var_` before it; a
  /// name that is taken, or a word of the language, gets a number behind it.
  String fresh(String name) {
    String base = legal(name);
    String candidate = base;
    for (int i = 1;
        RESERVED.contains(candidate.toLowerCase(Locale.ROOT)) || !taken.add(candidate);
        i++) {
      candidate = base + "_" + i;
    }
    return candidate;
  }

  private static String legal(String name) {
    var out = new StringBuilder(name.length() + 4);
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean fine = c == '_' || c < 128 && Character.isLetterOrDigit(c);
      out.append(fine ? c : '_');
    }
    if (out.isEmpty() || Character.isDigit(out.charAt(0))) {
      out.insert(0, "var_");
    }
    return out.toString();
  }
}
