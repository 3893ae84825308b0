#include "certify/exact/bounds/vector_waits.hpp"

#include <algorithm>
#include <cmath>

namespace cugamma::exact {
namespace {

/// Its loop adds up outputs, but for depthwise layers, whose outputs it indexes.
constexpr int adding = core::C;

}  // namespace

double cycles_with_moves(const question& q,
                         const class_grid& grid,
                         const top_list& list,
                         const top_vector& v,
                         int inner,
                         double inner_busy) {
  double others = 1, longest = 1, all_steps = 1, adding_steps = 1, least = 1, inner_steps = 1;
  for (int d = 0; d < free_dims; ++d) {
    const bool is_listed = list.parallel == d;
    const double steps = is_listed ? list.steps : grid.of(at(d), v.classes[at(d)]).steps;
    const double extent = is_listed ? list.busy : q.size[at(d)];
    all_steps *= steps;
    if (d == adding) adding_steps = steps;
    if (d == inner) {
      inner_steps = steps;
      least = is_listed ? inner_busy / list.units : inner_busy;
    } else {
      others *= extent;
      longest *= steps == 1 ? extent : std::floor((extent - 1) / (steps - 1));
    }
  }
  const double lanes = static_cast<double>(q.machine.simd_lanes);
  const double delay = std::min(q.start_cycles, 1.0) - 1;
  const double per_step = std::max(inner_steps - 1, 1.0);
  const double step = inner_steps == 1 ? least : (least - 1) / per_step;
  // The more the busiest PE has along the inner parallel dimension, the more it works and hides.
  const auto leaving = [&](double cycles, double count, const waited_for& first) {
    const double work = longest * step * q.shape.filter / lanes;
    const double hidden = count * (q.start_cycles - delay + work) + (lanes > 1 ? 1 : 0);
    const double worked = inner == nothing_parallel ? 1 : others * per_step / (count * longest);
    waited_for w = first;
    w.cycles = std::max(cycles - hidden, 0.0) * std::min(1.0, worked);
    return q.cycles(others * least, all_steps, w);
  };
  double bound = leaving(v.moved.out - q.start_cycles, all_steps, {});
  double out = v.moved.out;
  if (!q.shape.is_depthwise && adding_steps > 1) {
    const waited_for first{.first = v.first};
    bound = std::min(bound, leaving(v.moved.out_added, all_steps / adding_steps, first));
    out = std::min<double>(out, v.moved.out_added);
  }
  return std::max({bound, v.moved.in + delay * all_steps, out + delay * all_steps});
}

}  // namespace cugamma::exact
