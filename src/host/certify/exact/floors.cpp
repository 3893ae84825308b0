#include "certify/exact/floors.hpp"

#include <algorithm>
#include <cmath>

#include "certify/busiest_pe.hpp"
#include "models/exact/energy.hpp"
#include "models/exact/figures.hpp"

namespace cugamma::exact {
namespace {

double floor_of_energy_nj(const question& q, const search_space& space) {
  const tensor_counts touched = touched_elements(q.target);
  const auto in = static_cast<double>(touched.input + touched.filter);
  const auto out = static_cast<double>(touched.output);
  const auto macs = static_cast<double>(layer_macs(q.target));
  const activity<double> done{macs,
                              4 * macs + in,
                              2 * in + 2 * out,
                              2 * (in + out) * (space.levels_min - 1),
                              static_cast<double>(touched.sum())};
  return energy_nj(done, q.cluster_weight, q.machine.constants);
}

}  // namespace

double floor_of_cycles(const question& q, const search_space& space) {
  const double macs = least_macs_of_busiest_pe(space, [](int, int, std::int64_t sub_clusters) {
    return ratio{sub_clusters, 1};
  });
  const double work = std::ceil(macs / static_cast<double>(q.machine.simd_lanes));
  return std::max(work + q.start_cycles * space.levels_min, q.transfer_cycles);
}

double floor_of(const question& q, const search_space& space) {
  if (!q.has_energy) return floor_of_cycles(q, space);
  const double nj = floor_of_energy_nj(q, space);
  return q.has_cycles ? nj * floor_of_cycles(q, space) : nj;
}

}  // namespace cugamma::exact
