#pragma once

#include <atomic>

#include "certify/exact/question.hpp"
#include "certify/exact/terms/mapping_energy.hpp"
#include "certify/proof.hpp"

namespace cugamma::exact {

/// The best value known. Where mappings may wait for a NoC, values of the proofs are those without
/// waiting, so that the best of these lies below the best of a mapping.
class incumbent {
 public:
  incumbent(const question& q, proof& p) : question_(q), proof_(p), best_(p.upper()) {}

  double best() const { return best_.load(std::memory_order_relaxed); }

  /// Whether a mapping of at least this value may be as good as the best known, rounding apart.
  bool may_reach(double value) const { return value * (1 - question_.rounding) <= best(); }

  /// A mapping but for its loop orders: takes the best of these, if it is better than the best
  /// known.
  void offer(point p, const four_terms& t, const open_energy& e, double cycles);

 private:
  void take(const genome& g, double value);
  void lower_to(double value);

  const question& question_;
  proof& proof_;
  std::atomic<double> best_;
};

}  // namespace cugamma::exact
