#pragma once

#include <cstdint>
#include <type_traits>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "device_number.hpp"
#include "models/maestro/closed/closed_form.hpp"
#include "models/maestro/closed/stepwise.hpp"
#include "models/maestro/figures.hpp"

/// What one thread of the score kernel does. The same functions run on the host in tests.
namespace cugamma::device {

/// A layer of a batch as the kernels read it.
struct layer_table {
  core::two_level_layer<std::int32_t> two_level;
  core::layer_facts<number> facts;
  layer_totals totals;
};
static_assert(std::is_trivially_copyable_v<layer_table>);

/// An accelerator of a batch as the kernels read it.
struct machine_table {
  core::machine_facts<std::int32_t> two_level;
  core::machine_facts<number> facts;
  accelerator limits;
};
static_assert(std::is_trivially_copyable_v<machine_table>);

inline layer_table make_layer_table(const layer& l) {
  return {core::make_two_level_layer(core::make_layer_facts<std::int32_t>(l)),
          core::make_layer_facts<number>(l),
          totals_of(l)};
}

inline machine_table make_machine_table(const accelerator& a) {
  return {core::make_machine_facts<std::int32_t>(a), core::make_machine_facts<number>(a), a};
}

/// What counts are judged by.
CUGAMMA_HD constexpr maestro_problem problem_of(const layer_table& l, const machine_table& m) {
  return {l.totals, m.limits};
}

/// A level's loop order turned inside out: dimension_bits of position a dimension; ~0 if it is no
/// permutation.
CUGAMMA_HD constexpr std::uint32_t invert_order(const genome& g, int level) {
  std::uint32_t positions = 0, seen = 0;
  for (std::uint32_t p = 0; p < core::dims; ++p) {
    const std::uint32_t d =
        field_of(g.loops[level], genome_fields::order(level, static_cast<int>(p)));
    positions |= p << (dimension_bits * d);
    seen |= 1u << d;
  }
  return seen == every_gene_dimension ? positions : ~0u;
}

/// Marks a level's parallel dimension. False unless there is exactly one, out of K, C, Y, X.
CUGAMMA_HD constexpr bool mark_spatial(const genome& g,
                                       int level,
                                       const core::couplings& c,
                                       bool (&spatial)[core::free_dims]) {
  int d = index_of(parallel(g, level));
  if (!core::has(c.present, core::K) && d == core::K) d = core::C;
  for (int i = 0; i < core::free_dims; ++i) spatial[i] = d == i;
  return second_parallel(g, level) == no_dimension && d < core::free_dims &&
         core::has(c.present, d);
}

/// True if both levels of a genome have the layer's whole filter as R and S tiles.
CUGAMMA_HD constexpr bool has_whole_filter(const genome& g, const core::layer_facts<number>& l) {
  if (!core::has(l.tensors.present, core::R)) return true;
  const auto on_both_levels = [](std::uint32_t size) {
    return size << genome_fields::tile(0, core::R).shift |
           size << genome_fields::tile(1, core::R).shift;
  };
  const std::uint32_t both = on_both_levels(max_filter_tile);
  return (g.tile_rs[0] & both) == on_both_levels(static_cast<std::uint32_t>(l.size[core::R].v)) &&
         (g.tile_rs[1] & both) == on_both_levels(static_cast<std::uint32_t>(l.size[core::S].v));
}

/// Reads a genome for the closed form. False if the closed form cannot express it.
CUGAMMA_HD constexpr bool decode(const genome& g,
                                 const layer_table& l,
                                 const machine_table& m,
                                 core::two_level_genes<size>& out) {
  const core::couplings& c = l.facts.tensors;
  const std::uint32_t places[2] = {invert_order(g, 0), invert_order(g, 1)};
  bool simple = level_count(g) == 2 && places[0] != ~0u && places[1] != ~0u;
  simple = mark_spatial(g, 0, c, out.spatial[0]) && simple;
  simple = mark_spatial(g, 1, c, out.spatial[1]) && simple;
  for (int d = 0; d < core::free_dims; ++d) {
    const bool present = core::has(c.present, d);
    for (int level = 0; level < 2; ++level) {
      out.tile[level][d] = size(present ? tile(g, level, static_cast<dimension>(d)) : 1);
      out.position[level][d] =
          size::of(places[level] >> (dimension_bits * d) & dimension_code_mask);
    }
  }
  out.pes = size(pes_of(g, m.limits));
  out.cluster_size = size(cluster_size(g, 1));
  return simple && has_whole_filter(g, l.facts);
}

/// The illegal bits of a mapping that decode() accepts.
CUGAMMA_HD constexpr std::uint32_t two_level_status(const core::two_level_genes<size>& g,
                                                    const core::two_level_layer<std::int32_t>& l) {
  bool sound = g.cluster_size >= size(1), exceeds = false;
  for (int d = 0; d < core::free_dims; ++d) {
    sound = sound && g.tile[0][d] >= size(1) && g.tile[1][d] >= size(1);
    exceeds = exceeds || g.tile[0][d] > size(l.outputs[d]) || g.tile[1][d] > g.tile[0][d];
  }
  if (!sound) return bad_structure;
  return (g.cluster_size > g.pes ? clusters_exceed_pes : 0u) | (exceeds ? tile_exceeds_dim : 0u);
}

CUGAMMA_HD constexpr maestro_counts counts_of(const core::closed_form_figures<number>& f) {
  return {f.macs.v,
          f.macs.v,
          f.input_l2_read.v,
          f.filter_l2_read.v,
          f.output_l2_write.v,
          f.l1_elems.v,
          f.l2_elems.v,
          f.inner_work_error};
}

/// What a mapping's cost still lacks.
enum class lacking { nothing, runtime, everything };

/// Scores a mapping by the closed form. lacking::runtime: the runtime in out and the test of it
/// are not final, see score_steps; lacking::everything: out is not written, see score_group.
CUGAMMA_HD constexpr lacking score_two_level(const genome& g,
                                             const layer_table& l,
                                             const machine_table& m,
                                             cost& out) {
  core::two_level_genes<size> genes;
  if (!decode(g, l, m, genes)) return lacking::everything;
  const std::uint32_t status = two_level_status(genes, l.two_level);
  if (status != 0) {
    out = cost{.status = status};
    return lacking::nothing;
  }
  const auto figures = core::closed_form(genes, l.two_level, m.two_level);
  if (!figures.exact && !figures.fits_words) return lacking::everything;
  out = cost_of(counts_of(figures),
                figures.runtime_cycles.v,
                problem_of(l, m),
                pes_of(g, m.limits),
                2);
  return figures.exact ? lacking::nothing : lacking::runtime;
}

/// The cycles of a mapping's tiles: one column of a table that has `Columns` of them.
template <int Columns>
struct tile_column {
  number* first;
  CUGAMMA_HD constexpr void set(unsigned tile, number cycles) { first[tile * Columns] = cycles; }
  CUGAMMA_HD constexpr number at(size tile) const { return first[tile.v * Columns]; }
};

/// Finishes a mapping that lacks its runtime. Tiles: see core::stepwise_runtime.
template <class Tiles>
CUGAMMA_HD constexpr void score_steps(const genome& g,
                                      const layer_table& l,
                                      const machine_table& m,
                                      Tiles& tiles,
                                      cost& out) {
  core::two_level_genes<size> genes;
  decode(g, l, m, genes);
  const number cycles = core::stepwise_runtime(genes, l.two_level, m.facts, tiles);
  set_runtime(out, cycles.v, problem_of(l, m), pes_of(g, m.limits));
}

}  // namespace cugamma::device
