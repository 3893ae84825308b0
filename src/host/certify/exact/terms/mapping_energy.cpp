#include "certify/exact/terms/mapping_energy.hpp"

namespace cugamma::exact {
namespace {

/// Which of a dimension's sums go into a product; see docs/exact-model.md "Relations".
struct outer_choice {
  static order_factors factors(const dimension_terms& t, std::size_t s) {
    return {t.outer[s].restarts, t.outer[s].same};
  }
  static double moving(const dimension_terms& t, std::size_t s) { return t.outer[s].moves; }
};

/// Level 1, in the first steps of its starts: level 0's loops turned.
struct start_choice {
  static order_factors factors(const dimension_terms& t, std::size_t s) {
    return {t.inner[s].outer_restarts, t.inner[s].restarts};
  }
  static double moving(const dimension_terms& t, std::size_t s) { return t.inner[s].outer_moves; }
};

struct inner_choice {
  static order_factors factors(const dimension_terms& t, std::size_t s) {
    return {t.inner[s].restarts, t.inner[s].same};
  }
  static double moving(const dimension_terms& t, std::size_t s) { return t.inner[s].moves; }
};

template <class Choice>
void add_stream(stay_table& stays, const four_terms& t, std::size_t s, double weight) {
  if (weight == 0) return;
  std::array<order_factors, free_dims> factors;
  for (std::size_t d = 0; d < free_dims; ++d) factors[d] = Choice::factors(*t[d], s);
  for (int d = 0; d < free_dims; ++d) {
    if ((movers_of[s] >> d & 1) == 0) continue;
    const auto at = static_cast<std::size_t>(d);
    const double moving = Choice::moving(*t[at], s);
    if (moving != 0) add_products(stays[at], d, weight * moving, factors);
  }
}

}  // namespace

stream_weights weights_of(const question& q) {
  const double filter = q.shape.filter;
  return {{q.l2_weight,
           q.cluster_weight,
           q.l2_weight * filter,
           q.cluster_weight * filter,
           2 * q.l2_weight},
          {q.cluster_weight,
           q.l1_weight,
           q.cluster_weight * filter,
           q.l1_weight * filter,
           2 * q.cluster_weight}};
}

open_energy open_energy_of(const stream_weights& w, const four_terms& t) {
  open_energy e;
  for (std::size_t s = 0; s < stream_count; ++s) {
    double outer = w.outer[s], inner = w.inner[s];
    for (const dimension_terms* of : t) {
      outer *= of->outer[s].same;
      inner *= of->inner[s].same;
    }
    e.most += outer + inner;
    add_stream<outer_choice>(e.outer, t, s, w.outer[s]);
    add_stream<start_choice>(e.outer, t, s, w.inner[s]);
    add_stream<inner_choice>(e.inner, t, s, w.inner[s]);
  }
  return e;
}

}  // namespace cugamma::exact
