#include "cugamma/auto_population.hpp"

#include <algorithm>

namespace cugamma {

std::int64_t auto_population(const stop_rule& budget, belief trust, bool runs_on_host) {
  constexpr std::int64_t for_devices = 2000;
  constexpr std::int64_t generations = 20;
  const std::int64_t for_hosts = trust == belief::strict ? 64 : 32;
  if (runs_on_host) return for_hosts;
  return std::clamp(budget.evaluations / generations, for_hosts, for_devices);
}

}  // namespace cugamma
