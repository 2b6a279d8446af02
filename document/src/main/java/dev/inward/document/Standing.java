package dev.inward.document;

/// How a line of a budget stands, as a reader sees it.
public enum Standing {
  KEPT("kept", "✓"),
  BROKEN("broken", "✗"),
  UNDECIDED("undecided", "?");

  private final String word;
  private final String sign;

  Standing(String word, String sign) {
    this.word = word;
    this.sign = sign;
  }

  /// The word of the house for it.
  public String word() {
    return word;
  }

  /// A sign that does not need colour.
  public String sign() {
    return sign;
  }
}
