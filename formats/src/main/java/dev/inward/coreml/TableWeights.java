package dev.inward.coreml;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes palettes and sparse tensors, in the form of either set of ops.
final class TableWeights {
  private final Weights weights;

  TableWeights(Weights weights) {
    this.weights = weights;
  }

  Mil.Var palette(
      String name, Tensor tensor, Encoding.Palette palette, MilType wanted, String where) {
    int bits = palette.bits();
    boolean plainTable = Lowering.isPlain(palette.table());
    if (palette.table().elements() != 1L << bits) {
      weights.needs(Target.IOS18, where, "palettes in groups");
    }
    if (bits == 3) {
      weights.needs(Target.IOS18, where, "palettes of 3 bits");
    }
    if (!plainTable) {
      weights.needs(Target.IOS18, where, "palettes whose table is compressed");
    }
    weights.needs(Target.IOS16, where, "compressed weights");
    if (tensor.rank() == 0) {
      return weights.body().constant(name, Constants.floats(wanted, List.of(), tensor.floats()));
    }
    if (weights.newest()) {
      List<Long> lutDims = new ArrayList<>(palette.table().dims());
      lutDims.add(1L);
      Map<String, Mil.Var> bound = new HashMap<>();
      List<String> names = new ArrayList<>(List.of("indices"));
      List<Mil.Value> values = new ArrayList<>();
      values.add(Mil.Value.of(MilType.unsigned(bits), tensor.dims(), palette.indices()));
      table(name, palette.table(), lutDims, wanted, where, bound, names, values);
      return weights.parameters(
          weights.body().call("constexpr_lut_to_dense", name),
          bound,
          names,
          values,
          wanted,
          tensor.dims());
    }
    return weights.parameters(
        weights.body().call("constexpr_lut_to_dense", name),
        Map.of(),
        List.of("indices", "lut", "shape"),
        List.of(
            Mil.Value.of(MilType.UINT8, List.of(palette.indices().size()), palette.indices()),
            retyped(Constants.plain(where, palette.table(), wanted), List.of(1L << bits)),
            shape(tensor.dims())),
        wanted,
        tensor.dims());
  }

  private static Mil.Value retyped(Mil.Value value, List<Long> dims) {
    return new Mil.Value(value.type(), dims, value.content());
  }

  private static Mil.Value shape(List<Long> dims) {
    return Mil.Value.of(
        MilType.UINT32,
        List.of((long) dims.size()),
        Constants.whole(MilType.UINT32, dims.stream().mapToLong(Long::longValue).toArray()));
  }

  /// The table of a palette, as a value or as the result of an op of its own.
  private void table(
      String name,
      Tensor table,
      List<Long> dims,
      MilType wanted,
      String where,
      Map<String, Mil.Var> bound,
      List<String> names,
      List<Mil.Value> values) {
    switch (table.encoding()) {
      case Encoding.Dense _ -> {
        names.add("lut");
        values.add(retyped(Constants.plain(where, table, wanted), dims));
      }
      case Encoding.Affine(var codes, var data, var scale, var zero) -> {
        List<Long> grid = new ArrayList<>(scale.dims());
        while (grid.size() < dims.size()) {
          grid.add(1L);
        }
        var wider =
            new Tensor(
                table.dtype(),
                dims,
                new Encoding.Affine(codes, data, scale.withDims(grid), zero.withDims(grid)));
        bound.put("lut", weights.tensor(name + "_lut", wider, wanted, where));
      }
      case Encoding.Palette _, Encoding.Vectors _, Encoding.Scaled _, Encoding.Sparse _ ->
          throw UnsupportedException.at(
                  where, "a palette's table is dense or affine, got %s", table)
              .hint("store the table as float or int8");
    }
  }

  Mil.Var vectors(
      String name, Tensor tensor, Encoding.Vectors vectors, MilType wanted, String where) {
    weights.needs(Target.IOS18, where, "palettes of vectors");
    Map<String, Mil.Var> bound = new HashMap<>();
    List<String> names = new ArrayList<>(List.of("indices"));
    List<Mil.Value> values = new ArrayList<>();
    values.add(
        Mil.Value.of(
            MilType.unsigned(vectors.bits()), vectors.indexDims(tensor.dims()), vectors.indices()));
    table(name, vectors.table(), vectors.table().dims(), wanted, where, bound, names, values);
    names.add("vector_axis");
    values.add(Constants.scalar(vectors.axis()));
    return weights.parameters(
        weights.body().call("constexpr_lut_to_dense", name),
        bound,
        names,
        values,
        wanted,
        tensor.dims());
  }

  Mil.Var sparse(String name, Tensor tensor, Encoding.Sparse sparse, MilType wanted, String where) {
    if (!(sparse.values() instanceof Encoding.Dense)) {
      weights.needs(Target.IOS18, where, "sparse weights whose values are compressed");
    }
    weights.needs(Target.IOS16, where, "compressed weights");
    if (tensor.rank() == 0) {
      return weights.body().constant(name, Constants.floats(wanted, List.of(), tensor.floats()));
    }
    if (sparse.count() == 0) {
      return weights.body().constant(name, zeros(tensor, wanted));
    }
    var call = weights.body().call("constexpr_sparse_to_dense", name);
    if (!weights.newest()) {
      return weights.parameters(
          call,
          Map.of(),
          List.of("nonzero_data", "mask", "shape"),
          List.of(
              Constants.plain(where, plainValues(tensor, sparse), wanted),
              Mil.Value.of(MilType.UINT8, List.of(sparse.mask().size()), sparse.mask()),
              shape(tensor.dims())),
          wanted,
          tensor.dims());
    }
    var mask = Mil.Value.of(MilType.UINT1, tensor.dims(), sparse.mask());
    return switch (sparse.values()) {
      case Encoding.Dense _ ->
          call.literal("nonzero_data", Constants.plain(where, plainValues(tensor, sparse), wanted))
              .literal("mask", mask)
              .gives(wanted, tensor.dims());
      case Encoding.Affine affine ->
          filled(
              call, tensor, wanted, sparseCodes(name, tensor, sparse, affine, mask, wanted, where));
      case Encoding.Palette palette ->
          filled(
              call,
              tensor,
              wanted,
              sparseIndices(name, tensor, sparse, palette, mask, wanted, where));
      case Encoding.Vectors _, Encoding.Scaled _, Encoding.Sparse _ ->
          throw new IllegalStateException(where);
    };
  }

  /// A weight without a single value, which has no sparse form: some op reads an empty vector.
  private static Mil.Value zeros(Tensor tensor, MilType wanted) {
    return Mil.Value.of(
        wanted,
        tensor.dims(),
        Storage.of(new byte[Math.toIntExact(wanted.bytes(tensor.elements()))]));
  }

  private static Tensor plainValues(Tensor tensor, Encoding.Sparse sparse) {
    return new Tensor(tensor.dtype(), List.of(sparse.count()), sparse.values());
  }

  private static Mil.Var filled(Body.Call call, Tensor tensor, MilType wanted, List<Mil.Var> pair) {
    return call.in("nonzero_data", pair.get(1))
        .in("mask", pair.get(0))
        .gives(wanted, tensor.dims());
  }

  private static List<Long> ones(Tensor tensor) {
    return tensor.dims().stream().map(_ -> 1L).toList();
  }

  private List<Mil.Var> sparseCodes(
      String name,
      Tensor tensor,
      Encoding.Sparse sparse,
      Encoding.Affine affine,
      Mil.Value mask,
      MilType wanted,
      String where) {
    MilType codes = Weights.codeType(affine.codes(), where);
    List<Long> count = List.of(sparse.count());
    List<Long> grid = affine.scale().elements() == 1 ? ones(tensor) : affine.scale().dims();
    var call =
        weights
            .body()
            .call("constexpr_sparse_blockwise_shift_scale", name + "_values")
            .literal("data_mask", mask)
            .literal("nonzero_data", Mil.Value.of(codes, count, affine.data()))
            .literal("scale", retyped(weights.scale(name, affine, count, wanted), grid));
    if (Weights.hasZeroPoint(affine)) {
      call.literal("offset", Weights.zeroPoint(affine, codes, grid));
    }
    return pair(call, name, tensor, count, wanted);
  }

  private List<Mil.Var> sparseIndices(
      String name,
      Tensor tensor,
      Encoding.Sparse sparse,
      Encoding.Palette palette,
      Mil.Value mask,
      MilType wanted,
      String where) {
    List<Long> count = List.of(sparse.count());
    boolean single = palette.table().elements() == 1L << palette.bits();
    List<Long> lutDims =
        new ArrayList<>(single ? ones(tensor) : palette.table().dims().subList(0, tensor.rank()));
    lutDims.add(1L << palette.bits());
    lutDims.add(1L);
    Map<String, Mil.Var> bound = new HashMap<>();
    List<String> names = new ArrayList<>();
    List<Mil.Value> values = new ArrayList<>();
    Tensor table = single ? palette.table().withDims(lutDims) : palette.table();
    table(name, table, lutDims, wanted, where, bound, names, values);
    var call =
        weights
            .body()
            .call("constexpr_lut_to_sparse", name + "_values")
            .literal("indices_mask", mask)
            .literal(
                "indices_nonzero_data",
                Mil.Value.of(MilType.unsigned(palette.bits()), count, palette.indices()));
    bound.forEach(call::in);
    for (int i = 0; i < names.size(); i++) {
      call.literal(names.get(i), values.get(i));
    }
    return pair(call, name, tensor, count, wanted);
  }

  /// Ends an op that makes a mask and the values where it is 1.
  private List<Mil.Var> pair(
      Body.Call call, String name, Tensor tensor, List<Long> count, MilType wanted) {
    var names = weights.body().names;
    var mask = new Mil.Var(names.fresh(name + "_mask"), MilType.UINT1, tensor.dims());
    var values = new Mil.Var(names.fresh(name + "_nonzero"), wanted, count);
    call.as(List.of(mask, values));
    return List.of(mask, values);
  }
}
