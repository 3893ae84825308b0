#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/mapping.hpp"
#include "cugamma/models/timeloop/problem.hpp"

namespace cugamma::timeloop {

/// The factors that a dimension may have at one place. Fixed: low = high.
struct factor_range {
  std::int64_t low = 1;
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
  friend bool operator==(const factor_range&, const factor_range&) = default;
};

/// What a mapping may put into the temporal loops of a level or into its spatial ones.
struct loop_constraint {
  std::array<factor_range, max_dimensions> factors{};  ///< of each dimension of the problem
  /// Dimensions whose loops are the innermost ones, in this order. Loops of bound 1 do not exist.
  std::vector<std::uint8_t> innermost;
  /// Dimensions whose loops are the outermost ones; the last of them is the outermost.
  std::vector<std::uint8_t> outermost;
  friend bool operator==(const loop_constraint&, const loop_constraint&) = default;
};

struct level_constraint {
  loop_constraint temporal;
  loop_constraint spatial;
  std::optional<int> split;  ///< level_loops::split, if it is fixed
  std::uint8_t keep = 0;     ///< bit t: tensor t is kept here
  std::uint8_t bypass = 0;   ///< bit t: tensor t is not kept here; in neither: free
  friend bool operator==(const level_constraint&, const level_constraint&) = default;
};

/// What Timeloop's architecture and mapspace constraints leave of a problem's mappings.
struct constraints {
  std::vector<level_constraint> levels;  ///< the innermost first
  /// Least product over all levels of spatial factors over fan-out.
  double min_parallelism = 0;
  friend bool operator==(const constraints&, const constraints&) = default;
};

/// No constraint but the one that Timeloop always has: the outermost level keeps every tensor.
constraints no_constraints(const architecture& a, const problem& p);

/// The first constraint that a mapping breaks, in words; none: it keeps all. precondition: levels
/// of mapping, architecture and constraints are equal in number
std::optional<std::string> broken_constraint(const constraints& c,
                                             const architecture& a,
                                             const problem& p,
                                             const mapping& m);

/// What Timeloop's mapper minimises.
enum class metric : std::uint8_t { edp, energy, delay, last_level_accesses, accesses };

struct mapper_metric {
  metric what = metric::edp;
  int level = 0;  ///< of metric::accesses
  friend bool operator==(const mapper_metric&, const mapper_metric&) = default;
};

/// Settings of Timeloop's mapper that a search of ours has too.
struct mapper_settings {
  std::vector<mapper_metric> metrics{{}};  ///< compared in this order
  std::int64_t search_size = 0;            ///< valid mappings; 0: no limit
  std::int64_t timeout = 1000;             ///< rejected mappings in a row; 0: no limit
  std::int64_t victory_condition = 500;    ///< valid mappings without a better one; 0: no limit
  friend bool operator==(const mapper_settings&, const mapper_settings&) = default;
};

}  // namespace cugamma::timeloop
