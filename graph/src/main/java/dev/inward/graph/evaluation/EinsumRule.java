package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/// Einstein's sum convention as numpy's `einsum` reads it: repeated labels, `...`, an implicit
/// result.
final class EinsumRule {
  private EinsumRule() {}

  static Array of(String equation, List<Array> operands) {
    String text = equation.replace(" ", "");
    int arrow = text.indexOf("->");
    String[] terms = (arrow < 0 ? text : text.substring(0, arrow)).split(",", -1);
    if (terms.length != operands.size()) {
      throw InputException.of(
          "the equation '%s' has %d terms for %d operands",
          equation, terms.length, operands.size());
    }
    // Axes under an ellipsis get labels of their own, aligned from the end: '0' is the last.
    List<List<Integer>> labels = new ArrayList<>();
    int hidden = 0;
    for (int i = 0; i < terms.length; i++) {
      int under = operands.get(i).rank() - terms[i].replace("...", "").length();
      if (under < 0 || under > 0 && !terms[i].contains("...")) {
        throw InputException.of(
            "the term '%s' does not name %d axes", terms[i], operands.get(i).rank());
      }
      hidden = Math.max(hidden, under);
      labels.add(labels(terms[i], under));
    }
    var extents = new TreeMap<Integer, Integer>();
    for (int i = 0; i < terms.length; i++) {
      for (int axis = 0; axis < labels.get(i).size(); axis++) {
        int extent = operands.get(i).extent(axis);
        int label = labels.get(i).get(axis);
        int before = extents.getOrDefault(label, 1);
        if (before != 1 && extent != 1 && before != extent) {
          throw InputException.of(
              "'%c' of '%s' stands for %d and for %d", label, equation, before, extent);
        }
        extents.put(label, before == 1 ? extent : before);
      }
    }
    List<Integer> result =
        arrow < 0 ? implicit(labels, hidden) : labels(text.substring(arrow + 2), hidden);
    return sum(operands, labels, result, extents);
  }

  private static List<Integer> labels(String term, int hidden) {
    List<Integer> out = new ArrayList<>();
    for (int i = 0; i < term.length(); i++) {
      if (term.startsWith("...", i)) {
        for (int axis = hidden - 1; axis >= 0; axis--) {
          out.add(-1 - axis);
        }
        i += 2;
      } else if (Character.isLetter(term.charAt(i))) {
        out.add((int) term.charAt(i));
      } else {
        throw InputException.of("'%c' is no label in '%s'", term.charAt(i), term);
      }
    }
    return out;
  }

  /// The hidden axes, then the labels that occur once, by letter.
  private static List<Integer> implicit(List<List<Integer>> labels, int hidden) {
    var times = new TreeMap<Integer, Integer>();
    labels.forEach(term -> term.forEach(label -> times.merge(label, 1, Integer::sum)));
    List<Integer> out = new ArrayList<>(labels("...", hidden));
    times.forEach((label, count) -> {
      if (label >= 0 && count == 1) {
        out.add(label);
      }
    });
    return out;
  }

  private static Array sum(
      List<Array> operands,
      List<List<Integer>> labels,
      List<Integer> result,
      TreeMap<Integer, Integer> extents) {
    List<Integer> order = new ArrayList<>(result);
    extents.keySet().stream().filter(label -> !result.contains(label)).forEach(order::add);
    for (int label : result) {
      if (!extents.containsKey(label)) {
        throw InputException.of("'%c' is in the result and in no term", label);
      }
    }
    int[] dims = result.stream().mapToInt(extents::get).toArray();
    int[] summed =
        order.subList(result.size(), order.size()).stream().mapToInt(extents::get).toArray();
    int[] all = Arrays.copyOf(dims, order.size());
    System.arraycopy(summed, 0, all, dims.length, summed.length);
    int[][] strides = new int[operands.size()][order.size()];
    for (int i = 0; i < operands.size(); i++) {
      int[] own = Places.strides(operands.get(i).dims());
      for (int axis = 0; axis < own.length; axis++) {
        if (operands.get(i).extent(axis) != 1) {
          strides[i][order.indexOf(labels.get(i).get(axis))] += own[axis];
        }
      }
    }
    DataType type = operands.getFirst().dtype();
    operands.forEach(operand -> BinaryRule.sameType(operands.getFirst(), operand));
    int inner = Array.count(summed);
    int count = Array.count(dims);
    double[] reals = new double[type.isFloat() ? count : 0];
    long[] wholes = new long[type.isFloat() ? 0 : count];
    int[] at = new int[all.length];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < inner; j++) {
        double real = 1;
        long whole = 1;
        for (int k = 0; k < operands.size(); k++) {
          int place = Places.dot(at, strides[k]);
          if (type.isFloat()) {
            real *= operands.get(k).real(place);
          } else {
            whole *= operands.get(k).whole(place);
          }
        }
        if (type.isFloat()) {
          reals[i] += real;
        } else {
          wholes[i] += whole;
        }
        for (int axis = all.length - 1; axis >= 0 && ++at[axis] == all[axis]; axis--) {
          at[axis] = 0;
        }
      }
    }
    return type.isFloat() ? Array.of(type, dims, reals) : Array.of(type, dims, wholes);
  }
}
