#pragma once

#include <cstdint>
#include <functional>

#include "certify/exact/energy/incumbent.hpp"

namespace cugamma::exact {

/// Looks for a good mapping: from a random one, changes one dimension, the parallel dimensions or
/// the cluster size as long as that is better.
void climb(const question& q,
           incumbent& best,
           std::uint64_t seed,
           const std::function<bool()>& is_over);

}  // namespace cugamma::exact
