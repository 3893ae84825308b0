#pragma once

#include <utility>
#include <vector>

#include "certify/exact/bounds/inner_floor.hpp"
#include "certify/exact/lists/fill_lists.hpp"

namespace cugamma::exact {

/// Ranges that together hold the tiles of PEs of every mapping.
std::vector<inner_range> root_ranges(const question& q);

/// Floors of level 1 over all tiles; infinite where there is no range.
root_floors floors_of_roots(const question& q);

/// Takes from a range tiles that do not fit L1 and numbers of PEs that cannot all have tiles. False
/// if nothing is left.
bool tighten(const question& q, inner_range& r);

/// The two halves of a range that has more than one element.
std::pair<inner_range, inner_range> halves(const inner_range& r);

/// The smallest tile of level 0 that such tiles of PEs leave for a dimension.
std::int32_t least_outer_tile(const inner_range& r, int d);

/// Extents that the first of so many PEs has at least of the whole inner parallel dimension.
/// precondition: r.parallel is one
double least_share(const question& q, const inner_range& r, std::int32_t units);

/// Level 0's least energy over all vectors whose tiles are no smaller than given ones, raised by
/// the part that a vector's mappings take longer than PEs that share out all work: what ties the
/// tiles of PEs to those above (docs/certify-exact.md, B2 and B7).
class least_table {
 public:
  /// floors: of all tiles of PEs; best: vectors left out of the lists are part of nothing below.
  least_table(const question& q,
              const class_grid& grid,
              const std::vector<top_list>& lists,
              const root_floors& floors,
              double best,
              int threads);

  /// No mapping of the range has a lower value; infinite if none may be better than the best known
  /// when the lists were made.
  double bound(const inner_range& r, const four_floors& floors) const;

 private:
  using energies = std::vector<float>;  ///< the least, by classes

  /// Lists with at most so many sub-clusters.
  struct group {
    std::int32_t units = 1;
    std::vector<const top_list*> lists;
    /// By inner parallel dimension; energies that no cycles raise are the same for all, and
    /// those of nothing_parallel.
    std::array<std::array<energies, floor_count>, free_dims + 1> least;
    /// Without shares, of vectors in which the inner parallel dimension makes two steps; by that
    /// dimension, empty where nothing is better than the best known.
    std::array<energies, free_dims + 1> of_two_steps;
  };

  std::size_t place(const std::array<std::size_t, free_dims>& classes) const;
  bool may_be_better(const group& g, int inner) const;
  void fill(int inner, group& g) const;
  int raised_by(int inner) const { return q_.has_cycles ? inner : nothing_parallel; }
  double waiting_part(const top_list& list, const top_vector& v, int inner, const group& g) const;
  void spread(energies& table) const;
  double least_energy(const group& g, const inner_range& r, const four_floors& floors) const;
  double least_work(const group& g, const inner_range& r) const;

  const question& q_;
  const class_grid& grid_;
  root_floors floors_;
  double best_;
  double fixed_;  ///< energy of every mapping; of latency 1
  double work_;   ///< cycles of one PE
  std::array<std::size_t, free_dims> count_{};
  std::size_t places_ = 1;
  std::vector<group> groups_;  ///< by units
};

}  // namespace cugamma::exact
