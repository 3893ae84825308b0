#pragma once

#include <cstdint>

#include "fitness_body.hpp"
#include "models/maestro/walked/fitness.hpp"

/// What a group of threads of the general kernel does: it scores one mapping, a lane a handed tile.
/// Tables that the lanes index by dimension are in memory that the group shares.
namespace cugamma::device {

/// Lanes that share a mapping. Mappings as GAMMA draws them hand down 11 tiles in the mean.
inline constexpr unsigned group_lanes = 16;

/// Step counts of one handed tile, read in the level's own tables.
class tile_row {
 public:
  tile_row() = default;
  CUGAMMA_HD constexpr tile_row(const number (&rows)[2][core::padded_dims], unsigned variants)
      : rows_(&rows[0]), variants_(variants) {}
  CUGAMMA_HD constexpr number operator[](int d) const { return rows_[variants_ >> d & 1u][d]; }

 private:
  const number (*rows_)[core::padded_dims];
  unsigned variants_;
};

}  // namespace cugamma::device

namespace cugamma::core {

template <>
struct lane_counts<device::number> {
  device::tile_row steady;
  device::tile_row edges;
  device::tile_row size;
  device::tile_row out_size;
  device::number init_edge[2];
  device::number partial[2];
};

}  // namespace cugamma::core

namespace cugamma::device {

using level_tables = core::level_tables<number>;
using lane_counts = core::lane_counts<number>;

/// Step counts of tile number `tile` of those that the level above numbers.
CUGAMMA_HD constexpr lane_counts counts_of(const level_tables& t,
                                           const core::tile_numbers& above,
                                           unsigned tile) {
  unsigned variants = 0;
  for (int d = 0; d < core::dims; ++d) {
    if (above.bit_of[d] >= 0 && core::has(tile, above.bit_of[d])) variants |= core::bit(d);
  }
  lane_counts c{{t.steady, variants},
                {t.edges, variants},
                {t.size, variants},
                {t.out_size, variants},
                {},
                {}};
  for (int j = 0; j < t.spatial_count; ++j) {
    const unsigned v = variants >> t.spatial[j] & 1u;
    c.init_edge[j] = t.init_edge[v][j];
    c.partial[j] = t.partial[v][j];
  }
  return c;
}

/// What the lanes of a group share while they score a mapping.
struct group_memory {
  core::prepared<number> p;
  core::tile_numbers numbers[max_genome_levels];
  /// Which tiles occur, by the level that is handed them.
  std::uint64_t reached[max_genome_levels];
  number cycles[max_genome_levels - 1][core::max_tiles];  ///< of tiles, by level - 1
  std::uint32_t status;
  /// What each lane adds to the figures.
  number runtime[group_lanes];
  number input[group_lanes];
  number filter[group_lanes];
  float error[group_lanes];
};

namespace detail {

CUGAMMA_HD constexpr const core::tile_numbers& handed_to(const group_memory& s,
                                                         const core::tile_numbers& whole,
                                                         int level) {
  return level == 0 ? whole : s.numbers[level - 1];
}

/// Reads the mapping and numbers its tiles: the work of one lane.
CUGAMMA_HD constexpr void begin(const genome& g,
                                const layer_table& l,
                                const machine_table& m,
                                group_memory& s) {
  s.status = core::prepare(g, l.facts, number(pes_of(g, m)), s.p);
  if (s.status != 0) return;
  const core::tile_numbers whole = core::whole_layer();
  for (int i = 0; i < max_genome_levels; ++i) s.reached[i] = i == 0 ? 1 : 0;
  for (int i = 0; i + 1 < s.p.levels; ++i) {
    s.numbers[i] = core::number_tiles(s.p.level[i]);
    const core::tile_numbers& above = handed_to(s, whole, i);
    for (unsigned tile = 0; tile < core::bit(above.bits); ++tile) {
      if ((s.reached[i] >> tile & 1u) == 0) continue;
      const lane_counts c = counts_of(s.p.level[i], above, tile);
      s.reached[i + 1] |= core::reached_tiles(s.p.level[i], s.numbers[i], c);
    }
  }
}

/// Runtime of the tile that c describes, or a lane's share of it.
CUGAMMA_HD constexpr number cycles_of(const group_memory& s,
                                      int level,
                                      const lane_counts& c,
                                      const layer_table& l,
                                      const machine_table& m,
                                      number least,
                                      core::share mine) {
  const level_tables& t = s.p.level[level];
  const core::couplings& k = l.facts.tensors;
  if (level + 1 == s.p.levels) {
    const core::pe_cycles<number, number> compute{m.facts.simd_lanes};
    return core::level_cycles(t, c, k, m.facts, least, compute, mine);
  }
  const core::tile_cycles<number, number> compute{s.cycles[level], t, s.numbers[level], c};
  return core::level_cycles(t, c, k, m.facts, least, compute, mine);
}

/// One tile below the top: its cycles, and the error of the MACs counted for it.
CUGAMMA_HD constexpr void score_tile(const layer_table& l,
                                     const machine_table& m,
                                     int level,
                                     unsigned tile,
                                     group_memory& s,
                                     float& error) {
  const level_tables& t = s.p.level[level];
  const core::tile_numbers& above = s.numbers[level - 1];
  const lane_counts c = counts_of(t, above, tile);
  s.cycles[level - 1][tile] = cycles_of(s, level, c, l, m, 0, {});
  if ((s.reached[level] >> tile & 1u) == 0) return;
  const core::couplings& k = l.facts.tensors;
  const number counted = core::level_macs(t, c, k);
  const number own =
      core::own_macs(s.p.level[level - 1], above, k, core::single_tile<number>{tile});
  const float e = to_real(max_of(counted - own, own - counted)) / to_real(own);
  error = e > error ? e : error;
}

/// A lane's share of the runtime and of the traffic of the whole layer.
CUGAMMA_HD constexpr void score_share(const layer_table& l,
                                      const machine_table& m,
                                      unsigned lane,
                                      group_memory& s) {
  const level_tables& top = s.p.level[0];
  const core::couplings& k = l.facts.tensors;
  const lane_counts c = counts_of(top, core::whole_layer(), 0);
  const core::step_volumes<number> step = core::first_step(top, c, k);
  const number least =
      max_of(floor_div(step.in, m.facts.offchip_bw), floor_div(step.out, m.facts.offchip_bw));
  const core::share mine{lane, group_lanes};
  s.runtime[lane] = cycles_of(s, 0, c, l, m, least, mine);
  s.input[lane] = core::total_ingress(top, c, k, k.input, mine);
  s.filter[lane] = core::total_ingress(top, c, k, k.filter, mine);
}

/// Adds the lanes' shares up and judges the figures: the work of one lane.
CUGAMMA_HD constexpr cost finish(const genome& g,
                                 const layer_table& l,
                                 const machine_table& m,
                                 const group_memory& s) {
  const level_tables& top = s.p.level[0];
  const core::couplings& k = l.facts.tensors;
  const lane_counts c = counts_of(top, core::whole_layer(), 0);
  const core::step_volumes<number> step = core::first_step(top, c, k);
  cost out;
  for (unsigned lane = 0; lane < group_lanes; ++lane) {
    out.runtime_cycles += s.runtime[lane].v;
    out.input_l2_read += s.input[lane].v;
    out.filter_l2_read += s.filter[lane].v;
    out.inner_work_error =
        s.error[lane] > out.inner_work_error ? s.error[lane] : out.inner_work_error;
  }
  out.num_macs = core::level_macs(top, c, k).v;
  out.output_l2_write = core::total_egress(top, c, k).v;
  out.l2_size_elems = 2 * (step.in + step.out).v;
  out.l1_size_elems = 2 * core::l1_elems(s.p.level[s.p.levels - 1], k).v;
  out.status = check_plausibility(l.totals, m.limits, pes_of(g, m), out);
  return out;
}

}  // namespace detail

/// Scores any mapping. Lanes: something whose each(f) calls f(lane) for every lane of the group and
/// returns when all have come back; s is the group's own.
template <class Lanes>
CUGAMMA_HD constexpr void score_group(const Lanes& lanes,
                                      const genome& g,
                                      const layer_table& l,
                                      const machine_table& m,
                                      group_memory& s,
                                      cost& out) {
  lanes.each([&](unsigned lane) {
    if (lane == 0) detail::begin(g, l, m, s);
    s.error[lane] = 0;
  });
  if (s.status == 0) {
    for (int level = s.p.levels - 1; level > 0; --level) {
      lanes.each([&](unsigned lane) {
        const unsigned tiles = core::bit(s.numbers[level - 1].bits);
        for (unsigned tile = lane; tile < tiles; tile += group_lanes) {
          detail::score_tile(l, m, level, tile, s, s.error[lane]);
        }
      });
    }
    lanes.each([&](unsigned lane) { detail::score_share(l, m, lane, s); });
  }
  lanes.each([&](unsigned lane) {
    if (lane != 0) return;
    if (s.status == 0) {
      out = detail::finish(g, l, m, s);
    } else {
      out = cost{};
      out.status = s.status;
    }
  });
}

}  // namespace cugamma::device
