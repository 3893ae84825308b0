#pragma once

#include <cstddef>
#include <cstdint>

namespace cugamma {

/// How a population is handed to a model's first kernel, a mapping a thread.
struct launch_policy {
  int block_threads = 128;
  /// The kernels read and write page-locked host memory themselves: no copies.
  bool mapped = false;
  friend constexpr bool operator==(const launch_policy&, const launch_policy&) = default;
};

/// Blocks of 64 and 256 threads were no faster (H100).
inline constexpr int max_block_threads = 128;

/// Up to this many mappings two copies cost more than reading over the bus (measured on an H100).
inline constexpr std::size_t mapped_limit = 10240;

/// The policy for a population on a device: blocks of 128 threads once every multiprocessor has
/// one, of a single warp before that, so that few mappings are still spread over all of them.
constexpr launch_policy choose_launch(std::size_t population, int multiprocessors) {
  const std::size_t full = static_cast<std::size_t>(multiprocessors) * max_block_threads;
  return {population >= full ? max_block_threads : 32, population <= mapped_limit};
}

/// Blocks that cover a population.
constexpr unsigned block_count(std::size_t population, const launch_policy& p) {
  const auto threads = static_cast<std::size_t>(p.block_threads);
  return static_cast<unsigned>((population + threads - 1) / threads);
}

}  // namespace cugamma
