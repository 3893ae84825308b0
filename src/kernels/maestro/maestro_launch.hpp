#pragma once

#include <algorithm>
#include <cstddef>

/// How the kernels are launched that work through what MAESTRO's score kernel leaves over.
namespace cugamma {

/// Eight groups of lanes, a mapping each; their shared memory lets an H200 hold five such blocks a
/// multiprocessor.
inline constexpr int general_block_threads = 128;
inline constexpr int general_block_groups = 8;
inline constexpr int general_resident_blocks = 5;

/// The step kernel: one mapping a thread. Its registers limit the blocks on a multiprocessor.
inline constexpr int step_block_threads = 128;
/// 16 warps by 128 registers: 7 % faster than 8 warps without spills (H100).
inline constexpr int step_resident_blocks = 4;

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

/// Blocks of these kernels.
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
