package dev.inward.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/// A weight as training sees it: reals that move freely, brought to what its encoding can say each
/// time they are read, with gradients as if they were not.
///
/// Affine codes: `scale * clip(round(w / scale) + zero)`, where the gradient of the scale is that
/// of Esser et al., "Learned step size quantization", ICLR 2020, eq. 3. Palettes: the nearest entry
/// of the table, whose gradient is the sum over the elements that are nearest to it; that of the
/// element passes through. Scales are held as logarithms, which cannot turn negative, and are
/// rounded to half precision as all scales and tables are, so that what is stored afterwards is
/// what was computed with.
sealed interface EncodedWeight {
  float SMALLEST_NORMAL_HALF = 0x1p-14f;
  float LARGEST_HALF = 65504;

  /// The weight as readers see it.
  NDArray value(NDManager step);

  /// What the encoding holds now.
  Tensor tensor(NDManager step);

  /// Puts what is to be trained among the parameters.
  ///
  /// @param original the weight before it was encoded; the reals start where they are nearest to it
  ///   and still give the codes that the encoding has
  /// @throws UnsupportedException for an encoding that is not trained
  static EncodedWeight of(
      String name, Tensor original, Tensor encoded, Parameters parameters, NDManager manager) {
    return switch (encoded.encoding()) {
      case Encoding.Dense(var stored, _) when stored == dev.inward.graph.DataType.FLOAT32 ->
          new Plain(name, parameters.add(name, Torch.reals(manager, encoded)));
      case Encoding.Dense(var stored, _) when stored == dev.inward.graph.DataType.FLOAT16 ->
          new Half(name, parameters.add(name, Torch.reals(manager, original)));
      case Encoding.Affine affine ->
          Affine.of(name, original, encoded, affine, parameters, manager);
      case Encoding.Palette palette ->
          Palette.of(name, original, encoded, palette, Tensor.scalar(1f), parameters, manager);
      case Encoding.Scaled(var values, var scale)
          when values.encoding() instanceof Encoding.Palette palette ->
          Palette.of(name, original, encoded, palette, scale, parameters, manager);
      case Encoding.Dense _, Encoding.Vectors _, Encoding.Scaled _, Encoding.Sparse _ ->
          throw UnsupportedException.at("weight '" + name + "'", "%s is not trained", encoded.how())
              .hint("affine codes, palettes of numbers and half precision are");
    };
  }

  /// Float32, as it is.
  record Plain(String name, NDArray array) implements EncodedWeight {
    @Override
    public NDArray value(NDManager step) {
      return array;
    }

    @Override
    public Tensor tensor(NDManager step) {
      return Torch.tensor(array);
    }
  }

  /// Stored as float16.
  record Half(String name, NDArray array) implements EncodedWeight {
    @Override
    public NDArray value(NDManager step) {
      return halved(array);
    }

    @Override
    public Tensor tensor(NDManager step) {
      return Tensor.half(Torch.dims(array), value(step).toFloatArray());
    }
  }

  /// @param logScale `[groups, 1]`
  /// @param zero `[groups, 1]`
  record Affine(
      Encoding.Affine encoding,
      Groups groups,
      NDArray reals,
      NDArray logScale,
      NDArray zero,
      int least,
      int most)
      implements EncodedWeight {
    static Affine of(
        String name,
        Tensor original,
        Tensor encoded,
        Encoding.Affine encoding,
        Parameters parameters,
        NDManager manager) {
      var groups = new Groups(encoded.dims(), encoding.scale().dims());
      // Codes and steps of the start, an element each.
      long[] codes = Tensor.dense(encoding.codes(), encoded.dims(), encoding.data()).longs();
      float[] start = encoded.floats();
      float[] wanted = original.floats();
      float[] steps = spread(manager, encoding.scale(), groups);
      float[] latent = new float[start.length];
      boolean symmetric = true;
      for (long z : encoding.zeroPoint().longs()) {
        symmetric &= z == 0;
      }
      int bits = encoding.codes().bits();
      int least = QuantizationForward.least(encoding.codes());
      int most = QuantizationForward.most(encoding.codes());
      long smallest = Long.MAX_VALUE;
      long largest = Long.MIN_VALUE;
      for (int i = 0; i < latent.length; i++) {
        float room = 0.49f * Math.abs(steps[i]);
        boolean end = codes[i] == least || codes[i] == most;
        latent[i] = end ? start[i] : Math.clamp(wanted[i], start[i] - room, start[i] + room);
        smallest = Math.min(smallest, codes[i]);
        largest = Math.max(largest, codes[i]);
      }
      if (symmetric && encoding.codes().isSigned()) {
        // Codes that left the lowest one, or the eighth bit, unused go on doing so.
        boolean seven = bits == 8 && smallest >= -63 && largest <= 63;
        most = seven ? 63 : most;
        least = seven || smallest > least ? -most : least;
      }
      float[] scales = encoding.scale().floats();
      for (int g = 0; g < scales.length; g++) {
        if (!(scales[g] > 0)) {
          throw UnsupportedException.at(
              "weight '" + name + "'", "has a scale of %s, which is not trained", scales[g]);
        }
        scales[g] = (float) Math.log(scales[g]);
      }
      var rows = List.of((long) groups.count(), 1L);
      return new Affine(
          encoding,
          groups,
          parameters.add(name, Torch.reals(manager, Tensor.ofFloats(encoded.dims(), latent))),
          parameters.add(name + "/scale", Torch.reals(manager, Tensor.ofFloats(rows, scales))),
          Torch.reals(manager, encoding.zeroPoint()).reshape(groups.count(), 1),
          least,
          most);
    }

    private static float[] spread(NDManager manager, Tensor scale, Groups groups) {
      try (NDManager some = manager.newSubManager()) {
        NDArray rows = Torch.reals(some, scale).reshape(groups.count(), 1);
        long each = groups.dims().stream().reduce(1L, Math::multiplyExact) / groups.count();
        return groups
            .tensor(rows.mul(some.ones(new ai.djl.ndarray.types.Shape(1, each))))
            .toFloatArray();
      }
    }

    private NDArray scale() {
      return halved(logScale.exp());
    }

    /// Less the zero point, `[groups, elements]`.
    private NDArray codes(NDArray scale) {
      return QuantizationForward.straight(groups.rows(reals).div(scale))
          .add(zero)
          .clip(least, most)
          .sub(zero);
    }

    @Override
    public NDArray value(NDManager step) {
      zero.tempAttach(step);
      NDArray scale = scale();
      return groups.tensor(codes(scale).mul(scale));
    }

    @Override
    public Tensor tensor(NDManager step) {
      zero.tempAttach(step);
      NDArray scale = scale();
      float[] codes = groups.tensor(codes(scale).add(zero)).toFloatArray();
      return Tensor.affine(
          groups.dims(),
          encoding.codes(),
          wholes(codes),
          Tensor.ofFloats(encoding.scale().dims(), scale.toFloatArray()),
          encoding.zeroPoint());
    }
  }

  /// @param table `[tables, entries]`
  /// @param logScale `[groups of the scale, 1]`; empty where there is none
  record Palette(
      Encoding.Palette encoding,
      Groups groups,
      NDArray reals,
      NDArray table,
      List<NDArray> logScale,
      Groups scales)
      implements EncodedWeight {
    static Palette of(
        String name,
        Tensor original,
        Tensor encoded,
        Encoding.Palette encoding,
        Tensor scale,
        Parameters parameters,
        NDManager manager) {
      List<Long> grid = encoding.table().dims().subList(0, encoded.rank());
      var groups = new Groups(encoded.dims(), grid);
      if (!(encoding.table().encoding() instanceof Encoding.Dense)) {
        throw UnsupportedException.at("weight '" + name + "'", "a table in codes is not trained")
            .hint("palettes with tables of reals are");
      }
      boolean scaled = scale.rank() == encoded.rank() && encoded.rank() > 0;
      var scales = new Groups(encoded.dims(), scaled ? scale.dims() : ones(encoded.rank()));
      NDArray reals =
          parameters.add(name, Torch.reals(manager, start(original, encoded, encoding, manager)));
      List<NDArray> logScale = new ArrayList<>();
      if (scaled) {
        float[] logs = scale.floats();
        for (int i = 0; i < logs.length; i++) {
          if (!(logs[i] > 0)) {
            throw UnsupportedException.at(
                "weight '" + name + "'", "has a scale of %s, which is not trained", logs[i]);
          }
          logs[i] = (float) Math.log(logs[i]);
        }
        logScale.add(
            parameters.add(
                name + "/scale",
                Torch.reals(manager, Tensor.ofFloats(List.of((long) scales.count(), 1L), logs))));
      }
      NDArray table =
          parameters.add(
              name + "/table",
              Torch.reals(
                  manager,
                  Tensor.ofFloats(
                      List.of((long) groups.count(), 1L << encoding.bits()),
                      encoding.table().floats())));
      return new Palette(encoding, groups, reals, table, List.copyOf(logScale), scales);
    }

    private static List<Long> ones(int rank) {
      return java.util.Collections.nCopies(rank, 1L);
    }

    /// The original where the entry that it was given is the nearest, else what it was given.
    private static Tensor start(
        Tensor original, Tensor encoded, Encoding.Palette palette, NDManager manager) {
      float[] wanted = original.floats();
      float[] given = encoded.floats();
      Tensor near = nearest(wanted, encoded, palette, manager);
      float[] nearest = near.floats();
      for (int i = 0; i < wanted.length; i++) {
        wanted[i] = nearest[i] == given[i] ? wanted[i] : given[i];
      }
      return Tensor.ofFloats(encoded.dims(), wanted);
    }

    /// What the encoding would give the reals.
    private static Tensor nearest(
        float[] reals, Tensor encoded, Encoding.Palette palette, NDManager manager) {
      try (NDManager step = manager.newSubManager()) {
        var groups = new Groups(encoded.dims(), palette.table().dims().subList(0, encoded.rank()));
        NDArray x = Torch.reals(step, Tensor.ofFloats(encoded.dims(), reals));
        NDArray factor = null;
        if (encoded.encoding() instanceof Encoding.Scaled(_, var scale)) {
          var scales = new Groups(encoded.dims(), scale.dims());
          factor = spread(scales, Torch.reals(step, scale).reshape(scales.count(), 1), step);
          x = x.div(factor);
        }
        NDArray table =
            Torch.reals(step, palette.table()).reshape(groups.count(), 1L << palette.bits());
        NDArray rows = groups.rows(x);
        NDArray made = groups.tensor(table.gather(indices(rows, table), 1));
        return Torch.tensor(factor == null ? made : made.mul(factor));
      }
    }

    /// A factor for each element of the tensor, of one a group.
    private static NDArray spread(Groups groups, NDArray factors, NDManager step) {
      long each = groups.dims().stream().reduce(1L, Math::multiplyExact) / groups.count();
      return groups.tensor(factors.mul(step.ones(new ai.djl.ndarray.types.Shape(1, each))));
    }

    /// The nearest entry for each element of a row, the first of equals.
    private static NDArray indices(NDArray rows, NDArray table) {
      return rows.stopGradient()
          .expandDims(2)
          .sub(table.stopGradient().expandDims(1))
          .abs()
          .argMin(2);
    }

    @Override
    public NDArray value(NDManager step) {
      NDArray entries = halved(table);
      NDArray x = reals;
      NDArray factor = null;
      if (!logScale.isEmpty()) {
        factor = spread(scales, halved(logScale.getFirst().exp()), step);
        x = reals.div(factor);
      }
      NDArray rows = groups.rows(x);
      NDArray chosen = entries.gather(indices(rows, entries), 1);
      // Equal to what was chosen to the bit, also where the reals are not: they cancel first.
      NDArray made = groups.tensor(chosen.add(rows.sub(rows.stopGradient())));
      return factor == null ? made : made.mul(factor);
    }

    @Override
    public Tensor tensor(NDManager step) {
      NDArray entries = halved(table);
      NDArray x = reals;
      NDArray scale = null;
      if (!logScale.isEmpty()) {
        scale = halved(logScale.getFirst().exp());
        x = reals.div(spread(scales, scale, step));
      }
      NDArray rows = groups.rows(x);
      float[] codes =
          groups.tensor(indices(rows, entries).toType(DataType.FLOAT32, false)).toFloatArray();
      var dims = groups.dims();
      Tensor values =
          new Tensor(
              dev.inward.graph.DataType.FLOAT32,
              dims,
              new Encoding.Palette(
                  encoding.bits(),
                  Storage.packed(encoding.bits(), wholes(codes)),
                  table(entries.toFloatArray())));
      if (scale == null) {
        return values;
      }
      return new Tensor(
          dev.inward.graph.DataType.FLOAT32,
          dims,
          new Encoding.Scaled(values, Tensor.ofFloats(scales.grid(), scale.toFloatArray())));
    }

    private Tensor table(float[] entries) {
      var dims = encoding.table().dims();
      boolean half =
          encoding.table().encoding() instanceof Encoding.Dense(var stored, _)
              && stored == dev.inward.graph.DataType.FLOAT16;
      return half ? Tensor.half(dims, entries) : Tensor.ofFloats(dims, entries);
    }
  }

  /// Rounded to half precision within its normal range, as stored scales and tables are; the
  /// gradient passes as if it were not.
  private static NDArray halved(NDArray x) {
    NDArray fixed = x.stopGradient();
    NDArray half = fixed.toType(DataType.FLOAT16, false).toType(DataType.FLOAT32, false);
    NDArray size = fixed.abs();
    NDArray held = size.gte(SMALLEST_NORMAL_HALF).logicalAnd(size.lte(LARGEST_HALF));
    return x.sub(fixed).add(NDArrays.where(held, half, fixed));
  }

  private static int[] wholes(float[] values) {
    int[] wholes = new int[values.length];
    for (int i = 0; i < wholes.length; i++) {
      wholes[i] = Math.round(values[i]);
    }
    return wholes;
  }
}
