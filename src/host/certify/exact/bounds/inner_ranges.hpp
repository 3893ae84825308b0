#pragma once

#include <utility>
#include <vector>

#include "certify/exact/bounds/inner_floor.hpp"
#include "certify/exact/bounds/top_lists.hpp"

namespace cugamma::exact {

/// Ranges that together hold the tiles of PEs of every mapping.
std::vector<inner_range> root_ranges(const question& q);

/// Takes from a range tiles that do not fit L1 and numbers of PEs that cannot all have tiles. False
/// if nothing is left.
bool tighten(const question& q, inner_range& r);

/// The two halves of a range that has more than one element.
std::pair<inner_range, inner_range> halves(const inner_range& r);

/// The smallest tile of level 0 that such tiles of PEs leave for a dimension.
std::int32_t least_outer_tile(const inner_range& r, int d);

/// Level 0's least energy over all vectors whose tiles are no smaller than given ones: what ties
/// the tiles of PEs to those above.
class least_table {
 public:
  least_table(const question& q, const class_grid& grid, const std::vector<top_list>& lists);

  /// No mapping of the range has a lower value; infinite if none may be better than the best known
  /// when the lists were made.
  double bound(const inner_range& r, const four_floors& floors) const;

 private:
  /// Lists with at most so many sub-clusters.
  struct group {
    std::int32_t units = 1;
    /// Of what the busiest sub-cluster has of each parallel dimension (and of none), the least
    /// part.
    std::array<double, free_dims + 1> busy_part{};
    std::array<std::vector<float>, floor_count> least;
    /// The same without shares, of vectors in which a dimension makes two steps.
    std::array<std::vector<float>, free_dims> of_two_steps;
  };

  std::size_t place(const std::array<std::size_t, free_dims>& classes) const;
  void put(const top_list& list, group& g);
  void spread(group& g) const;
  void spread(std::vector<float>& table) const;
  double least_energy(const group& g, const inner_range& r, const four_floors& floors) const;
  double least_cycles_of(const group& g, const inner_range& r) const;

  const question& q_;
  const class_grid& grid_;
  std::array<std::size_t, free_dims> count_{};
  std::vector<group> groups_;  ///< by units
};

}  // namespace cugamma::exact
