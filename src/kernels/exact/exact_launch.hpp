#pragma once

#include <algorithm>
#include <cstddef>

/// How the kernels are launched that work through what the exact model's score kernel leaves over.
namespace cugamma::exact {

inline constexpr int chained_block_threads = 128;
/// Their registers limit the blocks on a multiprocessor.
inline constexpr int chained_resident_blocks = 4;

/// As many blocks as are resident at once, never more than a population needs.
constexpr int chained_blocks(std::size_t population, int multiprocessors) {
  const std::size_t needed = (population + chained_block_threads - 1) / chained_block_threads;
  return static_cast<int>(
      std::min(needed, static_cast<std::size_t>(chained_resident_blocks) * multiprocessors));
}

/// Mappings that a block of block_jobs.cuh works on.
inline constexpr int block_mappings = 32;
/// Such blocks, likewise: those of three levels, those of a cut filter and those that wait for a
/// NoC.
inline constexpr int three_resident_blocks = 4;
inline constexpr int split_resident_blocks = 4;
inline constexpr int waiting_resident_blocks = 5;

constexpr int shared_blocks(int resident, std::size_t population, int multiprocessors) {
  return static_cast<int>(std::min((population + block_mappings - 1) / block_mappings,
                                   static_cast<std::size_t>(resident) * multiprocessors));
}

}  // namespace cugamma::exact
