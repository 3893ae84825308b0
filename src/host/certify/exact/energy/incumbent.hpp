#pragma once

#include <algorithm>
#include <atomic>
#include <vector>

#include "certify/exact/energy/open_price.hpp"
#include "certify/exact/question.hpp"
#include "certify/proof.hpp"

namespace cugamma::exact {

/// The best value known. Where mappings may wait for a NoC, values of the proofs are bounds, so
/// that the best of these lies below the best of a mapping.
class incumbent {
 public:
  incumbent(const question& q, proof& p) : question_(q), proof_(p), best_(p.upper()) {}

  double best() const { return best_.load(std::memory_order_relaxed); }

  /// The lower bound to be proved: of the best value known, or as far below it as the gap that is
  /// asked for allows.
  double target() const { return std::min(best(), proof_.wanted()); }

  /// Whether a mapping of at least this value may be below the target, rounding apart; and whether
  /// it may be as good as the best known.
  bool may_reach(double value) const { return value * (1 - question_.rounding) <= target(); }
  bool may_improve(double value) const { return value * (1 - question_.rounding) <= best(); }

  /// A mapping but for its loop orders: takes the best of these, if it is better than the best
  /// known.
  void offer(point p, const four_terms& t, const open_price& price);

 private:
  std::vector<four_dims> outer_orders(const open_price& price, double slack) const;
  void take(const genome& g, double value);
  void lower_to(double value);

  const question& question_;
  proof& proof_;
  std::atomic<double> best_;
};

}  // namespace cugamma::exact
