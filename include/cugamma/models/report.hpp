#pragma once

#include <string_view>
#include <vector>

#include "cugamma/models/cost.hpp"
#include "cugamma/problem/accelerator.hpp"

namespace cugamma {

/// One figure that a cost model reports about a mapping.
struct report_column {
  std::string_view name;
  std::string_view unit;  ///< "cycles", "nJ", "elements", ...; "" for a ratio
  bool is_whole = false;  ///< always an integer
  /// The value where the cost of a legal mapping decides it; null: only the model's reference
  /// knows. `a` has the PEs of the mapping.
  double (*from_cost)(const cost& c, const accelerator& a) = nullptr;
};

/// Everything that a cost model says about one mapping.
struct report {
  cost figures;                ///< what a search reads
  std::vector<double> values;  ///< one a column of the model, in their order; empty if illegal
};

}  // namespace cugamma
