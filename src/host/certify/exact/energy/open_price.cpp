#include "certify/exact/energy/open_price.hpp"

#include <algorithm>
#include <limits>

namespace cugamma::exact {

open_price::open_price(const question& q,
                       const stream_weights& w,
                       const four_terms& t,
                       double limit)
    : q_(q),
      energy_(q.has_energy ? open_energy_of(w, t) : open_energy{}),
      limit_(limit),
      most_staying_inside_(most_staying(energy_.inner, q.orders[1])) {
  double busy = 1, steps = 1;
  four_sizes step;
  for (std::size_t d = 0; d < free_dims; ++d) {
    busy *= t[d]->busy;
    steps *= t[d]->steps;
    step[d] = t[d]->step;
  }
  cycles_ = q.cycles(busy, steps, {.first = q.waited_for_box(step)});
  const bool waits = q.has_cycles && !q.has_exact_cycles;
  if (waits && value_at(most_staying(energy_.outer, q.orders[0])) <= limit) {
    waits_.emplace(q, t, true);
  }
}

double open_price::least() const {
  if (!waits_) return value_at(most_staying(energy_.outer, q_.orders[0]));
  double least = std::numeric_limits<double>::infinity();
  for (const four_dims& outer : q_.orders[0].allowed) least = std::min(least, least_in(outer));
  return least;
}

double open_price::least_in(const four_dims& outer) const {
  const double stays = staying(energy_.outer, outer);
  const double hasty = value_at(stays);
  return waits_ && hasty <= limit_ ? value_at(stays, waits_->cycles(outer)) : hasty;
}

/// If this much stays in place at level 0.
double open_price::value_at(double stays, std::optional<double> cycles) const {
  const double energy = q_.fixed_energy + energy_.most - stays - most_staying_inside_;
  return q_.value(energy, cycles.value_or(cycles_));
}

}  // namespace cugamma::exact
