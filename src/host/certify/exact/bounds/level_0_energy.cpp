#include "certify/exact/bounds/level_0_energy.hpp"

#include "models/exact/figures.hpp"

namespace cugamma::exact {
namespace {

using four_outer_terms = std::array<const outer_terms*, free_dims>;

}  // namespace

double add_stream(const four_outer_terms& t, std::size_t s, double weight, stay_table& stays) {
  std::array<order_factors, free_dims> factors;
  double most = weight;
  for (std::size_t d = 0; d < free_dims; ++d) {
    const outer_sums<double>& sums = (*t[d])[s];
    factors[d] = {sums.restarts, sums.same};
    most *= sums.same;
  }
  for (int d = 0; d < free_dims; ++d) {
    if ((movers_of[s] >> d & 1) == 0) continue;
    const auto at = static_cast<std::size_t>(d);
    const double moving = (*t[at])[s].moves;
    if (moving != 0) add_products(stays[at], d, weight * moving, factors);
  }
  return most;
}

level_0_energy::level_0_energy(const question& q) : orders_(q.orders[0]), weights_(weights_of(q)) {
  for (const floor_kind kind : {no_share, input_share, filter_share, output_share}) {
    share_[kind] = share_weight(q, kind);
  }
  const tensor_counts touched = touched_elements(q.target);
  constexpr double less = 1 - 1e-9;
  compulsory_ = less * ((q.l2_weight + q.cluster_weight) *
                            static_cast<double>(touched.input + touched.filter) +
                        2 * q.l2_weight * static_cast<double>(touched.output));
}

four_floors level_0_energy::least(const four_outer_terms& t) const {
  stay_table base{};
  double most = 0;
  for (std::size_t s = 0; s < stream_count; ++s) {
    if (weights_.outer[s] != 0) most += add_stream(t, s, weights_.outer[s], base);
  }
  four_floors all{};
  all[no_share] = most - most_staying(base, orders_);
  constexpr std::array<stream, floor_count> shared = {outputs, input_fills, filter_fills, outputs};
  for (const floor_kind kind : {input_share, filter_share, output_share}) {
    if (share_[kind] == 0) {
      all[kind] = all[no_share];
      continue;
    }
    stay_table stays = base;
    const double more = add_stream(t, shared[kind], share_[kind], stays);
    all[kind] = most + more - most_staying(stays, orders_);
  }
  return all;
}

}  // namespace cugamma::exact
