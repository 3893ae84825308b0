#include "certify/exact/question_numbers.hpp"

#include <algorithm>

namespace cugamma::exact {

question_numbers make_question_numbers(const question& q) {
  question_numbers v{};
  for (std::size_t i = 0; i < 2; ++i) {
    v.each[i] = q.shape.each[i];
    v.more[i] = q.shape.more[i];
  }
  v.filter = q.shape.filter;
  v.simd_lanes = static_cast<double>(q.machine.simd_lanes);
  v.start_cycles = q.start_cycles;
  v.transfer_cycles = q.transfer_cycles;
  v.bandwidth = static_cast<double>(q.machine.noc_bw);
  v.is_depthwise = q.shape.is_depthwise;
  v.has_energy = q.has_energy;
  v.has_cycles = q.has_cycles;
  v.waits = q.has_cycles && !q.has_exact_cycles;
  v.fixed_energy = q.fixed_energy;
  v.mac_energy_nj = q.machine.constants.mac_energy_nj;
  if (q.orders[0].is_any) return v;
  for (const four_dims& order : q.orders[0].allowed) {
    std::ranges::copy(order, v.orders[v.order_count++]);
  }
  return v;
}

}  // namespace cugamma::exact
