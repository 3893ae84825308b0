#pragma once

#include <cstdint>

#include "models/exact/chained/nest.hpp"
#include "models/exact/closed/window_sums.hpp"
#include "problem/noc_delay.hpp"

/// Sizes of what a nest works on, and its runtime where no NoC makes a step wait.
namespace cugamma::exact::chained {

/// Elements of a box.
struct element_counts {
  std::int64_t input;
  std::int64_t filter;
  std::int64_t output;
  CUGAMMA_HD constexpr std::int64_t sum() const { return input + filter + output; }
};

/// A layer's window and type, as counting elements takes them.
struct element_rules {
  std::int32_t stride[2];
  bool is_depthwise;

  CUGAMMA_HD constexpr std::int64_t rows(int axis,
                                         std::int64_t outputs,
                                         std::int64_t filter) const {
    const std::int64_t each = min_of(std::int64_t{stride[axis]}, filter);
    return outputs * each + filter - each;
  }
  CUGAMMA_HD constexpr element_counts count(const extent (&length)[dims]) const {
    const std::int64_t channels = length[C], features = is_depthwise ? 1 : length[K];
    return {channels * rows(0, length[Y], length[R]) * rows(1, length[X], length[S]),
            features * channels * length[R] * length[S],
            (is_depthwise ? channels : features) * length[Y] * length[X]};
  }
};

/// Of the largest tile of a level's sub-clusters.
CUGAMMA_HD constexpr element_counts tile_elements(const nest& n,
                                                  int level,
                                                  const element_rules& r) {
  extent length[dims] = {};
  for (int d = 0; d < dims; ++d) length[d] = n.of[d].tile[level];
  return r.count(length);
}

/// Of a level's first step of all, which works on the most.
CUGAMMA_HD constexpr element_counts step_elements(const nest& n,
                                                  int level,
                                                  const element_rules& r) {
  extent length[dims] = {};
  for (int d = 0; d < dims; ++d) {
    const chain& c = n.of[d];
    length[d] = min_of(c.units[level] * c.tile[level], c.length[level][0]);
  }
  return r.count(length);
}

/// What an accelerator must be for its runtimes to have a closed form.
struct machine_limits {
  std::int64_t noc_bw;
  std::int64_t least_bw;          ///< of the NoC and off chip
  std::int64_t first_step_delay;  ///< cycles that a start waits for its first step's elements
  bool has_quick_noc;  ///< so few cycles, and MACs one by one, that no other step waits for a NoC
};

constexpr machine_limits make_machine_limits(const accelerator& a) {
  const std::int64_t delay = noc_delay(a);
  return {a.noc_bw, std::min(a.noc_bw, a.offchip_bw), delay, delay <= 1 && a.simd_lanes == 1};
}

/// Whether no step is slower than its slowest sub-cluster.
CUGAMMA_HD constexpr bool has_wide_noc(const nest& n,
                                       const element_rules& r,
                                       const machine_limits& m) {
  if (!m.has_quick_noc) return false;
  for (int level = 0; level < n.levels; ++level) {
    const element_counts most = step_elements(n, level, r);
    const std::int64_t bw = level == 0 ? m.least_bw : m.noc_bw;
    if (most.input + most.filter > bw || most.output > bw) return false;
  }
  return true;
}

/// Of a level and those below: extents of the busiest sub-clusters' tiles, summed over the steps;
/// and how many steps each level makes on that path.
template <class N>
struct busiest_path {
  N extents;
  N steps[most_levels];
};

/// What the busiest sub-clusters do in a dimension.
template <class N>
CUGAMMA_HD constexpr busiest_path<N> follow_busiest(const chain_of<N>& c, int levels) {
  const N one(1);
  busiest_path<N> of[most_levels + 1] = {};
  for (int kind = 0; kind <= levels; ++kind) of[kind].extents = c.length[levels][kind];
  for (int level = levels - 1; level >= 0; --level) {
    const busiest_path<N> whole = of[0];
    for (int kind = 0; kind <= level; ++kind) {
      const cut<N>& b = c.cuts[level][kind];
      const auto ends_whole = b.active > one;
      const busiest_path<N>& last = of[kind + 1];
      of[kind].extents =
          (b.steps - one) * whole.extents + select(ends_whole, whole.extents, last.extents);
      of[kind].steps[level] = b.steps;
      for (int deeper = level + 1; deeper < levels; ++deeper) {
        of[kind].steps[deeper] = (b.steps - one) * whole.steps[deeper] +
                                 select(ends_whole, whole.steps[deeper], last.steps[deeper]);
      }
    }
  }
  return of[0];
}

/// precondition: has_wide_noc(n)
CUGAMMA_HD_CALLED constexpr std::int64_t wide_runtime(const nest& n, const machine_limits& m) {
  std::int64_t work = 1, steps[most_levels] = {1, 1, 1};
  for (int d = 0; d < dims; ++d) {
    const busiest_path<extent> path = follow_busiest(n.of[d], n.levels);
    work *= path.extents;
    for (int level = 0; level < n.levels; ++level) steps[level] *= path.steps[level];
  }
  std::int64_t starts = 1;
  for (int level = 0; level + 1 < n.levels; ++level) starts += steps[level];
  return work + m.first_step_delay * starts;
}

}  // namespace cugamma::exact::chained
