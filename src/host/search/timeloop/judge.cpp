#include "search/timeloop/judge.hpp"

#include <algorithm>

namespace cugamma::timeloop {

judge::judge(const architecture& a, const problem& p, const search_options& options)
    : objectives_(options.objectives), limits_(options.limits) {
  for (objective_limit& limit : limits_) {
    if (limit.o.what != figure::utilization) continue;
    limit.bound =
        static_cast<double>(macs(p)) / (static_cast<double>(a.arithmetic.instances) * limit.bound);
  }
}

candidate judge::judged(const genome& g, const cost& c) const {
  candidate fresh{g, c, {}};
  for (std::size_t i = 0; i < objectives_.size(); ++i) {
    fresh.values[i] = value_of(objectives_[i], c);
  }
  return fresh;
}

bool judge::keeps_limits(const cost& c) const {
  return std::ranges::all_of(limits_, [&](const objective_limit& limit) {
    return value_of(limit.o, c) <= limit.bound;
  });
}

}  // namespace cugamma::timeloop
