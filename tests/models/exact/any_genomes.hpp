#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "cugamma/mapping/genome.hpp"
#include "models/exact/random_cases.hpp"

namespace cugamma {

/// A layer with K, C, input rows and columns, R and S, and a stride.
inline layer sized_layer(layer_type type, std::array<std::int32_t, 6> size, std::int32_t stride) {
  layer l;
  l.type = type;
  const auto [k, c, y, x, r, s] = size;
  l.size = {k, c, y, x, r, s, 1, 1};
  l.stride_y = l.stride_x = stride;
  return l;
}

/// A machine whose NoC no step waits for.
inline accelerator wide_machine(random_stream& random) {
  accelerator a;
  a.num_pes = random.between(1, 200);
  a.noc_hops = a.noc_hop_latency = a.simd_lanes = 1;
  return a;
}

/// A genome of one to three levels: any tiles, orders and parallel dimensions, often the same
/// dimension parallel in several levels. A few are illegal. cuts_filter: R and S have tiles too.
inline genome draw_any_levels(random_stream& random, const layer& l, bool cuts_filter) {
  genome g;
  const std::int32_t levels = random.between(1, max_genome_levels);
  set_level_count(g, levels);
  for (const dimension d : random_cases::mapped_dimensions) {
    const bool is_filter = d == dimension::R || d == dimension::S;
    const std::int32_t most = is_filter ? max_filter_tile : max_tile;
    std::int32_t available = output_size(l, d);
    for (int level = 0; level < levels; ++level) {
      const bool is_whole = is_filter && !cuts_filter;
      const std::int32_t tile =
          is_whole ? available : std::min(most, random_cases::draw_tile(random, available));
      set_tile(g, level, d, tile);
      available = std::min(available, tile);
    }
  }
  const int favourite = random.below(3) == 0 ? random.between(0, 3) : -1;
  for (int level = 0; level < levels; ++level) {
    auto order = random_cases::mapped_dimensions;
    for (std::int32_t i = gene_dimension_count - 1; i > 0; --i) {
      std::swap(order[static_cast<std::size_t>(i)],
                order[static_cast<std::size_t>(random.below(i + 1))]);
    }
    for (int p = 0; p < gene_dimension_count; ++p) {
      set_order(g, level, p, order[static_cast<std::size_t>(p)]);
    }
    const bool is_favourite = favourite >= 0 && random.below(4) != 0;
    const int parallel = is_favourite ? favourite : random.between(0, gene_dimension_count - 1);
    set_parallel(g, level, static_cast<dimension>(parallel));
    if (level > 0) set_cluster_size(g, level, random.between(1, 12));
  }
  return g;
}

}  // namespace cugamma
