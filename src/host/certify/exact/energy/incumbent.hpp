#pragma once

#include <algorithm>

#include "certify/exact/energy/open_price.hpp"
#include "certify/exact/energy/order_pricer.hpp"
#include "certify/exact/question.hpp"
#include "certify/proof.hpp"

namespace cugamma::exact {

/// The best value known.
class incumbent {
 public:
  /// waiting: prices mappings that may wait for a NoC; null where none does, or no cycles count.
  incumbent(const question& q, proof& p, order_pricer* waiting)
      : question_(q), proof_(p), waiting_(waiting) {}

  double best() const { return proof_.upper(); }

  /// The lower bound to be proved: of the best value known, or as far below it as the gap that is
  /// asked for allows.
  double target() const { return std::min(best(), proof_.wanted()); }

  /// Whether a mapping of at least this value may be below the target, rounding apart; and whether
  /// it may be as good as the best known.
  bool may_reach(double value) const { return value * (1 - question_.rounding) <= target(); }
  bool may_improve(double value) const { return value * (1 - question_.rounding) <= best(); }

  /// Whether values are those of mappings, not bounds of them.
  bool has_values() const { return waiting_ == nullptr; }

  /// A mapping but for its loop orders: takes the best of these, if it is better than the best
  /// known, now or (where mappings may wait) after flush(). Returns how many are to be priced then.
  std::uint64_t offer(point p, const four_terms& t, const open_price& price);

  /// Prices all mappings that were offered.
  void flush();
  /// No mapping that has been offered and not priced has a lower value; infinite if there is none.
  double unpriced() const;

 private:
  std::uint64_t offer_to_pricer(const point& p, const open_price& price);
  void take(const genome& g, double value);

  const question& question_;
  proof& proof_;
  order_pricer* waiting_;
};

}  // namespace cugamma::exact
