#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "models/maestro/closed/closed_form.hpp"
#include "models/maestro/figures.hpp"
#include "models/maestro/walked/walk.hpp"

namespace cugamma {

/// One layer and one accelerator of a batch as the CPU reads them.
struct cpu_layer {
  core::layer_facts<double> facts;
  core::two_level_layer<double> two_level;
  core::gene_context genes;
  layer_totals totals;
};
struct cpu_machine {
  core::machine_facts<double> facts;
  accelerator limits;
};

/// What counts are judged by.
inline maestro_problem problem_of(const cpu_layer& l, const cpu_machine& m) {
  return {l.totals, m.limits};
}

/// The parts of the model that run in SIMD lanes. Each instruction set has one, made from the same
/// text.
struct cpu_lanes {
  /// Scores a run of mappings of one layer on one accelerator, a mapping a lane, if the closed form
  /// can express them; lists the places of the others in `left` and returns how many.
  /// preconditions: out is as long as genomes, left one longer.
  std::size_t (*score)(const cpu_layer& l,
                       const cpu_machine& m,
                       std::span<const genome> genomes,
                       std::span<cost> out,
                       std::span<std::uint32_t> left);
  /// core::analyse_tiles, a handed tile a SIMD lane.
  decltype(&core::analyse_tiles<core::single_tile<double>, double>) analyse_tiles;
  const char* name;
};

extern const cpu_lanes lanes_base, lanes_avx2, lanes_avx512;

/// The lanes that this processor can run, the widest last.
std::vector<const cpu_lanes*> usable_lanes();

}  // namespace cugamma
