#pragma once

#include <array>
#include <vector>

#include "certify/maestro/traffic.hpp"

/// The outer tiles of a dimension that is not parallel in the outer level. All tiles with the same
/// number of steps form a class: there the smallest tile moves the least and needs the least L2, so
/// a class has few candidates.
namespace cugamma::maestro_proof {

/// An outer tile that stands for its class or a part of it.
struct candidate {
  number steps = 1;
  number tile = 1;
  std::size_t step_class = 0;         ///< counted from 0, the fewest steps first
  number cycles = 1;                  ///< the dimension's factor of the runtime, the least
  number least_inner = 1;             ///< inner tile, where the dimension is not parallel inside
  std::vector<inner_choice> choices;  ///< where it is parallel inside
};

/// The classes of a dimension by their least tile.
struct step_class {
  number steps = 1;
  std::vector<number> tiles;  ///< all that the space allows, ascending
};

/// The candidates of all dimensions, parallel inside or not.
class candidate_lists {
 public:
  /// Incomplete if the proof is over before.
  candidate_lists(const facts& f, const proof& p);

  const std::vector<step_class>& classes(int d) const { return classes_[at(d)]; }
  /// Ascending in steps, then in tiles.
  const std::vector<candidate>& plain(int d) const { return plain_[at(d)]; }
  /// Of a dimension that is parallel inside, for a number of clusters (by index).
  const std::vector<candidate>& parallel(int d, std::size_t clusters) const {
    return parallel_[at(d)][clusters];
  }
  /// The fewest cycles of a dimension that is parallel inside alone; 0: it cannot be.
  number least_cycles(int d, std::size_t clusters) const { return least_[at(d)][clusters]; }

 private:
  static std::size_t at(int d) { return static_cast<std::size_t>(d); }

  std::array<std::vector<step_class>, free_dims> classes_;
  std::array<std::vector<candidate>, free_dims> plain_;
  std::array<std::vector<std::vector<candidate>>, free_dims> parallel_;
  std::array<std::vector<number>, free_dims> least_;
};

}  // namespace cugamma::maestro_proof
