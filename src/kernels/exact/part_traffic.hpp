#pragma once

#include "cugamma/hd.hpp"
#include "device_number.hpp"

namespace cugamma::exact {

/// What energy takes of a mapping's traffic, or of a part of it, in elements.
struct part_traffic {
  device::number l1_fills;
  device::number l2_traffic;
  device::number cluster_traffic;

  CUGAMMA_HD friend constexpr part_traffic operator+(const part_traffic& a, const part_traffic& b) {
    return {a.l1_fills + b.l1_fills,
            a.l2_traffic + b.l2_traffic,
            a.cluster_traffic + b.cluster_traffic};
  }
};

}  // namespace cugamma::exact
