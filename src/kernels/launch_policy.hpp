#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace cugamma {

/// How a population is handed to the fitness kernel.
struct launch_policy {
  int block_threads = 128;
  /// Mappings that one warp scores together.
  int warp_mappings = 32;
  /// The kernel reads and writes page-locked host memory itself: one launch, no copies.
  bool mapped = false;
  friend constexpr bool operator==(const launch_policy&, const launch_policy&) = default;
};

/// Below this many mappings a launch costs more than the bus: the kernel reads host memory itself.
inline constexpr std::size_t mapped_limit = 10000;

/// The policy for a population on a device. Small populations take fewer mappings a warp, so that
/// every multiprocessor has work: with one mapping a warp, lanes still share its sub-problems.
constexpr launch_policy choose_launch(std::size_t population, int multiprocessors) {
  launch_policy p;
  p.mapped = population <= mapped_limit;
  const std::size_t warps_wanted = static_cast<std::size_t>(multiprocessors) * 8;
  while (p.warp_mappings > 1 && population < warps_wanted * p.warp_mappings) p.warp_mappings /= 2;
  return p;
}

/// Blocks that cover a population.
constexpr std::int64_t block_count(std::size_t population, const launch_policy& p) {
  const std::size_t per_block = static_cast<std::size_t>(p.block_threads / 32 * p.warp_mappings);
  return static_cast<std::int64_t>((population + per_block - 1) / per_block);
}

}  // namespace cugamma
