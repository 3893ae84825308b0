#pragma once

#include <hwy/cache_control.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "models/exact/buffer_limits.hpp"
#include "models/exact/cpu/lane_score.hpp"
#include "models/exact/energy.hpp"
#include "models/host_scoring.hpp"
#include "models/two_level/lane_decode.hpp"
#include "numbers/lanes.hpp"

/// Scores a list of mappings, a register of them at a time. To be included by files that are
/// compiled for one instruction set.
namespace cugamma::exact {
namespace {

/// Figures of lane_count mappings, figure by figure.
struct figure_rows {
  alignas(64) double runtime[lane_count];
  alignas(64) double energy[lane_count];
  alignas(64) double energy_without_clusters[lane_count];
  alignas(64) double l1_size[lane_count];
  alignas(64) double l2_size[lane_count];
  alignas(64) double cluster_size[lane_count];
};

inline figure_rows store(const closed_figures<lanes>& f,
                         const lane_layer& l,
                         const cost_constants& constants) {
  const lanes macs(l.macs);
  const activity<lanes> done{macs,
                             lanes(4) * macs + f.l1_fills,
                             f.l2_traffic + lanes(l.elements),
                             f.cluster_traffic,
                             lanes(l.elements + l.outputs)};
  figure_rows r;
  const lane_tag d;
  hn::Store(f.runtime_cycles.v, d, r.runtime);
  hn::Store(energy_nj(done, constants.cluster_energy_macs, constants).v, d, r.energy);
  hn::Store(energy_nj(done, 0, constants).v, d, r.energy_without_clusters);
  hn::Store(f.l1_size.v, d, r.l1_size);
  hn::Store(f.l2_size.v, d, r.l2_size);
  hn::Store(f.cluster_size.v, d, r.cluster_size);
  return r;
}

struct outcome {
  unsigned simple;         ///< lanes that the closed form can express, as bits
  unsigned sound;          ///< of which these are sound
  unsigned legal;          ///< and these legal
  unsigned final_runtime;  ///< and these complete
};

/// Writes the costs of lanes whose figures are there, and why the others have none.
inline void write_costs(const closed_figures<lanes>& f,
                        const lane_layer& l,
                        const lane_accelerator& a,
                        const outcome& o,
                        cost* out) {
  const figure_rows r = store(f, l, a.limits.constants);
  for (std::size_t lane = 0; lane < lane_count; ++lane) {
    const auto whole = [&](const double* row) { return static_cast<std::int64_t>(row[lane]); };
    if ((o.legal >> lane & 1) == 0) {
      out[lane] = {.status = (o.sound >> lane & 1) == 0 ? bad_structure : clusters_exceed_pes};
      continue;
    }
    const buffer_sizes needed{whole(r.l1_size), whole(r.l2_size), whole(r.cluster_size)};
    out[lane] = {whole(r.runtime),
                 static_cast<std::int64_t>(l.macs),
                 r.energy[lane],
                 r.energy_without_clusters[lane],
                 needed.l1,
                 needed.l2,
                 needed.cluster,
                 too_large(needed, a.limits),
                 0};
  }
}

/// Calls f(genomes, places) for the mappings at `places`, a register of them at a time; lanes past
/// the last place repeat the first.
template <class F>
void each_register(std::span<const genome> genomes, std::span<const std::uint32_t> places, F f) {
  genome g[lane_count];
  for (std::size_t i = 0; i < places.size(); i += lane_count) {
    const auto here = places.subspan(i, std::min(lane_count, places.size() - i));
    // The next ones lie anywhere: places are sorted.
    for (std::size_t next = i + lane_count; next < std::min(i + 2 * lane_count, places.size());
         ++next) {
      hwy::Prefetch(&genomes[places[next]]);
    }
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
      g[lane] = genomes[here[lane < here.size() ? lane : 0]];
    }
    f(g, here);
  }
}

/// Scores the mappings at `places`.
template <class Block>
void score_places(std::span<const genome> genomes,
                  std::span<const std::uint32_t> places,
                  std::span<cost> out,
                  left_over& left,
                  Block block) {
  cost c[lane_count];
  each_register(genomes, places, [&](const genome* g, std::span<const std::uint32_t> here) {
    const outcome o = block(g, c);
    const unsigned lack_runtime = o.simple & o.legal & ~o.final_runtime;
    for (std::size_t lane = 0; lane < here.size(); ++lane) {
      const std::uint32_t place = here[lane];
      out[place] = c[lane];
      left.whole[left.whole_count] = place;
      left.whole_count += (o.simple >> lane & 1) == 0 ? 1 : 0;
      left.runtime[left.runtime_count] = place;
      left.runtime_count += lack_runtime >> lane & 1;
    }
  });
}

}  // namespace
}  // namespace cugamma::exact
