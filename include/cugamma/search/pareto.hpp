#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cugamma/evaluate/objective.hpp"
#include "cugamma/hd.hpp"

namespace cugamma {

/// What one mapping is worth, objective by objective, all to be minimised; 0 beyond their number.
using objective_values = std::array<double, max_objectives>;

/// Most objectives that a front can have.
inline constexpr int max_front_objectives = 3;

/// Whether a is nowhere above b and somewhere below it.
CUGAMMA_HD constexpr bool dominates(const objective_values& a, const objective_values& b) {
  bool is_better = false;
  for (int i = 0; i < max_objectives; ++i) {
    if (a[i] > b[i]) return false;
    is_better = is_better || a[i] < b[i];
  }
  return is_better;
}

/// The points that no other one dominates, as indices in the order of their values; of equal points
/// the first. O(n log n). precondition: finite, at most max_front_objectives of them in use
std::vector<std::uint32_t> undominated(std::span<const objective_values> points);

/// For every point the front that it is in: 0 if none dominates it, else one more than the largest
/// of those that do (Deb et al., NSGA-II, 2002). Equal points share a front. O(n log^2 n), after
/// Zhang et al., ENS, 2015. precondition: see undominated
std::vector<std::uint32_t> front_numbers(std::span<const objective_values> points);

/// For every point of one front how far its neighbours are apart, summed over the objectives, each
/// in units of its range; infinite at the ends (NSGA-II's crowding distance).
std::vector<double> crowding_distances(std::span<const objective_values> points, int objectives);

/// Points of one front, as rising indices, of which the others are left out: as many as the
/// capacity, those with the most room around them (crowding_distances), the ends always.
std::vector<std::uint32_t> thinned(std::span<const objective_values> points,
                                   int objectives,
                                   std::size_t capacity);

/// The volume of all that some point dominates and the reference does not: the union of the boxes
/// from each point to the reference. Points that are not below the reference in every objective
/// add nothing. Exact but for rounding, O(n log n). precondition: 2 or 3 objectives
double hypervolume(std::span<const objective_values> points,
                   int objectives,
                   const objective_values& reference);

/// The same with each objective in units of the reference's, as pareto_front has it.
double hypervolume_share(std::span<const objective_values> points,
                         int objectives,
                         const objective_values& reference);

}  // namespace cugamma
