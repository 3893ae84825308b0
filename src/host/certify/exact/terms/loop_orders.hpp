#pragma once

#include <algorithm>
#include <array>
#include <limits>

#include "certify/exact/question.hpp"

namespace cugamma::exact {

/// What stays in place when a dimension's loop goes on, weighed: by the set of dimensions outside
/// it (as bits). Sets with the dimension itself do not occur.
using stay_row = std::array<double, 1u << free_dims>;
using stay_table = std::array<stay_row, free_dims>;  ///< by dimension

/// Two factors of a dimension: where its loop is inside, and outside.
struct order_factors {
  double inside = 0;
  double outside = 0;
};

/// Adds a product over the dimensions to a row of a stay table: `moving` for the mover itself.
inline void add_products(stay_row& row,
                         int mover,
                         double moving,
                         const std::array<order_factors, free_dims>& of) {
  std::array<double, 1u << free_dims> product;
  std::array<unsigned, 8> sets{};
  product[0] = moving;
  std::size_t count = 1;
  for (int d = 0; d < free_dims; ++d) {
    if (d == mover) continue;
    const order_factors& f = of[static_cast<std::size_t>(d)];
    for (std::size_t i = 0; i < count; ++i) {
      product[count + i] = product[i] * f.outside;
      sets[count + i] = sets[i] | 1u << d;
      product[i] *= f.inside;
    }
    count *= 2;
  }
  for (std::size_t i = 0; i < count; ++i) row[sets[i]] += product[i];
}

/// What stays in place in the loop order that is best: the best last loop of each set of outermost
/// loops, set by set. better(a, b): the better one of two.
template <class Better>
double best_staying(const stay_table& stays, const Better& better) {
  std::array<double, 1u << free_dims> best{};
  for (unsigned set = 1; set < 1u << free_dims; ++set) {
    bool is_first = true;
    for (int d = 0; d < free_dims; ++d) {
      const unsigned outside = set & ~(1u << d);
      if (outside == set) continue;
      const double sum = best[outside] + stays[static_cast<std::size_t>(d)][outside];
      best[set] = is_first ? sum : better(best[set], sum);
      is_first = false;
    }
  }
  return best.back();
}

/// The most that stays in any loop order.
inline double most_staying(const stay_table& stays) {
  return best_staying(stays, [](double a, double b) { return std::max(a, b); });
}

/// What stays in place in one loop order.
inline double staying(const stay_table& stays, const four_dims& order) {
  double sum = 0;
  unsigned outside = 0;
  for (const int d : order) {
    sum += stays[static_cast<std::size_t>(d)][outside];
    outside |= 1u << d;
  }
  return sum;
}

/// The most that stays in any order of a choice.
inline double most_staying(const stay_table& stays, const order_choice& orders) {
  if (orders.is_any) return most_staying(stays);
  double most = 0;
  for (const four_dims& order : orders.allowed) most = std::max(most, staying(stays, order));
  return most;
}

/// The least that does.
inline double least_staying(const stay_table& stays, const order_choice& orders) {
  if (orders.is_any) return best_staying(stays, [](double a, double b) { return std::min(a, b); });
  double least = std::numeric_limits<double>::infinity();
  for (const four_dims& order : orders.allowed) least = std::min(least, staying(stays, order));
  return least;
}

}  // namespace cugamma::exact
