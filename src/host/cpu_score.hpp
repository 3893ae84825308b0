#pragma once

#include <cstddef>
#include <span>

#include "cugamma/accelerator.hpp"
#include "cugamma/core/facts.hpp"
#include "cugamma/cost.hpp"
#include "cugamma/genome.hpp"
#include "cugamma/model/plausibility.hpp"

namespace cugamma {

/// One layer and one accelerator of a batch as the CPU reads them.
struct cpu_layer {
  core::layer_facts<double> facts;
  layer_totals totals;
};
struct cpu_machine {
  core::machine_facts<double> facts;
  accelerator limits;
};

struct cpu_tables {
  std::span<const cpu_layer> layers;
  std::span<const cpu_machine> machines;
};

/// Scores genomes one after the other. preconditions: out is as long, all indices are in range.
using cpu_score = void (*)(const cpu_tables& tables,
                           std::span<const genome> genomes,
                           std::span<cost> out);

}  // namespace cugamma
