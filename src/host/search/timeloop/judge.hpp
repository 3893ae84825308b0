#pragma once

#include <limits>

#include "cugamma/search/timeloop_search.hpp"

namespace cugamma::timeloop {

inline double value_of(const objective& o, const cost& c) {
  const auto cycles = static_cast<double>(c.cycles);
  switch (o.what) {
    case figure::edp:
      return c.energy_pj * cycles;
    case figure::latency:
      return cycles;
    case figure::energy:
      return c.energy_pj;
    case figure::utilization:
      return cycles;  // MACs over MAC instances over cycles
    case figure::accesses:
      return static_cast<double>(c.accesses[static_cast<std::size_t>(o.level)]);
  }
  return std::numeric_limits<double>::infinity();
}

/// Values of valid mappings.
class judge {
 public:
  judge(const architecture& a, const problem& p, const search_options& options);

  candidate judged(const genome& g, const cost& c) const;
  bool keeps_limits(const cost& c) const;

 private:
  const std::vector<objective>& objectives_;
  std::vector<objective_limit> limits_;  ///< of utilization as one of cycles
};

}  // namespace cugamma::timeloop
