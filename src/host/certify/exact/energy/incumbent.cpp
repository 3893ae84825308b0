#include "certify/exact/energy/incumbent.hpp"

#include <algorithm>
#include <vector>

#include "models/exact/energy.hpp"
#include "models/exact/figures.hpp"
#include "models/two_level/decode.hpp"

namespace cugamma::exact {
namespace {

/// The loop orders of a level in which as much stays in place as can, rounding apart.
std::vector<four_dims> best_orders(const stay_table& stays,
                                   const order_choice& orders,
                                   double slack) {
  const double most = most_staying(stays, orders);
  std::vector<four_dims> all;
  for (const four_dims& order : orders.allowed) {
    if (staying(stays, order) >= most - slack) all.push_back(order);
  }
  return all;
}

/// The goal's value as the model computes it, where no step waits for a NoC.
double closed_value(const question& q, const genome& g, double cycles) {
  core::two_level_genes<std::int64_t> genes;
  core::decode(g, core::make_gene_context(q.target), q.machine.num_pes, genes);
  const auto f = closed_form(genes,
                             make_closed_layer<std::int64_t>(q.target),
                             make_closed_accelerator<std::int64_t>(q.machine));
  const double macs = static_cast<double>(layer_macs(q.target));
  const tensor_counts touched = touched_elements(q.target);
  const activity<double> done{macs,
                              4 * macs + static_cast<double>(f.l1_fills),
                              static_cast<double>(touched.input + touched.filter + f.l2_traffic),
                              static_cast<double>(f.cluster_traffic),
                              static_cast<double>(touched.sum())};
  const double nj = energy_nj(done, q.cluster_weight, q.machine.constants);
  return q.has_cycles ? nj * cycles : nj;
}

}  // namespace

void incumbent::offer(point p, const four_terms& t, const open_price& price) {
  for (std::size_t d = 0; d < free_dims; ++d) p.tile[0][d] = t[d]->tile;
  const open_energy& e = price.energy();
  const double slack = question_.rounding * (question_.fixed_energy + e.most);
  for (const four_dims& outer : outer_orders(price, slack)) {
    const double cycles = price.cycles_in(outer);
    for (const four_dims& inner : best_orders(e.inner, question_.orders[1], slack)) {
      p.order = {outer, inner};
      const std::optional<genome> g = genome_of(question_, p);
      if (!g) return;
      take(*g, closed_value(question_, *g, cycles));
    }
  }
}

/// Loop orders of level 0 that may be the best: cycles may depend on them where mappings may wait.
std::vector<four_dims> incumbent::outer_orders(const open_price& price, double slack) const {
  const order_choice& orders = question_.orders[0];
  if (question_.has_exact_cycles || !question_.has_cycles) {
    return best_orders(price.energy().outer, orders, slack);
  }
  std::vector<four_dims> all;
  for (const four_dims& order : orders.allowed) {
    if (may_improve(price.least_in(order))) all.push_back(order);
  }
  return all;
}

void incumbent::take(const genome& g, double value) {
  if (!(value < best())) return;
  const double priced = price_of(question_, g);
  if (question_.has_exact_cycles || !question_.has_cycles) value = priced;
  lower_to(value);
  proof_.offer(g, priced);
}

void incumbent::lower_to(double value) {
  double known = best();
  while (value < known && !best_.compare_exchange_weak(known, value)) {
  }
}

}  // namespace cugamma::exact
