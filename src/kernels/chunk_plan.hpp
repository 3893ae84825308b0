#pragma once

#include <algorithm>
#include <cstddef>

namespace cugamma {

/// A population cut into chunks that take turns on the streams: chunk i is [i * chunk, (i + 1) *
/// chunk), cut at the population's end, on stream i % streams.
struct chunk_plan {
  std::size_t chunk = 0;
  std::size_t count = 0;
  int streams = 0;
  friend constexpr bool operator==(const chunk_plan&, const chunk_plan&) = default;
};

/// Mappings in a chunk that keep both the bus and the multiprocessors busy: long enough to hide a
/// launch, short enough that filling and draining the pipeline is a small part.
inline constexpr std::size_t preferred_chunk = std::size_t{1} << 18;

/// Cuts a population. A chunk takes bytes_each bytes of device memory a mapping on each stream;
/// free_bytes bounds all of them together. chunk 0: not even one mapping fits.
constexpr chunk_plan plan_chunks(std::size_t population,
                                 std::size_t bytes_each,
                                 std::size_t free_bytes,
                                 int max_streams) {
  if (population == 0) return {};
  const std::size_t spread = (population + max_streams - 1) / max_streams;
  std::size_t chunk =
      std::min(std::max(spread, std::min(population, preferred_chunk / 4)), preferred_chunk);
  const std::size_t fits = free_bytes / (bytes_each * max_streams);
  chunk = std::min(chunk, fits);
  if (chunk == 0) return {};
  const std::size_t count = (population + chunk - 1) / chunk;
  return {chunk, count, static_cast<int>(std::min<std::size_t>(count, max_streams))};
}

}  // namespace cugamma
