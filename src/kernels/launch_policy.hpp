#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace cugamma {

/// How a population is handed to the score kernel.
struct launch_policy {
  int block_threads = 128;
  /// The kernels read and write page-locked host memory themselves: no copies.
  bool mapped = false;
  friend constexpr bool operator==(const launch_policy&, const launch_policy&) = default;
};

/// Blocks of 64 and 256 threads were no faster (H100).
inline constexpr int max_block_threads = 128;
/// Eight groups of lanes, a mapping each; their shared memory lets an H200 hold five such blocks a
/// multiprocessor.
inline constexpr int general_block_threads = 128;
inline constexpr int general_block_groups = 8;
inline constexpr int general_resident_blocks = 5;

/// The step kernel: one mapping a thread. Its registers limit the blocks on a multiprocessor.
inline constexpr int step_block_threads = 128;
/// 16 warps by 128 registers: 7 % faster than 8 warps without spills (H100).
inline constexpr int step_resident_blocks = 4;

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

namespace detail {

/// As many blocks as are resident at once, never more than a list as long as the population needs.
constexpr int resident_blocks(std::size_t population,
                              std::size_t in_block,
                              int resident,
                              int multiprocessors) {
  const std::size_t needed = (population + in_block - 1) / in_block;
  return static_cast<int>(std::min(needed, static_cast<std::size_t>(resident) * multiprocessors));
}

}  // namespace detail

/// Blocks of the kernels that work through what the score kernel leaves over.
constexpr int step_blocks(std::size_t population, int multiprocessors) {
  return detail::resident_blocks(population,
                                 step_block_threads,
                                 step_resident_blocks,
                                 multiprocessors);
}
constexpr int general_blocks(std::size_t population, int multiprocessors) {
  return detail::resident_blocks(population,
                                 general_block_groups,
                                 general_resident_blocks,
                                 multiprocessors);
}

}  // namespace cugamma
