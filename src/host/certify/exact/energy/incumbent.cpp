#include "certify/exact/energy/incumbent.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

#include "certify/exact/energy/distinct_orders.hpp"
#include "models/exact/energy.hpp"
#include "models/exact/figures.hpp"
#include "models/two_level/decode.hpp"

namespace cugamma::exact {
namespace {

/// The loop orders of a level in which as much stays in place as can, rounding apart; one of those
/// that differ in loops of one step alone. several: the dimensions of several steps, as bits.
std::vector<four_dims> best_orders(const stay_table& stays,
                                   const order_choice& orders,
                                   double slack,
                                   unsigned several) {
  const double most = most_staying(stays, orders);
  std::uint32_t best = 0;
  for (std::size_t i = 0; i < orders.allowed.size(); ++i) {
    if (staying(stays, orders.allowed[i]) >= most - slack) best |= 1u << i;
  }
  std::vector<four_dims> all;
  for (std::uint32_t left = distinct_orders(orders.allowed, best, several); left != 0;
       left &= left - 1) {
    all.push_back(orders.allowed[static_cast<std::size_t>(std::countr_zero(left))]);
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

std::uint64_t incumbent::offer(point p, const four_terms& t, const open_price& price) {
  for (std::size_t d = 0; d < free_dims; ++d) p.tile[0][d] = t[d]->tile;
  if (waiting_ != nullptr) return offer_to_pricer(p, price);
  const open_energy& e = price.energy();
  const double slack = question_.rounding * (question_.fixed_energy + e.most);
  const std::array<unsigned, 2> several = dimensions_of_several_steps(question_, p);
  const auto inners = best_orders(e.inner, question_.orders[1], slack, several[1]);
  for (const four_dims& outer : best_orders(e.outer, question_.orders[0], slack, several[0])) {
    const double cycles = price.cycles_in(outer);
    for (const four_dims& inner : inners) {
      p.order = {outer, inner};
      const std::optional<genome> g = genome_of(question_, p);
      if (!g) return 0;
      take(*g, closed_value(question_, *g, cycles));
    }
  }
  return 0;
}

/// Cycles depend on the orders of both levels.
std::uint64_t incumbent::offer_to_pricer(const point& p, const open_price& price) {
  const std::vector<four_dims>& orders = question_.orders[0].allowed;
  std::uint32_t left = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const double value = price.least_in(orders[i]);
    if (!may_improve(value)) continue;
    left |= 1u << i;
    least = std::min(least, value);
  }
  return left == 0 ? 0 : waiting_->add(p, left, least * (1 - question_.rounding));
}

void incumbent::flush() {
  if (waiting_ != nullptr) waiting_->flush();
}

double incumbent::unpriced() const {
  return waiting_ != nullptr ? waiting_->bound() : std::numeric_limits<double>::infinity();
}

void incumbent::take(const genome& g, double value) {
  if (value < best()) proof_.offer(g, price_of(question_, g));
}

}  // namespace cugamma::exact
