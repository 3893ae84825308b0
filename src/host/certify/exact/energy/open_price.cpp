#include "certify/exact/energy/open_price.hpp"

#include <algorithm>
#include <limits>

namespace cugamma::exact {

open_price::open_price(const question& q, const stream_weights& w, const four_terms& t)
    : q_(q), energy_(open_energy_of(w, t)) {
  if (q.has_cycles && !q.has_exact_cycles) {
    waits_.emplace(q, t, true);
    return;
  }
  double busy = 1, steps = 1;
  for (const dimension_terms* of : t) {
    busy *= of->busy;
    steps *= of->steps;
  }
  cycles_ = q.cycles(busy, steps);
}

double open_price::least() const {
  if (!waits_) return q_.value(q_.fixed_energy + energy_.least(q_), cycles_);
  double least = std::numeric_limits<double>::infinity();
  for (const four_dims& outer : q_.orders[0].allowed) least = std::min(least, least_in(outer));
  return least;
}

double open_price::least_in(const four_dims& outer) const {
  const double stays = staying(energy_.outer, outer) + most_staying(energy_.inner, q_.orders[1]);
  return q_.value(q_.fixed_energy + energy_.most - stays, cycles_in(outer));
}

}  // namespace cugamma::exact
