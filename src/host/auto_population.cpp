#include "cugamma/auto_population.hpp"

#include <algorithm>

namespace cugamma {

std::int64_t auto_population(const stop_rule& budget, bool runs_on_host) {
  constexpr std::int64_t smallest = 20;
  constexpr std::int64_t for_devices = 2000;
  constexpr std::int64_t generations = 20;
  if (runs_on_host) return smallest;
  return std::clamp(budget.evaluations / generations, smallest, for_devices);
}

}  // namespace cugamma
