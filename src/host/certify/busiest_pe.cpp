#include "certify/busiest_pe.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace cugamma {
namespace {

/// Shares PEs out over the parallel dimensions of the levels, in all ways.
class busiest_pe {
 public:
  busiest_pe(const search_space& s, const level_speed& speed) : space_(s), speed_(speed) {}

  double least() {
    least_ = work();
    share_out(std::span(space_.levels).first(static_cast<std::size_t>(space_.levels_max)),
              space_.pes_max);
    return least_;
  }

 private:
  /// levels: those that are left
  void share_out(std::span<const level_rule> levels, std::int32_t pes) {
    const bool is_last = levels.size() == 1;
    const int level = space_.levels_max - static_cast<int>(levels.size());
    for (int d = 0; d < gene_dimension_count; ++d) {
      if (!contains(levels.front().parallel, d)) continue;
      ratio& fast = speeds_[static_cast<std::size_t>(d)];
      const ratio before = fast;
      for (std::int32_t n = is_last ? pes : 1; n <= pes; ++n) {
        const ratio own = speed_(level, d, n);
        fast = {before.above * own.above, before.below * own.below};
        if (is_last) {
          least_ = std::min(least_, work());
        } else {
          share_out(levels.subspan(1), pes / n);
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
