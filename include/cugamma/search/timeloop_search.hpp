#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/genome.hpp"
#include "cugamma/models/timeloop/problem.hpp"
#include "cugamma/models/timeloop/scoring.hpp"

namespace cugamma::timeloop {

/// What a search can minimise; utilization is maximised.
enum class figure : std::uint8_t { edp, latency, energy, utilization, accesses };

/// An objective: a figure, of one level where it belongs to one.
struct objective {
  figure what = figure::edp;
  int level = -1;  ///< of accesses: 0 is the innermost
  friend bool operator==(const objective&, const objective&) = default;
};
inline constexpr int max_objectives = 4;

/// "edp", "latency" (Timeloop: delay), "energy", "utilization", "accesses-1" (of level 1),
/// "last_level_accesses" (of the outermost); letter case does not matter. Throws input_error.
std::vector<objective> parse_objectives(std::string_view list, const architecture& a);
std::string name_of(const objective& o);

/// How a search goes about it.
struct search_options {
  std::vector<objective> objectives{{}};  ///< the first ranks; the others decide ties
  std::uint64_t seed = 1;
  std::int64_t population = 64;
  /// Generations without a better best after which the search starts afresh; 0: never.
  std::int64_t patience = 40;
  bool explores_bypass = true;         ///< false: every level keeps every tensor
  std::int64_t evaluations = 100'000;  ///< valid mappings that are scored
  double seconds = std::numeric_limits<double>::infinity();
  std::function<bool()> interrupted;  ///< asked once a generation
};

using objective_values = std::array<double, max_objectives>;

struct candidate {
  genome mapping;
  cost figures;
  objective_values values{};
};

/// When a search got better.
struct improvement {
  std::int64_t evaluations = 0;
  double seconds = 0;
  candidate found;
};

struct search_result {
  std::optional<candidate> best;
  std::vector<improvement> history;  ///< the last one is the best
  std::int64_t evaluations = 0;      ///< valid mappings that were scored
  /// Proposals that were turned away, by reason.
  std::array<std::int64_t, num_rejections> rejected{};
  double seconds = 0;
};

/// Scores genomes, as scorer::score does.
using score_function = std::function<void(std::span<const genome>, std::span<cost>)>;

}  // namespace cugamma::timeloop
