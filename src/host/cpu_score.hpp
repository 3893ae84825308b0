#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cugamma/accelerator.hpp"
#include "cugamma/core/closed_form.hpp"
#include "cugamma/core/facts.hpp"
#include "cugamma/cost.hpp"
#include "cugamma/genome.hpp"
#include "cugamma/model/plausibility.hpp"

namespace cugamma {

/// One layer and one accelerator of a batch as the CPU reads them.
struct cpu_layer {
  core::layer_facts<double> facts;
  core::two_level_layer<double> two_level;
  layer_totals totals;
};
struct cpu_machine {
  core::machine_facts<double> facts;
  accelerator limits;
};

/// Scores a run of mappings of one layer on one accelerator in SIMD lanes, where the closed form
/// holds, and lists the others. Each instruction set has one, made from the same text.
struct cpu_lanes {
  /// Writes the costs it can; appends the positions of the others to `left` and returns how many.
  /// preconditions: out and left are as long as genomes.
  std::size_t (*score)(const cpu_layer& l,
                       const cpu_machine& m,
                       std::span<const genome> genomes,
                       std::span<cost> out,
                       std::span<std::uint32_t> left);
  const char* name;
};

extern const cpu_lanes lanes_base, lanes_avx2, lanes_avx512;

/// The lanes that this processor can run, the widest last.
std::vector<const cpu_lanes*> usable_lanes();

}  // namespace cugamma
