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
        grid.add(1L);
        var wider =
            new Tensor(
                table.dtype(),
                dims,
                new Encoding.Affine(codes, data, scale.withDims(grid), zero.withDims(grid)));
        bound.put("lut", weights.tensor(name + "_lut", wider, wanted, where));
      }
      case Encoding.Palette _, Encoding.Sparse _ ->
          throw UnsupportedException.at(
                  where, "a palette's table is dense or affine, got %s", table)
              .hint("store the table as float or int8");
    }
  }

  Mil.Var sparse(String name, Tensor tensor, Encoding.Sparse sparse, MilType wanted, String where) {
    if (!Lowering.isPlain(sparse.values())) {
      weights.needs(Target.IOS18, where, "sparse weights whose values are compressed");
    }
    weights.needs(Target.IOS16, where, "compressed weights");
    if (tensor.rank() == 0) {
      return weights.body().constant(name, Constants.floats(wanted, List.of(), tensor.floats()));
    }
    var call = weights.body().call("constexpr_sparse_to_dense", name);
    if (!weights.newest()) {
      return weights.parameters(
          call,
          Map.of(),
          List.of("nonzero_data", "mask", "shape"),
          List.of(
              Constants.plain(where, sparse.values(), wanted),
              Mil.Value.of(MilType.UINT8, List.of(sparse.mask().size()), sparse.mask()),
              shape(tensor.dims())),
          wanted,
          tensor.dims());
    }
    var mask = Mil.Value.of(MilType.UINT1, tensor.dims(), sparse.mask());
    List<Mil.Var> pair = sparseParts(name, tensor, sparse, mask, wanted, where);
    if (pair.isEmpty()) {
      return call.literal("nonzero_data", Constants.plain(where, sparse.values(), wanted))
          .literal("mask", mask)
          .gives(wanted, tensor.dims());
    }
    return call.in("nonzero_data", pair.get(1))
        .in("mask", pair.get(0))
        .gives(wanted, tensor.dims());
  }

  /// Mask and decoded values of a sparse tensor whose values are compressed; none where they are
  /// plain.
  private List<Mil.Var> sparseParts(
      String name,
      Tensor tensor,
      Encoding.Sparse sparse,
      Mil.Value mask,
      MilType wanted,
      String where) {
    Storage dataBytes;
    List<Long> count = sparse.values().dims();
    List<Long> ones = tensor.dims().stream().map(_ -> 1L).toList();
    Body.Call call;
    switch (sparse.values().encoding()) {
      case Encoding.Dense _ -> {
        return List.of();
      }
      case Encoding.Affine affine when affine.scale().elements() == 1 -> {
        MilType codes = Weights.codeType(affine.codes(), where);
        dataBytes = affine.data();
        call =
            weights
                .body()
                .call("constexpr_sparse_blockwise_shift_scale", name + "_values")
                .literal("data_mask", mask)
                .literal("nonzero_data", Mil.Value.of(codes, count, dataBytes))
                .literal("scale", retyped(weights.scale(name, affine, count, wanted), ones));
        if (Weights.hasZeroPoint(affine)) {
          call.literal("offset", Weights.zeroPoint(affine, codes, ones));
        }
      }
      case Encoding.Palette palette when palette.table().elements() == 1L << palette.bits() -> {
        List<Long> lutDims = new ArrayList<>(ones);
        lutDims.add(1L << palette.bits());
        lutDims.add(1L);
        Map<String, Mil.Var> bound = new HashMap<>();
        List<String> names = new ArrayList<>();
        List<Mil.Value> values = new ArrayList<>();
        table(
            name,
            palette.table(),
            List.of(1L, 1L << palette.bits(), 1L),
            wanted,
            where,
            bound,
            names,
            values);
        if (!bound.isEmpty()) {
          throw UnsupportedException.at(
              where, "a sparse palette's table is stored plainly, got %s", palette.table());
        }
        call =
            weights
                .body()
                .call("constexpr_lut_to_sparse", name + "_values")
                .literal("indices_mask", mask)
                .literal(
                    "indices_nonzero_data",
                    Mil.Value.of(MilType.unsigned(palette.bits()), count, palette.indices()))
                .literal("lut", retyped(values.getFirst(), lutDims));
      }
      case Encoding.Affine _, Encoding.Palette _, Encoding.Sparse _ ->
          throw UnsupportedException.at(
                  where,
                  "the values of a sparse weight have one scale or table, got %s",
                  sparse.values())
              .hint("encode the values per tensor");
    }
    var decodedMask =
        new Mil.Var(weights.body().names.fresh(name + "_mask"), MilType.UINT1, tensor.dims());
    var decoded = new Mil.Var(weights.body().names.fresh(name + "_nonzero"), wanted, count);
    call.as(List.of(decodedMask, decoded));
    return List.of(decodedMask, decoded);
  }
}
