#pragma once

#include <cstdint>
#include <type_traits>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "device_number.hpp"
#include "models/exact/chained/price.hpp"
#include "models/exact/closed/closed_form.hpp"
#include "models/exact/energy.hpp"
#include "models/exact/figures.hpp"
#include "models/exact/split_filter/split_windows.hpp"
#include "models/exact/waiting/step_speeds.hpp"
#include "models/two_level/decode.hpp"
#include "score_input.hpp"

/// What one thread of the exact model's kernel does. The same functions run on the host in tests.
namespace cugamma::exact {

/// A layer of a batch as the kernels read it.
struct layer_row {
  closed_layer<std::int32_t> closed;
  core::gene_context genes;
  chained::layer_row chained;
  split::split_layer<std::int32_t> split;
  bool has_small_counts;  ///< MACs and elements have less than 32 bits
  bool has_small_sizes;   ///< sizes have less with a sign, and rows and columns
};
static_assert(std::is_trivially_copyable_v<layer_row>);

/// An accelerator of a batch as the kernels read it.
struct accelerator_row {
  closed_accelerator<std::int32_t> closed;
  chained::accelerator_row chained;
  waiting::noc_speeds<device::number, std::int32_t> speeds;
  bool has_short_delay;  ///< of the NoC, so that a step's cycles have 32 bits
};
static_assert(std::is_trivially_copyable_v<accelerator_row>);

/// Counts of a step below this are added up in 32 bits.
inline constexpr std::int64_t small_below = std::int64_t{1} << 30;

/// Whether what belongs to one dimension, and to the two of a window, is below 2^31.
inline bool has_small_sizes(const layer& l) {
  for (const dimension d : {dimension::K, dimension::C}) {
    if (l[d] >= small_below) return false;
  }
  const auto is_small = [&](dimension rows, std::int64_t stride, dimension filter) {
    return l[rows] + stride < small_below &&
           std::int64_t{output_size(l, rows)} * l[filter] < 2 * small_below;
  };
  return is_small(dimension::Y, l.stride_y, dimension::R) &&
         is_small(dimension::X, l.stride_x, dimension::S);
}

inline layer_row make_layer_row(const layer& l) {
  const chained::layer_row row = chained::make_layer_row(l);
  return {make_closed_layer<std::int32_t>(l),
          core::make_gene_context(l),
          row,
          split::make_split_layer<std::int32_t>(l),
          row.macs < 2 * small_below && row.elements < small_below && row.outputs < small_below,
          has_small_sizes(l)};
}

inline accelerator_row make_accelerator_row(const accelerator& a) {
  return {make_closed_accelerator<std::int32_t>(a),
          chained::make_accelerator_row(a),
          waiting::make_noc_speeds<device::number, std::int32_t>(a),
          noc_delay(a) < small_below};
}

/// Lets each level name the one dimension that it is parallel in, where it names two of which the
/// layer has one. False if a level is parallel in two: no such mapping is legal.
CUGAMMA_HD constexpr bool name_one_parallel(genome& g, layer_type type) {
  for (int level = 0; level < chained::most_levels; ++level) {
    if (level >= level_count(g) || second_parallel(g, level) == no_dimension) continue;
    const unsigned set = chained::parallel_dimensions(g, level, type);
    if (set == 0 || (set & (set - 1)) != 0) return false;
    int d = 0;
    while ((set >> d & 1) == 0) ++d;
    set_parallel(g, level, static_cast<dimension>(d));
  }
  return true;
}

/// A dimension's tile in a level; 1 of a dimension that the layer has not.
CUGAMMA_HD constexpr std::int32_t tile_along(const genome& g,
                                             int level,
                                             int d,
                                             const layer_row& l) {
  return core::has(l.genes.tensors.present, d) ? tile(g, level, static_cast<dimension>(d)) : 1;
}

/// How many of a level's sub-clusters lie along a dimension. precondition: the level is parallel in
/// one dimension of the layer
CUGAMMA_HD constexpr std::int32_t units_along(const genome& g,
                                              int level,
                                              int d,
                                              std::int32_t units,
                                              const layer_row& l) {
  int along = index_of(parallel(g, level));
  if (!core::has(l.genes.tensors.present, K) && along == K) along = C;
  return along == d ? units : 1;
}

/// How the tiles of a dimension share elements: K and C share none.
CUGAMMA_HD constexpr row_grid<device::size> grid_of(const layer_row& l, int d) {
  using device::size;
  const bool has_rows = d >= Y;
  return {size(has_rows ? l.closed.each[d - Y] : 1), size(has_rows ? l.closed.more[d - Y] : 0)};
}

/// The illegal bits of a mapping that decode() accepts.
CUGAMMA_HD constexpr std::uint32_t two_level_status(const core::two_level_genes<device::size>& g) {
  using device::size;
  bool sound = g.cluster_size >= size(1);
  for (int d = 0; d < free_dims; ++d) {
    sound = sound && g.tile[0][d] >= size(1) && g.tile[1][d] >= size(1);
  }
  if (!sound) return bad_structure;
  return g.cluster_size > g.pes ? clusters_exceed_pes : 0u;
}

CUGAMMA_HD constexpr cost cost_of(const closed_figures<device::number>& f,
                                  const chained::layer_row& l,
                                  const accelerator& a) {
  const auto real = [](std::int64_t count) { return static_cast<double>(count); };
  const activity<double> done{real(l.macs),
                              real(4 * l.macs + f.l1_fills.v),
                              real(f.l2_traffic.v + l.elements),
                              real(f.cluster_traffic.v),
                              real(l.elements + l.outputs)};
  return cost_of(f.runtime_cycles.v, l.macs, done, {f.l1_size.v, f.l2_size.v, f.cluster_size.v}, a);
}

/// Scores a mapping by the closed form. lacking::runtime: the runtime in out is not final;
/// lacking::everything: out is not written. finish_on_device finishes what it can of both,
/// general_form.hpp the rest, on the host.
CUGAMMA_HD constexpr lacking score_two_level(const genome& g,
                                             const layer_row& l,
                                             const accelerator_row& a,
                                             cost& out) {
  core::two_level_genes<device::size> genes;
  if (!core::decode(g, l.genes, a.chained.limits.num_pes, genes)) {
    genome named = g;
    if (!name_one_parallel(named, l.chained.sizes.type)) {
      out = cost{.status = bad_structure};
      return lacking::nothing;
    }
    if (!core::decode(named, l.genes, a.chained.limits.num_pes, genes)) return lacking::everything;
  }
  const std::uint32_t status = two_level_status(genes);
  if (status != 0) {
    out = cost{.status = status};
    return lacking::nothing;
  }
  const closed_figures<device::number> f = closed_form(genes, l.closed, a.closed);
  out = cost_of(f, l.chained, a.chained.limits);
  return f.is_runtime_final ? lacking::nothing : lacking::runtime;
}

/// Finishes what score_two_level leaves over. False if out still lacks the same.
CUGAMMA_HD constexpr bool finish_on_device(const genome& g,
                                           lacking what,
                                           const layer_row& l,
                                           const accelerator_row& a,
                                           cost& out) {
  if (what == lacking::everything) return chained::score(g, l.chained, a.chained, out);
  out.runtime_cycles = chained::runtime_of(g, l.chained, a.chained);
  return true;
}

}  // namespace cugamma::exact
