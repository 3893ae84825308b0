#pragma once

#include "cugamma/problem/accelerator.hpp"
#include "models/maestro/figures.hpp"
#include "models/maestro/walked/tiles.hpp"
#include "models/maestro/walked/traffic.hpp"
#include "models/maestro/work_error.hpp"

/// The cost of any genome, by walking its classes of steps level by level, the innermost first
/// (docs/model.md "Classes"). Written once for all back ends, over the lanes that share a mapping:
/// one, one that takes a SIMD register of tiles at a time, or neighbours in a warp.
namespace cugamma::core {

/// The tiles that a level is handed, ready to be analysed.
template <class U>
struct handed_tiles {
  const level_tables<U>& above;  ///< the level that hands them down
  const level_tables<U>& level;
  const tile_numbers& numbers;
  std::uint64_t reached;  ///< the numbers of those that occur
  const couplings& tensors;
  const machine_facts<U>& machine;
  const tile_numbers*
      numbers_below;      ///< of the tiles that the level hands down; innermost: nullptr
  const U* cycles_below;  ///< of those tiles
  U* cycles;              ///< out: of the handed tiles
};

/// Runtime of the tiles that c describes, or a share of it, in cycles. numbers_below, cycles_below:
/// as in handed_tiles.
template <class Counts, class U>
CUGAMMA_HD constexpr number_of<Counts> cycles_of(const level_tables<U>& t,
                                                 const Counts& c,
                                                 const couplings& k,
                                                 const machine_facts<U>& m,
                                                 U least,
                                                 const tile_numbers* numbers_below,
                                                 const U* cycles_below,
                                                 share mine = {}) {
  if (numbers_below == nullptr) {
    const pe_cycles<number_of<Counts>, U> compute{m.simd_lanes};
    return level_cycles(t, c, k, m, least, compute, mine);
  }
  const tile_cycles<Counts, U> compute{cycles_below, t, *numbers_below, c};
  return level_cycles(t, c, k, m, least, compute, mine);
}

/// Writes the cycles of every stride-th block of tiles from block `first` on, and returns the
/// largest work error of those that occur. Block: how many tiles at a time.
template <class Block, class U>
CUGAMMA_HD constexpr float analyse_tiles(const handed_tiles<U>& tiles,
                                         unsigned first,
                                         unsigned stride) {
  using N = typename Block::number;
  const couplings& k = tiles.tensors;
  real_of<N> error = real_of<N>(0);
  for (unsigned i = first * Block::width; i < bit(tiles.numbers.bits); i += stride * Block::width) {
    const Block block{i};
    const auto c = counts_of(tiles.level, tiles.numbers, block);
    block.store(
        tiles.cycles,
        cycles_of(tiles.level, c, k, tiles.machine, U{0}, tiles.numbers_below, tiles.cycles_below));
    const mask_of<N> occurs = block.in(tiles.reached);
    if (!any_of(occurs)) continue;
    const N own = own_macs(tiles.above, tiles.numbers, k, block);
    error = max_of(error, work_error(occurs, level_macs(tiles.level, c, k), own));
  }
  return largest_of(error);
}

/// One lane, which takes the tiles one after the other. Lanes of other kinds have the same members:
/// `count`; each(f), which calls f(lane) for every lane and returns when all have come back; and
/// analyse(tiles, lane), which analyses one lane's part of the tiles and returns their largest work
/// error.
struct one_lane {
  static constexpr unsigned count = 1;

  template <class F>
  CUGAMMA_HD constexpr void each(F f) const {
    f(0u);
  }
  template <class U>
  CUGAMMA_HD constexpr float analyse(const handed_tiles<U>& tiles, unsigned lane) const {
    return analyse_tiles<single_tile<U>>(tiles, lane, count);
  }
};

/// What a number of lanes share while they walk a mapping of up to Depth levels.
template <class U, unsigned Lanes, int Depth = max_genome_levels>
struct walk_memory {
  prepared<U, Depth> p;
  tile_numbers numbers[Depth];                 ///< of the tiles that a level is handed
  std::uint64_t reached[Depth];                ///< which of those occur
  alignas(64) U cycles[Depth - 1][max_tiles];  ///< of tiles, by the level that is handed them - 1
  std::uint32_t status;   ///< illegal bits of cost::status; if any, all else means nothing
  step_traffic<U> first;  ///< of the top level
  /// What each lane adds to the figures.
  U runtime[Lanes];
  U input[Lanes];
  U filter[Lanes];
  float error[Lanes];
};

namespace detail {

/// The top level's counts.
template <class U>
CUGAMMA_HD constexpr tile_counts<U> whole_counts(const level_tables<U>& top) {
  return counts_of(top, whole_layer(), single_tile<U>{0});
}

/// Reads the mapping and numbers its tiles: the work of one lane.
template <class U, unsigned Lanes, int Depth>
CUGAMMA_HD constexpr void begin(const genome& g,
                                const layer_facts<U>& l,
                                std::int32_t pes,
                                walk_memory<U, Lanes, Depth>& w) {
  w.status = prepare(g, l, static_cast<U>(pes), w.p);
  if (w.status != 0) return;
  w.numbers[0] = whole_layer();
  for (int i = 0; i < Depth; ++i) w.reached[i] = i == 0 ? 1 : 0;
  for (int i = 0; i + 1 < w.p.levels; ++i) {
    w.numbers[i + 1] = number_tiles(w.p.level[i]);
    for (unsigned tile = 0; tile < bit(w.numbers[i].bits); ++tile) {
      if ((w.reached[i] >> tile & 1u) == 0) continue;
      const auto c = counts_of(w.p.level[i], w.numbers[i], single_tile<U>{tile});
      w.reached[i + 1] |= reached_tiles(w.p.level[i], w.numbers[i + 1], c);
    }
  }
  w.first = first_step(w.p.level[0], whole_counts(w.p.level[0]), l.tensors);
}

/// Of the tiles that a level hands down: nullptr if it is the innermost.
template <class U, unsigned Lanes, int Depth>
CUGAMMA_HD constexpr const tile_numbers* numbers_below(const walk_memory<U, Lanes, Depth>& w,
                                                       int level) {
  return level + 1 == w.p.levels ? nullptr : &w.numbers[level + 1];
}
template <class U, unsigned Lanes, int Depth>
CUGAMMA_HD constexpr const U* cycles_below(const walk_memory<U, Lanes, Depth>& w, int level) {
  return level + 1 == w.p.levels ? nullptr : w.cycles[level];
}

/// One lane's part of the tiles that a level below the top is handed.
template <class Lanes, class U, int Depth>
CUGAMMA_HD constexpr void analyse_level(const Lanes& lanes,
                                        unsigned lane,
                                        int level,
                                        const layer_facts<U>& l,
                                        const machine_facts<U>& m,
                                        walk_memory<U, Lanes::count, Depth>& w) {
  const handed_tiles<U> tiles{w.p.level[level - 1],
                              w.p.level[level],
                              w.numbers[level],
                              w.reached[level],
                              l.tensors,
                              m,
                              numbers_below(w, level),
                              cycles_below(w, level),
                              w.cycles[level - 1]};
  const float error = lanes.analyse(tiles, lane);
  w.error[lane] = error > w.error[lane] ? error : w.error[lane];
}

/// One lane's share of the runtime and of the traffic of the whole layer.
template <class U, unsigned Lanes, int Depth>
CUGAMMA_HD constexpr void analyse_top(unsigned lane,
                                      const layer_facts<U>& l,
                                      const machine_facts<U>& m,
                                      walk_memory<U, Lanes, Depth>& w) {
  const level_tables<U>& top = w.p.level[0];
  const couplings& k = l.tensors;
  const auto c = whole_counts(top);
  const U least = max_of(floor_div(w.first.in, m.offchip_bw), floor_div(w.first.out, m.offchip_bw));
  const share mine{lane, Lanes};
  w.runtime[lane] = cycles_of(top, c, k, m, least, numbers_below(w, 0), cycles_below(w, 0), mine);
  w.input[lane] = total_ingress(top, c, k, k.input, mine);
  w.filter[lane] = total_ingress(top, c, k, k.filter, mine);
}

}  // namespace detail

/// Walks a mapping; walked_cost() adds its figures up. Lanes: see one_lane. pes: PEs that the
/// genome has.
template <class Lanes, class U, int Depth>
CUGAMMA_HD constexpr void walk(const Lanes& lanes,
                               const genome& g,
                               const layer_facts<U>& l,
                               const machine_facts<U>& m,
                               std::int32_t pes,
                               walk_memory<U, Lanes::count, Depth>& w) {
  lanes.each([&](unsigned lane) {
    if (lane == 0) detail::begin(g, l, pes, w);
    w.error[lane] = 0;
  });
  if (w.status != 0) return;
  for (int level = w.p.levels - 1; level > 0; --level) {
    lanes.each([&](unsigned lane) { detail::analyse_level(lanes, lane, level, l, m, w); });
  }
  lanes.each([&](unsigned lane) { detail::analyse_top(lane, l, m, w); });
}

/// The cost of the mapping that was walked; an illegal one has only its status. One lane calls it.
template <class U, unsigned Lanes, int Depth>
CUGAMMA_HD constexpr cost walked_cost(const layer_facts<U>& l,
                                      const walk_memory<U, Lanes, Depth>& w,
                                      const maestro_problem& judged_by,
                                      std::int32_t pes) {
  if (w.status != 0) return {.status = w.status};
  const level_tables<U>& top = w.p.level[0];
  const couplings& k = l.tensors;
  const auto c = detail::whole_counts(top);
  maestro_counts n;
  U runtime = 0, input = 0, filter = 0;
  for (unsigned lane = 0; lane < Lanes; ++lane) {
    runtime += w.runtime[lane];
    input += w.input[lane];
    filter += w.filter[lane];
    n.inner_work_error = w.error[lane] > n.inner_work_error ? w.error[lane] : n.inner_work_error;
  }
  n.num_macs = n.output_l1 = static_cast<std::int64_t>(level_macs(top, c, k));
  n.input_l2_read = static_cast<std::int64_t>(input);
  n.filter_l2_read = static_cast<std::int64_t>(filter);
  n.output_l2_write = static_cast<std::int64_t>(total_egress(top, c, k));
  n.l2_size_elems = static_cast<std::int64_t>(U(2) * (w.first.in + w.first.out));
  n.l1_size_elems = static_cast<std::int64_t>(U(2) * l1_elems(w.p.level[w.p.levels - 1], k));
  return cost_of(n, static_cast<std::int64_t>(runtime), judged_by, pes, w.p.levels);
}

}  // namespace cugamma::core
