#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/search/network_search.hpp"

namespace cugamma::cli {

/// Shares of a contest's budget after which the best so far is noted.
inline constexpr std::array<double, 7> contest_shares{0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1};

/// What all searches of a contest may use up, each.
enum class contest_budget : std::uint8_t { evaluations, seconds };

constexpr std::string_view name_of(contest_budget b) {
  return b == contest_budget::evaluations ? "evaluations" : "seconds";
}

/// How a search with one seed went.
struct contest_search {
  /// The first objective as searches minimise it, after each share of the budget; infinite:
  /// nothing feasible.
  std::array<double, contest_shares.size()> best{};
  std::int64_t evaluations = 0;  ///< mappings that were scored
  double seconds = 0;            ///< of a run side by side: its share of the time
};

/// What is proved of a layer's optimum: no mapping has a value below `lower`, one has `upper`.
struct optimum_bounds {
  double lower = 0;
  double upper = 0;
};

/// The searches of one layer by one algorithm, under one budget.
struct contestant {
  std::string layer;
  contest_budget budget = contest_budget::evaluations;
  std::string algorithm;
  std::vector<contest_search> searches;   ///< one a seed
  std::optional<optimum_bounds> optimum;  ///< of the layer, if it was asked for
};

/// What a contest is held over.
struct contest_plan {
  network_search_request
      request;  ///< the layers, the accelerator and what is searched; its first seed
  std::vector<std::string> algorithms;
  int seeds = 10;
  std::int64_t evaluations = 10000;
  double seconds = 0;  ///< 0: no contest at equal time
};

/// Gives contestants what is proved of their layers, each by its name. What a search found may be
/// better than the best mapping that the proof knew.
void add_optima(const std::string& layer, optimum_bounds proved, std::vector<contestant>& all);

/// How far a value is above the optimum, at most: a share of the lower bound.
double above_optimum(double value, const optimum_bounds& proved);

/// The values of a contestant's searches after a share of the budget.
std::vector<double> values_after(const contestant& c, std::size_t share);

/// Runs every algorithm on every layer: at equal evaluations all seeds side by side, at equal time
/// one search after the other, so that each has the machine to itself. `finished` sees each
/// contestant; an interrupt leaves out the one under way and those after it. Throws what
/// make_search and evaluators throw.
std::vector<contestant> hold_contest(const contest_plan& plan,
                                     const std::function<void(const contestant&)>& finished);

}  // namespace cugamma::cli
