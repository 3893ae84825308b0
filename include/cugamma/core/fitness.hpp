#pragma once

#include "cugamma/accelerator.hpp"
#include "cugamma/core/tiles.hpp"
#include "cugamma/core/traffic.hpp"
#include "cugamma/model/plausibility.hpp"

/// The whole fitness form of a mapping.
namespace cugamma::core {

/// |counted - own| / own as every back end computes it.
template <class U>
CUGAMMA_HD constexpr float work_error(U counted, U own) {
  const U difference = counted > own ? counted - own : own - counted;
  return static_cast<float>(difference) / static_cast<float>(own);
}

/// Cycles and MACs of every tile that `above` hands down to `t`. `below`: cycles of the tiles that
/// t itself hands down, numbered by `numbers`; nullptr if t is the innermost level. Block: how many
/// tiles at a time.
template <class Block, class U>
CUGAMMA_HD constexpr void analyse_tiles(const level_tables<U>& t,
                                        const tile_numbers& above,
                                        const couplings& k,
                                        const machine_facts<U>& m,
                                        const U* below,
                                        const tile_numbers& numbers,
                                        U* cycles,
                                        U* macs) {
  using N = typename Block::number;
  for (unsigned first = 0; first < bit(above.bits); first += Block::width) {
    const Block block{first};
    const lane_counts<N> c = counts_of(t, above, block);
    const N runtime = below == nullptr
                          ? level_cycles(t, c, k, m, U{0}, pe_cycles<N, U>{m.simd_lanes})
                          : level_cycles(t, c, k, m, U{0}, tile_cycles<N, U>{below, t, numbers, c});
    block.store(cycles, runtime);
    block.store(macs, level_macs(t, c, k));
  }
}

/// Largest work error over the tiles in `reached`.
template <class U>
CUGAMMA_HD constexpr float largest_error(const level_tables<U>& above,
                                         const tile_numbers& n,
                                         const couplings& k,
                                         std::uint64_t reached,
                                         const U* macs) {
  float largest = 0;
  for (unsigned i = 0; i < bit(n.bits); ++i) {
    if ((reached >> i & 1u) == 0) continue;
    const float e = work_error(macs[i], own_macs(above, n, k, single_tile<U>{i}));
    largest = e > largest ? e : largest;
  }
  return largest;
}

/// Cost of a mapping but for the plausibility bits; status: illegal bits only. Block: the SIMD
/// lanes to use.
template <class Block, class U>
CUGAMMA_HD constexpr cost fitness(const genome& g,
                                  const layer_facts<U>& l,
                                  const machine_facts<U>& m,
                                  std::int32_t pes) {
  cost out;
  prepared<U> p;
  out.status = prepare(g, l, static_cast<U>(pes), p);
  if (out.status != 0) return out;
  const couplings& k = l.tensors;
  constexpr unsigned padded_tiles = max_tiles + Block::width;
  alignas(64) U cycles[max_genome_levels][padded_tiles];
  alignas(64) U macs[padded_tiles];
  tile_numbers numbers[max_genome_levels];
  std::uint64_t reached[max_genome_levels] = {1, 0, 0};
  for (int i = 0; i + 1 < p.levels; ++i) {
    numbers[i] = number_tiles(p.level[i]);
    for (unsigned tile = 0; i == 0 ? tile < 1 : tile < bit(numbers[i - 1].bits); ++tile) {
      if ((reached[i] >> tile & 1u) == 0) continue;
      const tile_numbers none{{-1, -1, -1, -1, -1, -1, -1, -1}, 0};
      const auto c = counts_of(p.level[i], i == 0 ? none : numbers[i - 1], single_tile<U>{tile});
      reached[i + 1] |= reached_tiles(p.level[i], numbers[i], c);
    }
  }
  for (int i = p.levels - 1; i > 0; --i) {
    const bool innermost = i == p.levels - 1;
    analyse_tiles<Block>(p.level[i],
                         numbers[i - 1],
                         k,
                         m,
                         innermost ? nullptr : cycles[i + 1],
                         numbers[i],
                         cycles[i],
                         macs);
    const float e = largest_error(p.level[i - 1], numbers[i - 1], k, reached[i], macs);
    out.inner_work_error = e > out.inner_work_error ? e : out.inner_work_error;
  }

  const level_tables<U>& top = p.level[0];
  const tile_numbers none{{-1, -1, -1, -1, -1, -1, -1, -1}, 0};
  const auto c = counts_of(top, none, single_tile<U>{0});
  const step_volumes<U> step = first_step(top, c, k);
  const U floor_cycles =
      max_of(floor_div(step.in, m.offchip_bw), floor_div(step.out, m.offchip_bw));
  const U runtime = p.levels == 1
                        ? level_cycles(top, c, k, m, floor_cycles, pe_cycles<U, U>{m.simd_lanes})
                        : level_cycles(top,
                                       c,
                                       k,
                                       m,
                                       floor_cycles,
                                       tile_cycles<U, U>{cycles[1], top, numbers[0], c});
  out.runtime_cycles = static_cast<std::int64_t>(runtime);
  out.num_macs = static_cast<std::int64_t>(level_macs(top, c, k));
  out.input_l2_read = static_cast<std::int64_t>(total_ingress(top, c, k, k.input));
  out.filter_l2_read = static_cast<std::int64_t>(total_ingress(top, c, k, k.filter));
  out.output_l2_write = static_cast<std::int64_t>(total_egress(top, c, k));
  out.l2_size_elems = static_cast<std::int64_t>(2 * (step.in + step.out));
  out.l1_size_elems = static_cast<std::int64_t>(2 * l1_elems(p.level[p.levels - 1], k));
  return out;
}

}  // namespace cugamma::core
