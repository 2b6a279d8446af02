package dev.inward.onnx;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// All decoders, by domain and operator, the newest form that a version has.
final class Decoders {
  static final String MICROSOFT = "com.microsoft";

  private static final Map<String, TreeMap<Integer, Decoder>> BY_NAME = new HashMap<>();

  static {
    Map<OpKey, Decoder> table = new HashMap<>();
    ElementwiseDecoders.addTo(table);
    ProductDecoders.addTo(table);
    WindowedDecoders.addTo(table);
    NormalizationDecoders.addTo(table);
    ReductionDecoders.addTo(table);
    MovementDecoders.addTo(table);
    ResizeDecoders.addTo(table);
    ConstantDecoders.addTo(table);
    QuantizationDecoders.addTo(table);
    RecurrentDecoders.addTo(table);
    table.forEach((key, decoder) ->
        BY_NAME
            .computeIfAbsent(name(key.domain(), key.operator()), _ -> new TreeMap<>())
            .put(key.since(), decoder));
  }

  private Decoders() {}

  static Optional<Decoder> find(String domain, String operator, int version) {
    var forms = BY_NAME.get(name(domain, operator));
    var form = forms == null ? null : forms.floorEntry(version);
    return form == null ? Optional.empty() : Optional.of(form.getValue());
  }

  private static String name(String domain, String operator) {
    return domain + "::" + operator;
  }
}
