#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "cugamma/search/co_design.hpp"
#include "search/co_design/contest.hpp"

namespace cugamma {

/// Whether a figure is the accelerator's, whatever the mappings do with it.
bool is_of_machine(objective o);

/// The limited figures that mappings decide: what the search for the smallest accelerator
/// minimises.
std::vector<objective> limited_figures(std::span<const objective_limit> limits);

/// Searches the smallest accelerator that keeps the limits of a network, see co_design: closes in
/// on it by contests of a tenth of the evaluations, then by some of all.
class smallest_machine {
 public:
  /// The problem and the options must outlive it. Throws input_error if the limits ask for more PEs
  /// than the options allow.
  smallest_machine(const co_design_problem& problem,
                   search_options search,
                   const co_design_options& options);

  void restore(const co_design_state& state);

  /// Goes on to the end, or to an interrupt. Where nothing keeps the limits, what came nearest.
  co_design_result finish();

 private:
  bool is_kept() const { return kept_um2_ < std::numeric_limits<double>::infinity(); }
  std::optional<double> next_budget() const;
  void remember_best();
  void make_contest();
  void begin_contest(double budget_um2);
  void begin_contest_around_best();
  bool begin_next();
  void take(heat_winner won);
  co_design_state save(const co_design_state& of_contest) const;
  std::vector<genome> known_mappings(std::size_t l, const search_space& space) const;

  const co_design_problem& problem_;
  std::vector<objective> objectives_;  // of the network
  search_options search_;              // of a layer
  const co_design_options& options_;
  double least_um2_ = 0;  // the PEs that the limits ask for
  double most_um2_ = 0;   // no budget is larger

  double failed_um2_ = 0;  // the largest budget within which nothing keeps the limits
  double kept_um2_ = std::numeric_limits<double>::infinity();  // of the smallest that keeps them
  double before_um2_ = 0;   // the same before the last whole contest
  double budget_um2_ = 0;   // of the last contest
  bool is_whole_ = false;   // whether contests have all the evaluations
  int quick_contests_ = 0;  // begun, with a tenth of them
  int whole_contests_ = 0;  // begun, with all
  std::int64_t tried_ = 0;  // accelerators, in the contests before
  run_summary run_;         // of these
  double violation_ = std::numeric_limits<double>::infinity();  // of the best
  std::optional<heat_winner> best_;  // the smallest that keeps the limits, or what came nearest
  std::vector<std::optional<genome>> known_;  // mappings of the layers that the contest starts from
  co_design_options contest_options_;
  std::optional<contest> contest_;  // the last one
  bool is_under_way_ = false;       // it
};

}  // namespace cugamma
