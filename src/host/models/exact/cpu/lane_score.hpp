#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/cost.hpp"
#include "models/exact/split_filter/split_form.hpp"
#include "models/exact/waiting/waiting_runtime.hpp"

/// The exact model's closed form in SIMD lanes. Each instruction set has one, made from the same
/// text.
namespace cugamma::exact {

/// One layer and one accelerator of a batch as the lanes read them.
struct lane_layer {
  closed_layer<double> closed;
  split::split_layer<double> split;
  core::gene_context genes;
  double macs = 0;
  double elements = 0;  ///< of input that any MAC reads, and of the filter
  double outputs = 0;
};
struct lane_accelerator {
  closed_accelerator<double> closed;
  waiting::noc_speeds<double> speeds;
  accelerator limits;
};

/// Mappings that the closed form leaves over, by their places.
struct left_over {
  std::span<std::uint32_t> whole;    ///< it cannot express them
  std::span<std::uint32_t> runtime;  ///< all but the runtime is in their costs
  std::size_t whole_count = 0;
  std::size_t runtime_count = 0;
};

struct exact_lanes {
  /// Scores mappings of one layer on one accelerator, a mapping a lane, and lists what is left.
  /// preconditions: out is as long as genomes, the lists one longer.
  void (*score)(const lane_layer& l,
                const lane_accelerator& a,
                std::span<const genome> genomes,
                std::span<cost> out,
                left_over& left);
};

extern const exact_lanes lanes_base, lanes_avx2, lanes_avx512;

}  // namespace cugamma::exact
