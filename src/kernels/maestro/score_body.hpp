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
#include "models/two_level/decode.hpp"
#include "score_input.hpp"

/// What one thread of the score kernel does. The same functions run on the host in tests.
namespace cugamma::device {

/// A layer of a batch as the kernels read it.
struct layer_table {
  core::two_level_layer<std::int32_t> two_level;
  core::layer_facts<number> facts;
  core::gene_context genes;
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
          core::make_gene_context(l),
          totals_of(l)};
}

inline machine_table make_machine_table(const accelerator& a) {
  return {core::make_machine_facts<std::int32_t>(a), core::make_machine_facts<number>(a), a};
}

/// What counts are judged by.
CUGAMMA_HD constexpr maestro_problem problem_of(const layer_table& l, const machine_table& m) {
  return {l.totals, m.limits};
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

/// Scores a mapping by the closed form. lacking::runtime: the runtime in out and the test of it
/// are not final, see score_steps; lacking::everything: out is not written, see score_group.
CUGAMMA_HD constexpr lacking score_two_level(const genome& g,
                                             const layer_table& l,
                                             const machine_table& m,
                                             cost& out) {
  core::two_level_genes<size> genes;
  if (!core::decode(g, l.genes, m.limits.num_pes, genes)) return lacking::everything;
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
  core::decode(g, l.genes, m.limits.num_pes, genes);
  const number cycles = core::stepwise_runtime(genes, l.two_level, m.facts, tiles);
  set_runtime(out, cycles.v, problem_of(l, m), pes_of(g, m.limits));
}

}  // namespace cugamma::device
