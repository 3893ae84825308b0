#pragma once

#include "numbers/number.hpp"

namespace cugamma::core {

/// |counted - own| / own MACs in single precision, as every form of the model computes it; 0 where
/// the tile does not occur. precondition: own > 0
template <class N>
CUGAMMA_HD constexpr real_of<N> work_error(mask_of<N> occurs, N counted, N own) {
  const N off = select(occurs, max_of(counted - own, own - counted), N(0));
  return to_real(off) / to_real(own);
}

}  // namespace cugamma::core
