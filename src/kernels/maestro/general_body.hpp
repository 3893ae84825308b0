#pragma once

#include "maestro/score_body.hpp"
#include "models/maestro/walked/walk.hpp"

/// What a group of threads of the general kernel does: it scores one mapping, a lane a handed tile.
namespace cugamma::device {

/// Lanes that share a mapping. Mappings as GAMMA draws them hand down 11 tiles in the mean.
inline constexpr unsigned group_lanes = 16;

/// What the lanes of a group share while they score a mapping.
using group_memory = core::walk_memory<number, group_lanes>;

/// A lane's part of the tiles that a level is handed: every group_lanes-th of them.
CUGAMMA_HD constexpr float analyse_in_group(const core::handed_tiles<number>& tiles,
                                            unsigned lane) {
  return core::analyse_tiles<core::single_tile<number>>(tiles, lane, group_lanes);
}

/// Scores any mapping. Lanes: as core::one_lane; s is the group's own.
template <class Lanes>
CUGAMMA_HD constexpr void score_group(const Lanes& lanes,
                                      const genome& g,
                                      const layer_table& l,
                                      const machine_table& m,
                                      group_memory& s,
                                      cost& out) {
  core::walk(lanes, g, l.facts, m.facts, pes_of(g, m.limits), s);
  lanes.each([&](unsigned lane) {
    if (lane != 0) return;
    out = core::walked_cost(l.facts, s, problem_of(l, m), pes_of(g, m.limits));
  });
}

}  // namespace cugamma::device
