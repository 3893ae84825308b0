#pragma once

#include <array>
#include <cstdint>

#include "cugamma/hd.hpp"
#include "models/maestro/reference/level_plan.hpp"

namespace cugamma::reference {

/// Where a directive stands: the first step, the full steps after it, the last partial step.
enum class position : std::uint8_t { init, steady, edge };

/// One state of a directive (DFA_iteration-status.hpp, IterationState).
struct iteration_state {
  std::int64_t occurrences = 1;
  position pos = position::init;
  bool unrolled = false;      ///< the first step covers the work tile
  bool init_edge = false;     ///< the first step covers more than the work tile
  bool partial_last = false;  ///< spatial: the last active sub-cluster holds a partial tile

  CUGAMMA_HD constexpr bool is_edge() const { return pos == position::edge || init_edge; }
};

/// The one to three states of a directive.
struct directive_states {
  std::array<iteration_state, 3> states{};
  std::int32_t count = 0;

  CUGAMMA_HD constexpr void add(const iteration_state& s) { states[count++] = s; }
};

/// States of a TemporalMap over a work tile of `work` elements (DFA_iteration-analysis.hpp,
/// AnalyzeIterationStates).
CUGAMMA_HD constexpr directive_states temporal_states(const level_directive& d, std::int64_t work) {
  directive_states s;
  s.add({1, position::init, work <= d.size, work < d.size, false});
  if (work <= d.size) return s;
  const std::int64_t steps = (work - d.size) / d.offset;
  if (steps > 0) s.add({steps, position::steady, false, false, false});
  if (steps * d.offset + d.size < work) s.add({1, position::edge, false, false, false});
  return s;
}

/// States of a SpatialMap: a step is one round of all sub-clusters. Every round but the first that
/// does not end exactly with the work tile is an edge (same function of MAESTRO).
CUGAMMA_HD constexpr directive_states spatial_states(const level_directive& d,
                                                     std::int64_t sub_clusters,
                                                     std::int64_t work) {
  directive_states s;
  const std::int64_t covered = d.size + d.offset * (sub_clusters - 1);
  const bool init_edge = work < covered;
  s.add({1, position::init, work <= covered, init_edge, init_edge});
  if (work <= covered) return s;

  const std::int64_t round = d.offset * sub_clusters;
  const std::int64_t steps = ((work - d.size) / d.offset + 1) / sub_clusters - 1;
  if (steps > 0) s.add({steps, position::steady, false, false, false});

  const bool has_edge = (steps + 1) * round + covered > work && steps * round + covered != work;
  if (!has_edge) return s;
  const std::int64_t left = work - (steps + 1) * round;
  const std::int64_t active = left < d.size ? 1 : (left - d.size) / d.offset + 1;
  const bool partial_last = (active - 1) * d.offset + d.size < left;
  s.add({1, position::edge, false, false, partial_last});
  return s;
}

/// All cases of a level over a work tile: one state per directive.
struct case_table {
  std::array<directive_states, max_level_directives> directives{};
  std::int32_t directive_count = 0;
  std::int64_t case_count = 1;
};

[[gnu::noinline]] CUGAMMA_HD constexpr case_table make_cases(const level_plan& p,
                                                             const extents& work) {
  case_table t;
  t.directive_count = p.directive_count;
  for (int i = 0; i < p.directive_count; ++i) {
    const level_directive& d = p.directives[i];
    t.directives[i] = d.spatial ? spatial_states(d, p.sub_clusters, work[d.dim])
                                : temporal_states(d, work[d.dim]);
    t.case_count *= t.directives[i].count;
  }
  return t;
}

/// One case. States are kept by dimension: where a dimension is named twice, the last directive's
/// state stands for both, though both count in `occurrences`.
struct iteration_case {
  std::array<iteration_state, dimension_count> states{};
  std::int64_t occurrences = 1;
  bool all_init = true;

  CUGAMMA_HD constexpr const iteration_state& operator[](dimension d) const {
    return states[index_of(d)];
  }
};

/// Case number `id` in MAESTRO's order (DFA_iteration-analysis.hpp, ConstructIterationStatusTable):
/// 0 is all Init, and from 1 on the innermost directive runs fastest, starting one state after Init
/// for all. Only the off-chip bandwidth and the arithmetic intensity depend on the order.
[[gnu::noinline]] CUGAMMA_HD constexpr iteration_case case_at(const level_plan& p,
                                                              const case_table& t,
                                                              std::int64_t id) {
  iteration_case c;
  std::int64_t repeats = t.case_count;
  for (int i = 0; i < p.directive_count; ++i) {
    const directive_states& d = t.directives[i];
    repeats /= d.count;
    const iteration_state& s = d.states[(id + repeats - 1) / repeats % d.count];
    c.occurrences *= s.occurrences;
    c.states[index_of(p.directives[i].dim)] = s;
  }
  for (const level_directive& d : p) c.all_init &= c[d.dim].pos == position::init;
  return c;
}

}  // namespace cugamma::reference
