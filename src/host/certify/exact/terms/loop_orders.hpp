#pragma once

#include <algorithm>
#include <array>

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
/// loops, set by set. stays: as a stay_table, of numbers N; better(a, b): the better one of two.
template <class N, class Stays, class Better>
constexpr N best_staying(const Stays& stays, const Better& better) {
  N best[1u << free_dims];
  best[0] = N(0);
#pragma GCC unroll 16
  for (unsigned set = 1; set < 1u << free_dims; ++set) {
    bool is_first = true;
#pragma GCC unroll 4
    for (unsigned d = 0; d < free_dims; ++d) {
      if ((set >> d & 1) == 0) continue;
      const unsigned outside = set & ~(1u << d);
      const N sum = best[outside] + stays[d][outside];
      best[set] = is_first ? sum : better(best[set], sum);
      is_first = false;
    }
  }
  return best[(1u << free_dims) - 1];
}

/// What stays in place in one loop order, outermost first.
template <class N = double, class Stays, class Order>
constexpr N staying(const Stays& stays, const Order& order) {
  N sum(0);
  unsigned outside = 0;
  for (const int d : order) {
    sum = sum + stays[static_cast<std::size_t>(d)][outside];
    outside |= 1u << d;
  }
  return sum;
}

/// The most that stays in any order of a choice.
inline double most_staying(const stay_table& stays, const order_choice& orders) {
  if (orders.is_any) {
    return best_staying<double>(stays, [](double a, double b) { return std::max(a, b); });
  }
  double most = 0;
  for (const four_dims& order : orders.allowed) most = std::max(most, staying(stays, order));
  return most;
}

}  // namespace cugamma::exact
