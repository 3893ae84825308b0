#include "cugamma/search/islands.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cugamma/error.hpp"
#include "cugamma/processes/run_peers.hpp"
#include "search/byte_stream.hpp"
#include "search/log_bytes.hpp"

namespace cugamma {
namespace {

/// The seed of an island; the first one's is that of the search.
std::uint64_t seed_of_island(std::uint64_t seed, int island) {
  if (island == 0) return seed;
  std::uint64_t mixed = seed + static_cast<std::uint64_t>(island) * 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
  return mixed ^ mixed >> 31;
}

/// What the islands had together after a generation: of one that ended before, what it had then.
history_entry together_at(std::span<const search_result> islands, std::size_t generation) {
  history_entry all;
  for (const search_result& island : islands) {
    const auto& history = island.log.history;
    if (history.empty()) continue;
    const history_entry& own = history[std::min(generation, history.size() - 1)];
    all.generation = std::max(all.generation, own.generation);
    all.evaluations += own.evaluations;
    if (own.best && (!all.best || *own.best < *all.best)) all.best = own.best;
  }
  return all;
}

search_log merge_logs(std::span<const search_result> islands) {
  search_log all;
  std::size_t generations = 0;
  for (const search_result& island : islands) {
    generations = std::max(generations, island.log.history.size());
    all.seconds = std::max(all.seconds, island.log.seconds);
  }
  for (std::size_t i = 0; i < generations; ++i) all.history.push_back(together_at(islands, i));
  return all;
}

void put_result(byte_writer& out, const search_result& result) {
  out.put(result.best.has_value());
  if (result.best) out.put(*result.best);
  out.put_all(std::span<const candidate>(result.front.members));
  out.put(result.front.reference.has_value());
  if (result.front.reference) out.put(*result.front.reference);
  out.put(result.front.hypervolume);
  out.put(result.evaluations);
  out.put(result.rejected);
  put_log(out, result.log);
}

search_result get_result(byte_reader& in) {
  search_result result;
  if (in.get<bool>()) result.best = in.get<candidate>();
  result.front.members = in.get_all<candidate>();
  if (in.get<bool>()) result.front.reference = in.get<objective_values>();
  result.front.hypervolume = in.get<double>();
  result.evaluations = in.get<std::int64_t>();
  result.rejected = in.get<rejection_counts>();
  result.log = get_log(in);
  return result;
}

}  // namespace

std::vector<search_options> split_into_islands(const search_options& options, int islands) {
  if (options.population < 2 * std::int64_t{islands}) {
    throw input_error(fmt::format("population {} for {} islands: each needs at least 2",
                                  options.population,
                                  islands));
  }
  if (islands > 1 && options.selection == selection_rule::pareto) {
    throw input_error(fmt::format("a front has one island: found {}", islands));
  }
  std::vector<search_options> all;
  for (int i = 0; i < islands; ++i) {
    all.push_back(options);
    all.back().population = share_of(options.population, i, islands);
    all.back().seed = seed_of_island(options.seed, i);
  }
  return all;
}

search_result result_of(const genetic_search& search, const search_log& log) {
  return {search.best(), search.front(), search.evaluations(), search.rejected(), log};
}

search_result merge_islands(std::span<const search_result> islands) {
  if (islands.size() == 1) return islands[0];
  search_result all;
  for (const search_result& island : islands) {
    all.evaluations += island.evaluations;
    all.rejected += island.rejected;
    if (!island.best) continue;
    if (!all.best || island.best->rank < all.best->rank) all.best = island.best;
  }
  all.log = merge_logs(islands);
  return all;
}

std::vector<search_result> gather_islands(std::span<const search_result> own, run_peers* peers) {
  if (peers == nullptr) return {own.begin(), own.end()};
  byte_writer out;
  out.put(static_cast<std::uint64_t>(own.size()));
  for (const search_result& result : own) put_result(out, result);
  const std::vector<std::string> texts = peers->gather(out.bytes());
  std::vector<byte_reader> readers(texts.begin(), texts.end());
  std::uint64_t count = 0;
  for (byte_reader& in : readers) count += in.get<std::uint64_t>();
  std::vector<search_result> all;
  for (std::uint64_t i = 0; i < count; ++i) all.push_back(get_result(readers[i % readers.size()]));
  return all;
}

}  // namespace cugamma
