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

/// Mappings in a chunk. Large ones hide what it takes to launch them, small ones fill and drain the
/// pipeline soon: a sixteenth of a large population, a quarter of a small one, within bounds.
inline constexpr std::size_t least_chunk = std::size_t{1} << 14;
/// For large populations smaller chunks cost 10 to 35 % (H100).
inline constexpr std::size_t middle_chunk = std::size_t{1} << 16;
inline constexpr std::size_t most_chunk = std::size_t{1} << 18;

constexpr std::size_t preferred_chunk(std::size_t population) {
  const std::size_t of_small = std::clamp(population / 4, least_chunk, middle_chunk);
  return std::min(std::clamp(population / 16, of_small, most_chunk), population);
}

/// Cuts a population. A chunk takes bytes_each bytes of device memory a mapping on each stream;
/// free_bytes bounds all of them together. On one stream nothing hides what it takes to launch a
/// chunk, so there chunks are large. chunk 0: not even one mapping fits.
constexpr chunk_plan plan_chunks(std::size_t population,
                                 std::size_t bytes_each,
                                 std::size_t free_bytes,
                                 int max_streams) {
  if (population == 0) return {};
  const std::size_t fits = free_bytes / (bytes_each * max_streams);
  const std::size_t preferred =
      max_streams == 1 ? std::min(population, most_chunk) : preferred_chunk(population);
  const std::size_t chunk = std::min(preferred, fits);
  if (chunk == 0) return {};
  const std::size_t count = (population + chunk - 1) / chunk;
  return {chunk, count, static_cast<int>(std::min<std::size_t>(count, max_streams))};
}

}  // namespace cugamma
