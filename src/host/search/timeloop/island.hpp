#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "cugamma/search/timeloop_search.hpp"
#include "numbers/random.hpp"
#include "search/byte_stream.hpp"
#include "search/threads/stopwatch.hpp"
#include "search/timeloop/judge.hpp"
#include "search/timeloop/map_space.hpp"

namespace cugamma::timeloop {

/// A population that breeds: parents and children compete, the best breed the next generation, and
/// without a better best for long all are drawn anew. No mapping is scored twice.
class island {
 public:
  /// evaluations: at most. All references must outlive the island.
  island(const map_space& space,
         const judge& values,
         const search_options& options,
         const score_function& score,
         std::uint64_t seed,
         std::int64_t evaluations);

  /// Whether there is anything left to do.
  bool wants_more() const { return !is_exhausted_ && result_.evaluations < evaluations_; }
  /// Breeds, scores and selects one generation.
  void step(const stopwatch& watch);

  /// Brings in parents from elsewhere.
  void immigrate(const std::vector<candidate>& newcomers);
  /// The best parents, best first.
  std::vector<candidate> emigrants(std::size_t count) const;

  const search_result& result() const { return result_; }

  /// All that going on needs.
  void save(byte_writer& out) const;
  /// Goes on from there. Throws input_error for bytes that are damaged.
  void restore(byte_reader& in);
  /// Every mapping that it holds, with what is known of it.
  std::vector<candidate> candidates() const;

 private:
  void propose();
  genome propose_one(random_stream& random);
  const genome& pick(random_stream& random) const;
  void judge_proposals(const stopwatch& watch);
  void take(const candidate& fresh, const stopwatch& watch);
  void select();
  void sort_by_front();
  void update_front();

  const map_space& space_;
  const judge& judge_;
  const search_options& options_;
  const score_function& score_;
  std::uint64_t seed_;
  std::int64_t evaluations_;
  search_result result_;
  std::uint32_t generation_ = 0;
  std::vector<genome> proposals_;
  std::vector<cost> costs_;
  std::vector<candidate> parents_;  ///< the best first
  std::unordered_set<std::uint64_t> seen_;
  std::optional<objective_values> best_of_run_;  ///< since the population was drawn anew
  std::int64_t since_gain_ = 0;
  bool is_exhausted_ = false;  ///< nothing new to propose, or nothing valid for long
};

/// The members that no other one beats in all objectives, in the order of values.
std::vector<candidate> undominated_of(const std::vector<candidate>& all);

}  // namespace cugamma::timeloop
