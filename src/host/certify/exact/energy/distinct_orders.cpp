#include "certify/exact/energy/distinct_orders.hpp"

#include <algorithm>

namespace cugamma::exact {

std::array<unsigned, 2> dimensions_of_several_steps(const question& q, const point& p) {
  std::array<unsigned, 2> several{};
  for (std::size_t level = 0; level < 2; ++level) {
    for (int d = 0; d < free_dims; ++d) {
      const std::int32_t box = level == 0 ? q.size[at(d)] : p.tile[0][at(d)];
      const std::int32_t units = p.parallel[level] == d ? p.units[level] : 1;
      if (std::int64_t{p.tile[level][at(d)]} * units < box) several[level] |= 1u << d;
    }
  }
  return several;
}

std::uint32_t distinct_orders(const std::vector<four_dims>& orders,
                              std::uint32_t among,
                              unsigned several) {
  std::vector<std::uint32_t> seen;
  std::uint32_t kept = 0;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    if ((among >> i & 1) == 0) continue;
    std::uint32_t loops = 1;
    for (const int d : orders[i]) {
      if ((several >> d & 1) != 0) loops = loops << dimension_bits | static_cast<unsigned>(d);
    }
    if (std::ranges::find(seen, loops) != seen.end()) continue;
    seen.push_back(loops);
    kept |= 1u << i;
  }
  return kept;
}

}  // namespace cugamma::exact
