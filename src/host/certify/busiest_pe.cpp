#include "certify/busiest_pe.hpp"

#include <algorithm>
#include <array>

namespace cugamma {
namespace {

/// Shares PEs out over the parallel dimensions of the levels, in all ways.
class busiest_pe {
 public:
  busiest_pe(const search_space& s, const level_speed& speed) : space_(s), speed_(speed) {}

  double least() {
    least_ = work();
    share_out(0, space_.pes_max);
    return least_;
  }

 private:
  void share_out(int level, std::int32_t pes) {
    const bool is_last = level + 1 == space_.levels_max;
    const level_rule& rule = space_.levels[static_cast<std::size_t>(level)];
    for (int d = 0; d < gene_dimension_count; ++d) {
      if (!contains(rule.parallel, d)) continue;
      ratio& fast = speeds_[static_cast<std::size_t>(d)];
      const ratio before = fast;
      for (std::int32_t n = is_last ? pes : 1; n <= pes; ++n) {
        const ratio own = speed_(level, d, n);
        fast = {before.above * own.above, before.below * own.below};
        if (is_last) {
          least_ = std::min(least_, work());
        } else {
          share_out(level + 1, pes / n);
        }
      }
      fast = before;
    }
  }

  double work() const {
    double macs = 1;
    for (std::size_t d = 0; d < gene_dimension_count; ++d) {
      const ratio& fast = speeds_[d];
      macs *= static_cast<double>((space_.bound[d] * fast.below + fast.above - 1) / fast.above);
    }
    return macs;
  }

  const search_space& space_;
  const level_speed& speed_;
  std::array<ratio, gene_dimension_count> speeds_;
  double least_ = 0;
};

}  // namespace

double least_macs_of_busiest_pe(const search_space& space, const level_speed& speed) {
  return busiest_pe(space, speed).least();
}

}  // namespace cugamma
