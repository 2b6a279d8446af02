package dev.inward.graph;

/// How many operands an op takes and how many results it gives.
///
/// @param required operands that cannot be left out, the first ones
/// @param most operands at most
/// @param results at most; the first cannot be left out of the list
record Arity(int required, int most, int results) {
  private static final int ANY = Integer.MAX_VALUE;

  private static Arity exactly(int operands) {
    return new Arity(operands, operands, 1);
  }

  private static Arity of(int required, int most) {
    return new Arity(required, most, 1);
  }

  /// @throws dev.inward.base.InputException where the node has more or fewer
  static void check(Site site) {
    var arity = of(site.op());
    int given = site.operands();
    if (given < arity.required || given > arity.most) {
      throw site.fault("takes %s, got %d", arity.words(), given);
    }
    for (int i = 0; i < arity.required && arity.most != ANY; i++) {
      if (!site.has(i)) {
        throw site.fault("operand %d is left out, and is required", i);
      }
    }
    int results = site.node().out().size();
    if (results == 0 || results > arity.results) {
      throw site.fault("gives at most %d results and at least one, got %d", arity.results, results);
    }
  }

  private String words() {
    return required == most
        ? required + (required == 1 ? " operand" : " operands")
        : most == ANY
            ? "at least " + required + (required == 1 ? " operand" : " operands")
            : required + " to " + most + " operands";
  }

  private static Arity of(Op op) {
    return switch (op) {
      case Elementwise e -> elementwise(e);
      case Product.MatMul _ -> exactly(2);
      case Product.Linear _ -> exactly(3);
      case Product.Gemm _ -> of(2, 3);
      case Product.Einsum _ -> of(1, ANY);
      case Product.Attention _ -> of(3, 4);
      case Windowed.Conv _, Windowed.ConvTranspose _ -> of(2, 3);
      case Windowed.Pool pool -> new Arity(1, 1, pool.kind() == Windowed.PoolKind.MAX ? 2 : 1);
      case Windowed.GlobalPool _ -> exactly(1);
      case Normalization n -> normalization(n);
      case Reduction.Reduce _, Reduction.ArgReduce _ -> exactly(1);
      case Reduction.TopK _ -> new Arity(2, 2, 2);
      case Reduction.CumSum _ -> exactly(2);
      case Movement m -> movement(m);
      case Quantization q -> quantization(q);
      case Recurrent cell ->
          cell.kind() == Recurrent.Kind.LSTM ? new Arity(3, 8, 3) : new Arity(3, 6, 2);
      case Opaque _ -> new Arity(0, ANY, ANY);
    };
  }

  private static Arity elementwise(Elementwise op) {
    return switch (op) {
      case Elementwise.Binary _ -> exactly(2);
      case Elementwise.Variadic _ -> of(1, ANY);
      case Elementwise.Where _ -> exactly(3);
      case Elementwise.Clip _ -> of(1, 3);
      case Elementwise.Unary _,
          Elementwise.Cast _,
          Elementwise.LeakyRelu _,
          Elementwise.Elu _,
          Elementwise.Selu _,
          Elementwise.Celu _,
          Elementwise.ThresholdedRelu _,
          Elementwise.HardSigmoid _,
          Elementwise.Shrink _,
          Elementwise.Swish _,
          Elementwise.Gelu _ ->
          exactly(1);
    };
  }

  private static Arity normalization(Normalization op) {
    return switch (op) {
      case Normalization.BatchNorm _ -> exactly(5);
      case Normalization.LayerNorm _ -> of(1, 3);
      case Normalization.RmsNorm _ -> of(1, 2);
      case Normalization.InstanceNorm _, Normalization.GroupNorm _ -> exactly(3);
      case Normalization.LpNorm _,
          Normalization.LocalResponseNorm _,
          Normalization.MeanVarianceNorm _,
          Normalization.Softmax _,
          Normalization.LogSoftmax _,
          Normalization.Hardmax _ ->
          exactly(1);
    };
  }

  private static Arity movement(Movement op) {
    return switch (op) {
      case Movement.ShapeOf _,
          Movement.Size _,
          Movement.Flatten _,
          Movement.Squeeze _,
          Movement.Unsqueeze _,
          Movement.Transpose _,
          Movement.DepthToSpace _,
          Movement.SpaceToDepth _,
          Movement.ConstantOfShape _,
          Movement.NonZero _ ->
          exactly(1);
      case Movement.Reshape _,
          Movement.Gather _,
          Movement.GatherElements _,
          Movement.GatherNd _,
          Movement.Expand _,
          Movement.Tile _,
          Movement.ReverseSequence _,
          Movement.GridSample _ ->
          exactly(2);
      case Movement.Concat _ -> of(1, ANY);
      case Movement.Split(_, var sizes) -> new Arity(1, 1, sizes.isEmpty() ? ANY : sizes.size());
      case Movement.Slice _ -> of(3, 5);
      case Movement.ScatterElements _, Movement.ScatterNd _, Movement.Range _, Movement.OneHot _ ->
          exactly(3);
      case Movement.Pad _ -> of(2, 4);
      case Movement.Resize _ -> of(1, 4);
      case Movement.Trilu _ -> of(1, 2);
    };
  }

  private static Arity quantization(Quantization op) {
    return switch (op) {
      case Quantization.Quantize _, Quantization.Dequantize _ -> of(2, 3);
      case Quantization.DynamicQuantize _ -> new Arity(1, 1, 3);
      case Quantization.MatMulInteger _, Quantization.ConvInteger _ -> of(2, 4);
      case Quantization.QLinearConv _ -> of(8, 9);
      case Quantization.QLinearMatMul _ -> exactly(8);
    };
  }
}
