#include "models/lane_sets.hpp"

#include <hwy/highway.h>

namespace cugamma {

std::size_t usable_lane_sets() {
#if HWY_ARCH_X86_64
  const auto targets = hwy::SupportedTargets();
  if ((targets & HWY_AVX3) != 0) return 3;
  if ((targets & HWY_AVX2) != 0) return 2;
#endif
  return 1;
}

}  // namespace cugamma
