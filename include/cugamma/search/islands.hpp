#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "cugamma/search/genetic_search.hpp"
#include "cugamma/search/search_run.hpp"

namespace cugamma {

/// The part of `whole` that falls to one of several that share it as evenly as can be; the first
/// ones get what is left over.
constexpr std::int64_t share_of(std::int64_t whole, std::int64_t index, std::int64_t count) {
  return whole / count + (index < whole % count ? 1 : 0);
}

/// The options of each island of a search: its share of the population, and a seed of its own; a
/// lone island has the search's. Throws input_error if an island would have fewer than two
/// individuals, or if several would have a front each.
std::vector<search_options> split_into_islands(const search_options& options, int islands);

/// What a search found, or the islands of a layer together.
struct search_result {
  std::optional<candidate> best;
  pareto_front front;
  std::int64_t evaluations = 0;
  rejection_counts rejected;
  search_log log;
};

search_result result_of(const genetic_search& search, const search_log& log);

/// The results of a layer's islands as one: the best of all, the sums of what was counted, and a
/// history of the generations of all together. A lone island's front is the layer's.
search_result merge_islands(std::span<const search_result> islands);

/// The results of the searches of all processes, in the order of run_options::peers, in process 0;
/// nothing in the others. A lone process, peers being null, gets its own.
std::vector<search_result> gather_islands(std::span<const search_result> own, run_peers* peers);

}  // namespace cugamma
