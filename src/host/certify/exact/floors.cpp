#include "certify/exact/floors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "models/exact/energy.hpp"
#include "models/exact/figures.hpp"

namespace cugamma::exact {
namespace {

/// Shares PEs out over the parallel dimensions of the levels, in all ways.
class busiest_pe {
 public:
  explicit busiest_pe(const search_space& s) : space_(s) { units_.fill(1); }

  /// MACs of the PE that has most, at least.
  double least() {
    least_ = work();
    const auto levels = static_cast<std::size_t>(space_.levels_max);
    share_out(std::span(space_.levels).first(levels), space_.pes_max);
    return least_;
  }

 private:
  void share_out(std::span<const level_rule> levels, std::int32_t pes) {
    const bool is_last = levels.size() == 1;
    for (int d = 0; d < gene_dimension_count; ++d) {
      if (!contains(levels.front().parallel, d)) continue;
      std::int64_t& units = units_[static_cast<std::size_t>(d)];
      const std::int64_t before = units;
      for (std::int32_t n = is_last ? pes : 1; n <= pes; ++n) {
        units = before * n;
        if (is_last) {
          least_ = std::min(least_, work());
        } else {
          share_out(levels.subspan(1), pes / n);
        }
      }
      units = before;
    }
  }

  double work() const {
    double macs = 1;
    for (std::size_t d = 0; d < gene_dimension_count; ++d) {
      macs *= static_cast<double>((space_.bound[d] + units_[d] - 1) / units_[d]);
    }
    return macs;
  }

  const search_space& space_;
  std::array<std::int64_t, gene_dimension_count> units_{};  ///< that share out a dimension
  double least_ = 0;
};

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
  const double macs = busiest_pe(space).least();
  const double work = std::ceil(macs / static_cast<double>(q.machine.simd_lanes));
  return std::max(work + q.start_cycles * space.levels_min, q.transfer_cycles);
}

double floor_of(const question& q, const search_space& space) {
  if (!q.has_energy) return floor_of_cycles(q, space);
  const double nj = floor_of_energy_nj(q, space);
  return q.has_cycles ? nj * floor_of_cycles(q, space) : nj;
}

}  // namespace cugamma::exact
