#pragma once

#include <cstdint>
#include <vector>

#include "cuda_resources.hpp"
#include "cugamma/evaluate/ranking.hpp"
#include "device_tables.hpp"

namespace cugamma {

/// A scored population that stayed on the device.
struct resident_population {
  const genome* genomes = nullptr;
  const cost* costs = nullptr;
  std::uint32_t count = 0;
};

/// Ranks populations on the device; its memory is kept from one call to the next.
class device_ranker {
 public:
  /// Device memory that a mapping takes while it is ranked: sort keys and orders, twice over, and
  /// the mark of a duplicate.
  static constexpr std::size_t bytes_each =
      2 * (sizeof(std::uint64_t) + sizeof(std::uint32_t)) + sizeof(std::uint8_t);

  /// The best count mappings, fewer if there are fewer distinct ones. accelerators: of the batch.
  /// Waits for the stream. Throws cuda_error.
  std::vector<ranked_mapping> rank(std::span<const accelerator> accelerators,
                                   const resident_population& p,
                                   const ranking_rule& rule,
                                   std::size_t count,
                                   const cuda_stream& s);

 private:
  device_table<accelerator, accelerator> accelerators_;
  device_buffer<std::uint64_t> keys_;
  device_buffer<std::uint32_t> order_;
  device_buffer<std::uint8_t> duplicate_;
  // Indices and costs apart: a ranked_mapping has bytes that nothing writes.
  device_buffer<std::uint32_t> best_indices_;
  device_buffer<cost> best_costs_;
  pinned_buffer<std::uint32_t> staged_indices_;
  pinned_buffer<cost> staged_costs_;
};

}  // namespace cugamma
