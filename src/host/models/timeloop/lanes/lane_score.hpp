#pragma once

#include <cstdint>
#include <span>

#include "cugamma/models/timeloop/scoring.hpp"
#include "models/timeloop/closed/tables.hpp"

/// Timeloop's figures of simple mappings (simple/score.hpp) in SIMD lanes. Each instruction set has
/// a form of its own, made from the same text.
namespace cugamma::timeloop {

struct timeloop_lanes {
  /// Scores genomes, one a lane, and lists the places of those that are rejected or not simple,
  /// whose costs it leaves alone; returns how many there are. preconditions: the tables' mappings
  /// may be simple; left is as long as genomes
  std::size_t (*score)(const closed::tables& t,
                       std::span<const genome> genomes,
                       std::span<cost> costs,
                       std::span<std::uint32_t> left);
};

extern const timeloop_lanes lanes_base, lanes_avx2, lanes_avx512;

}  // namespace cugamma::timeloop
