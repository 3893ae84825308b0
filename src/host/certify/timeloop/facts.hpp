#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "certify/timeloop/splits.hpp"
#include "certify/timeloop/windows.hpp"
#include "cugamma/search/timeloop_search.hpp"
#include "models/timeloop/closed/tables.hpp"

namespace cugamma::timeloop::proving {

/// A tensor as bounds see it.
struct tensor_facts {
  bool is_output = false;
  std::size_t last_keeper = 0;  ///< the outermost level that keeps it
  std::vector<int> irrelevant;  ///< dimensions that do not index it
  double plain_words = 1;       ///< product of its plain axes: one dimension each, steps of 1
  double words = 1;             ///< of all its axes
  std::vector<window> windows;  ///< its other axes
  /// Of a dimension: its window; -1: irrelevant, -2: a plain axis.
  std::array<int, max_dimensions> window_of{};
};

inline constexpr int is_irrelevant = -1;
inline constexpr int is_plain = -2;

/// Energies of a level, per word of all instances.
struct level_prices {
  double read = 0, fill = 0, update = 0;
  double input_address = 0;   ///< of a read or fill of an input
  double output_address = 0;  ///< of an update or fill of the output
  double leak = 0;            ///< of an instance, a cycle
  double most_units = 1;      ///< columns x rows of its fan-out
};

/// The question, as the proof reads it: which mapping of a space has the least figure. Which level
/// keeps which tensor is given.
struct facts {
  architecture machine;
  problem work;
  constraints rules;
  figure goal = figure::edp;
  map_space space;
  closed::tables rows;
  std::vector<std::vector<split>> splits;  ///< by dimension
  std::vector<tensor_facts> tensors;
  std::array<level_prices, max_levels> prices{};
  std::vector<int> order;  ///< dimensions in the order in which their splits are chosen
  /// Products of factors of the dimensions that come later: of order[i] and on, ascending.
  std::vector<std::vector<double>> products;
  double macs = 0;

  std::size_t levels() const { return machine.levels.size(); }
  bool keeps(std::size_t level, std::size_t tensor) const {
    return (space.levels[level].keep >> tensor & 1) != 0;
  }
};

/// Why the optimum cannot be proved, as a sentence for people; nothing if it can.
std::optional<std::string> obstacle(const architecture& a, const problem& p, const constraints& c);

/// Throws input_error for what genomes cannot hold. precondition: no obstacle
facts facts_of(const architecture& a, const problem& p, const constraints& c, figure goal);

/// The splits that are chosen: of facts::order the first `count`. Of a dimension: the index of its
/// split, or -1.
struct choice {
  std::array<std::int32_t, max_dimensions> at{};
  int count = 0;
};
choice nothing_chosen();

}  // namespace cugamma::timeloop::proving
