#pragma once

#include <array>
#include <cstdint>

#include "models/timeloop/genome_bits.hpp"
#include "search/timeloop/map_space.hpp"

namespace cugamma::timeloop {

/// The place of a prime factor.
int place_of(const genome& g, int prime);
void put(genome& g, int prime, int place);

/// The order of the loops of a place, the innermost first.
dimension_order order_of(const genome& g, const genome_shape& shape, int place);
void set_order(genome& g, const genome_shape& shape, int place, const dimension_order& order);

/// The factors that a genome's primes make, with what they take of each level; kept up to date
/// while primes move.
class tiling {
 public:
  tiling(const genome& g, const map_space& space);

  std::int64_t factor(int place, int dimension) const { return factors_[place][dimension]; }

  /// Puts a genome's prime to a place if rules, fan-outs and capacities hold then; whether it did.
  bool move_if_fits(genome& g, int prime, int place);
  /// Puts it there, whether it fits or not.
  void move(genome& g, int prime, int place);

  /// The innermost level whose tiles exceed it; -1: none.
  int first_overflow(const genome& g) const;
  /// Whether the factors of a fan-out fit its columns and rows.
  bool fits_fan_out(const genome& g, int place) const;
  /// Whether the factors of a place keep its rules.
  bool keeps_rules(int place) const;
  bool is_valid(const genome& g) const;

 private:
  bool uses_enough_units() const;
  std::int64_t words(const genome& g, int level) const;

  const map_space* space_;
  std::array<per_dimension, max_places> factors_;
  std::array<per_dimension, max_levels> extents_;  ///< of the tile of each level
};

}  // namespace cugamma::timeloop
