#pragma once

#include <cstdint>
#include <utility>

#include "cugamma/mapping/genome.hpp"
#include "models/exact/random_cases.hpp"

namespace cugamma {

/// A genome of two levels that leaves the filter whole, as the closed form takes it, on any layer.
inline genome draw_closed(random_stream& random, const layer& l, const accelerator& a) {
  genome g;
  for (const dimension d : random_cases::mapped_dimensions) {
    const std::int32_t size = output_size(l, d);
    const bool is_filter = d == dimension::R || d == dimension::S;
    const std::int32_t outer = is_filter ? size : random.between(1, size);
    set_tile(g, 0, d, outer);
    set_tile(g, 1, d, is_filter ? size : random.between(1, outer));
  }
  for (int level = 0; level < 2; ++level) {
    auto order = random_cases::mapped_dimensions;
    for (std::int32_t i = 5; i > 0; --i) {
      std::swap(order[static_cast<std::size_t>(i)],
                order[static_cast<std::size_t>(random.below(i + 1))]);
    }
    for (int p = 0; p < gene_dimension_count; ++p) {
      set_order(g, level, p, order[static_cast<std::size_t>(p)]);
    }
    const bool has_k = l.type != layer_type::dsconv, has_x = l.type != layer_type::gemm;
    set_parallel(g, level, static_cast<dimension>(random.between(has_k ? 0 : 1, has_x ? 3 : 2)));
  }
  set_cluster_size(g, 1, random.between(1, a.num_pes));
  return g;
}

}  // namespace cugamma
