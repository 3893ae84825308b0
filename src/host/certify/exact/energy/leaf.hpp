#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "certify/exact/bounds/inner_floor.hpp"
#include "certify/exact/bounds/start_floor.hpp"
#include "certify/exact/bounds/vector_bounder.hpp"
#include "certify/exact/energy/incumbent.hpp"
#include "certify/exact/lists/numbered_lists.hpp"
#include "certify/exact/records.hpp"
#include "certify/exact/terms/tile_choices.hpp"

namespace cugamma::exact {

/// Tiles of level 0 of dimensions that are not parallel, kept for every tile of PEs that asks.
class plain_choices {
 public:
  plain_choices(const question& q, const class_grid& grid);
  const tile_list& of(int d, std::uint16_t index, std::int32_t inner_tile);

 private:
  using of_classes = std::vector<std::optional<tile_list>>;

  const question& q_;
  const class_grid& grid_;
  std::array<std::vector<of_classes>, free_dims> kept_;  ///< by dimension and tile of PEs
};

/// Opens tiles of PEs: prices every mapping above them that no bound settles.
class leaf_opener {
 public:
  leaf_opener(const question& q,
              const class_grid& grid,
              const numbered_lists& lists,
              incumbent& best,
              std::function<bool()> is_over);

  /// Those of the vectors that may be part of a mapping of the range below the target; nothing if
  /// it did not come to the end.
  std::optional<candidates> left_of(const inner_range& r, const candidates& c);

  /// What it found; nothing if it did not come to the end. precondition: is_leaf(q, r)
  std::optional<leaf_findings> open(const inner_range& r, const candidates& c);

 private:
  /// Tiles of PEs and the bounds that follow.
  struct leaf {
    leaf(const question& q, const inner_range& r);
    inner_range range;
    four_floors floors;
    std::optional<start_floors> starts;  ///< where the tiles are single
    double inner_busy = 1;  ///< least extents of the busiest PE along the inner parallel dimension
    std::map<std::pair<std::uint16_t, fill_rule>, tile_list> choices;
  };

  const std::array<double, free_dims + 1>& others_of(const top_list& list) const;
  bool has(const leaf& l, const top_list& list) const;
  bool has(const leaf& l, const top_vector& v) const;
  double bound(const leaf& l, const top_list& list, const top_vector& v);
  double with_starts(const leaf& l,
                     const top_list& list,
                     const top_vector& v,
                     const vectors::bounds& found,
                     std::size_t i) const;
  double energy_of_starts(const leaf& l, const top_list& list, const top_vector& v) const;
  void open_vector(const top_list& list, const top_vector& v);
  void open_vector(leaf& l, const top_list& list, const top_vector& v);
  void choose_under(leaf& l, const top_list& list, const top_vector& v);
  void choose_under(leaf& l, const top_list& list, const top_vector& v, fill_rule rule);
  std::vector<dimension_terms> every_tile(const inner_range& r,
                                          int d,
                                          std::uint16_t index,
                                          fill_rule rule) const;
  const tile_list& inner_choices(leaf& l, std::uint16_t index, fill_rule rule);
  bool may_count(std::size_t d);
  void choose(const leaf& l, const top_list& list, std::size_t d);
  double reachable() const;
  double limit() const;
  bool fits_l2() const;
  void price(const leaf& l, const top_list& list);

  const question& q_;
  const class_grid& grid_;
  const numbered_lists& lists_;
  incumbent& best_;
  std::function<bool()> is_over_;
  stream_weights weights_;
  vector_bounder bounder_;
  plain_choices plain_;
  std::vector<std::array<double, free_dims + 1>> others_;  ///< by list; see others_of

  // What is being opened: several numbers of PEs together, then one by one.
  std::optional<leaf> together_;
  std::vector<std::optional<leaf>> single_;
  leaf_findings found_;

  // The vector at hand.
  tile_list outer_choice_;  ///< the list's own tile
  std::array<const tile_list*, free_dims> choices_{};
  four_terms chosen_{};
  bool is_reached_ = false;      ///< bounds of its mappings do not settle it
  bool has_every_tile_ = false;  ///< no tile is taken for superfluous
  std::array<tile_list, free_dims> every_tile_;
};

/// Whether the tiles of a range are so much alike that one bound of what starts wait for serves
/// all.
bool is_close(const inner_range& r);

/// Whether a range is opened, not halved: its tiles are single, and its numbers of PEs so close to
/// one another that one bound serves all of them.
bool is_leaf(const question& q, const inner_range& r);

}  // namespace cugamma::exact
