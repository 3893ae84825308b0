#include "evaluate/timeloop/reference_cost.hpp"

#include "cugamma/models/timeloop/explain.hpp"
#include "models/timeloop/figures_cost.hpp"

namespace cugamma::timeloop {
namespace {

/// Whether a level takes more columns or rows than its own fan-out has, which Timeloop's mapper
/// looks at and its model does not.
cost beyond_fan_outs(const architecture& a, const problem& p, const mapping& m) {
  for (std::size_t b = 0; b < m.levels.size(); ++b) {
    const level_loops& l = m.levels[b];
    std::int64_t columns = 1, rows = 1;
    for (std::size_t i = 0; i < p.dimensions.size(); ++i) {
      (static_cast<int>(i) < l.split ? columns : rows) *= l.spatial[l.spatial_order[i]];
    }
    const fan_out fan = fan_out_of(a, static_cast<int>(b));
    cost c;
    c.at = static_cast<std::int8_t>(b);
    c.why = columns > fan.x ? rejection::fan_out_x
            : rows > fan.y  ? rejection::fan_out_y
                            : rejection::none;
    if (c.why != rejection::none) return c;
  }
  return {};
}

}  // namespace

cost reference_cost(const architecture& a, const problem& p, const mapping& m) {
  const figures f = explain(a, p, m);
  cost c;
  c.why = f.why;
  c.at = static_cast<std::int8_t>(f.at);
  if (f.why != rejection::none) return c;
  c = beyond_fan_outs(a, p, m);
  return c.why == rejection::none ? cost_of(f) : c;
}

}  // namespace cugamma::timeloop
