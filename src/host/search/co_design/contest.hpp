#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cugamma/search/co_design.hpp"
#include "search/byte_stream.hpp"

namespace cugamma {

/// The accelerator that is best so far, with its searches.
struct heat_winner {
  std::size_t index = 0;  ///< among the accelerators of its heat
  accelerator machine;
  std::vector<genetic_search> searches;
  std::vector<search_log> logs;
  std::vector<std::vector<genome>> initial;  ///< what each search started from
};

/// A contest of accelerators that spend one budget, see co_design: both heats, as a state that can
/// be saved between any two generations.
class contest {
 public:
  /// The layers' searches have the options' objectives; accelerators compete by those of the
  /// network. The problem and the options must outlive it.
  contest(const co_design_problem& problem,
          std::vector<objective> network,
          const search_options& search,
          const co_design_options& options);

  /// Enters the accelerators of the first heat; the run goes on after what was run before. Throws
  /// input_error if the budget pays for none, or no layer has a space on any.
  void begin(run_summary before = {});

  /// Enters accelerators within the budget that are a little larger or smaller than a winner, and
  /// takes that one, which wins again if none is better; or does nothing if there are none. Whether
  /// there are any.
  bool begin_around(std::optional<heat_winner>& best, run_summary before);

  /// Goes on from begin() or restore() to the end, or to an interrupt.
  heat_winner finish();

  co_design_state save() const;
  void restore(const co_design_state& state);

  /// Writes a winner, but for its searches and logs.
  static void put(byte_writer& out, const heat_winner& won);
  /// Reads one, with its searches and logs from a place in a saved state.
  heat_winner get_winner(byte_reader& in, const co_design_state& state, std::size_t at) const;

  /// Of all accelerators so far.
  const run_summary& run() const { return run_; }
  std::int64_t tried() const { return tried_; }

  /// How far a winner is beyond the limits; infinite if a layer has no mapping.
  double violation_of(const heat_winner& won) const;
  /// The accelerator of a winner with the buffers that its mappings need.
  accelerator needed_machine(const heat_winner& won) const;
  /// A winner as the result of a run.
  co_design_result result_of(heat_winner won, run_summary run) const;

 private:
  struct standing;

  void enter(std::vector<accelerator> machines);
  std::vector<genetic_search> searches_on(std::size_t m) const;
  search_space space_of(std::size_t l, const accelerator& a, std::size_t m) const;
  std::vector<genome> first_individuals(std::size_t l, const search_space& space) const;
  bool are_machines(const std::vector<std::size_t>& indices) const;
  void run_rounds();
  void run_round(int rounds_behind, int rounds_left);
  void cut(std::size_t keep);
  heat_winner take_winner();
  std::vector<network_part> parts_of(std::span<const genetic_search> searches) const;
  standing standing_of(std::span<const genetic_search> searches, const accelerator& a) const;

  const co_design_problem& problem_;
  std::vector<objective> objectives_;  // of the network
  std::vector<objective_limit> limits_;
  search_options search_;  // of a layer
  const co_design_options& options_;
  std::vector<layer> shapes_;

  std::int64_t tried_ = 0;
  int round_ = 0;
  std::vector<accelerator> machines_;
  std::vector<std::size_t> left_;         // of the accelerators, best first
  std::vector<genetic_search> searches_;  // of every layer on each of those left
  run_summary run_;
  std::optional<heat_winner> first_;  // once the second heat is on
};

}  // namespace cugamma
