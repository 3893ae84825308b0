#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <ostream>
#include <span>
#include <vector>

#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/mapping/mapping.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "numbers/random.hpp"

/// Random cases of the exact cost model, small enough to be walked.
namespace cugamma {

/// A layer, an accelerator and a mapping of one onto the other.
struct exact_case {
  layer l;
  accelerator a;
  mapping m;
};

/// As GoogleTest prints it: a mapping file, after what it runs on.
inline std::ostream& operator<<(std::ostream& out, const exact_case& c) {
  return out << c.a.num_pes << " PEs of " << c.a.simd_lanes << " lanes, NoC of " << c.a.noc_bw
             << " elements/cycle and " << c.a.noc_hops << " hops of " << c.a.noc_hop_latency
             << " cycles, off-chip " << c.a.offchip_bw << " elements/cycle\n"
             << write_mapping("case", c.l, c.m);
}

struct exact_case_limits {
  std::int32_t macs = 2000;
  std::int32_t levels = 3;
  std::int32_t num_pes = 200;
};

namespace random_cases {

inline constexpr std::array mapped_dimensions =
    {dimension::K, dimension::C, dimension::Y, dimension::X, dimension::R, dimension::S};

/// A layer of a type with the given sizes of the output; one that strides may leave rows or columns
/// of its input untouched at the end.
inline layer strided_layer(random_stream& random, layer_type type, std::array<int, 6> size) {
  const auto [k, c, y, x, r, s] = size;
  layer l;
  l.type = type;
  if (random.below(3) == 0) {
    l.stride_y = random.between(1, 3);
    l.stride_x = random.between(1, 3);
  }
  const std::int32_t rows = (y - 1) * l.stride_y + r + random.below(l.stride_y);
  const std::int32_t columns = (x - 1) * l.stride_x + s + random.below(l.stride_x);
  l.size = {k, c, rows, columns, r, s, 1, 1};
  return l;
}

/// CONV, DSCONV, GEMM, and a fully connected layer as a CONV with one output row and column.
inline layer draw_layer(random_stream& random, std::int32_t max_macs) {
  std::array<int, 6> size{};
  auto& [k, c, y, x, r, s] = size;
  for (int* const channels : {&k, &c}) *channels = random.between(1, 16);
  for (int* const outputs : {&y, &x}) *outputs = random.between(1, 14);
  for (int* const window : {&r, &s}) *window = random.below(3) == 0 ? 1 : random.between(1, 5);
  enum { conv, depthwise, gemm, fully_connected };
  const std::int32_t operation = random.below(4);
  if (operation == depthwise) k = 1;
  if (operation == gemm) x = r = s = 1;
  if (operation == fully_connected) y = x = 1;

  const auto macs = [&] { return std::int64_t{k} * c * y * x * r * s; };
  while (macs() > max_macs) *std::ranges::max_element(size) -= 1;
  if (operation == gemm) {
    layer l;
    l.type = layer_type::gemm;
    l.size = {k, c, y, 1, 1, 1, 1, 1};
    return l;
  }
  return strided_layer(random,
                       operation == depthwise ? layer_type::dsconv : layer_type::conv,
                       size);
}

/// NoCs and off-chip bandwidths from those that always bind to those that never do.
inline accelerator draw_accelerator(random_stream& random, std::int32_t max_pes) {
  constexpr std::array widths = {1, 2, 3, 5, 8, 16, 64, 81920000};
  const auto width = [&] { return widths[random.below(widths.size())]; };
  accelerator a;
  a.num_pes = random.between(1, random.below(2) == 0 ? std::min(16, max_pes) : max_pes);
  a.simd_lanes = random.between(1, 4);
  a.noc_bw = width();
  a.noc_hops = random.between(0, 3);
  a.noc_hop_latency = random.between(0, 3);
  a.offchip_bw = random.below(2) == 0 ? 81920000 : width();
  return a;
}

/// A tile of a part of a dimension: a single index, the whole, some part, or more than there is.
inline std::int32_t draw_tile(random_stream& random, std::int32_t available) {
  switch (random.below(8)) {
    case 0:
    case 1:
      return 1;
    case 2:
    case 3:
      return available;
    case 4:
      return available + random.between(1, 5);
    default:
      return random.between(1, available);
  }
}

/// Mostly a dimension with more than one index; else any, with a directive or without.
inline dimension draw_parallel(random_stream& random, const layer& l) {
  std::vector<dimension> long_ones;
  for (const dimension d : mapped_dimensions) {
    if (output_size(l, d) > 1) long_ones.push_back(d);
  }
  const std::span<const dimension> from = long_ones.empty() || random.below(16) == 0
                                              ? std::span<const dimension>(mapped_dimensions)
                                              : std::span<const dimension>(long_ones);
  return from[static_cast<std::size_t>(random.below(static_cast<std::int32_t>(from.size())))];
}

/// The directives of one level in a random order. `available` is a sub-cluster's part of the layer;
/// it becomes the part of one below.
inline cluster_level draw_level(random_stream& random,
                                const layer& l,
                                std::array<std::int32_t, gene_dimension_count>& available) {
  auto order = mapped_dimensions;
  for (std::size_t i = order.size(); i-- > 1;) {
    std::swap(order[i], order[static_cast<std::size_t>(random.below(static_cast<int>(i) + 1))]);
  }
  const dimension parallel = draw_parallel(random, l);
  cluster_level level;
  for (const dimension d : order) {
    // A dimension with one index needs no directive.
    if (output_size(l, d) == 1 && d != parallel && random.below(2) == 0) continue;
    std::int32_t& part = available[index_of(d)];
    const bool window = d == dimension::R || d == dimension::S;
    const std::int32_t tile = window && random.below(2) == 0 ? part : draw_tile(random, part);
    part = std::min(part, tile);
    directive& given = level.directives[level.directive_count++];
    given.size = given.offset = tile;
    given.dim = d;
    given.kind = d == parallel ? directive_kind::spatial : directive_kind::temporal;
    given.output_centric = l.type != layer_type::gemm && (d == dimension::Y || d == dimension::X);
  }
  return level;
}

inline mapping draw_mapping(random_stream& random,
                            const layer& l,
                            const accelerator& a,
                            std::int32_t max_level_count) {
  std::array<std::int32_t, gene_dimension_count> available{};
  for (const dimension d : mapped_dimensions) available[index_of(d)] = output_size(l, d);
  mapping m;
  m.level_count = random.between(1, max_level_count);
  std::int32_t pes = a.num_pes;
  for (int i = 0; i < m.level_count; ++i) {
    m.levels[i] = draw_level(random, l, available);
    if (i == 0) continue;
    m.levels[i].cluster_size = random.between(1, std::min(pes, 12));
    pes /= m.levels[i].cluster_size;
  }
  return m;
}

}  // namespace random_cases

/// Case `number` of an endless sequence that the seed alone decides. The definition of the model
/// covers all of them: 1 to `limits.levels` levels, all types of layers, strides 1 to 3, R and S
/// whole, cut and parallel, partial tiles and rounds, tiles larger than what they are cut from.
inline exact_case random_exact_case(std::uint64_t seed,
                                    std::uint64_t number,
                                    const exact_case_limits& limits = {}) {
  random_stream random(seed, 0, number);
  exact_case c;
  c.l = random_cases::draw_layer(random, limits.macs);
  c.a = random_cases::draw_accelerator(random, limits.num_pes);
  c.m = random_cases::draw_mapping(random, c.l, c.a, limits.levels);
  return c;
}

}  // namespace cugamma
