#include "certify/exact/bounds/inner_floor.hpp"

#include <algorithm>
#include <limits>

namespace cugamma::exact {
namespace {

/// What one step of a group costs for each tensor.
struct step_cost {
  double input = 0;
  double filter = 0;
  double output = 0;
};

/// The extents of a group's tile, as real numbers; copies: PEs in it.
struct group_tile {
  std::array<double, free_dims> extent{};
  double copies = 1;
};

/// The share of the costs that is taken from the tiles, of input, filter and output.
constexpr std::array<std::array<double, 3>, floor_count> from_tiles = {
    {{1, 1, 1},
     {1 - share_of_level_0, 1, 1},
     {1, 1 - share_of_level_0, 1},
     {1, 1, 1 - share_of_level_0}}};

class step_costs {
 public:
  step_costs(const question& q, const inner_range& r) : q_(q), range_(r) {}

  /// The floors of one step: the cheapest of the loops that may go on before it.
  void add_step(const group_tile& g, double count, four_floors& sums) const {
    four_floors least;
    least.fill(std::numeric_limits<double>::infinity());
    bool moves = false;
    for (int mover = 0; mover < free_dims; ++mover) {
      if (!may_move(mover)) continue;
      moves = true;
      lower(cost(g, mover), least);
    }
    // Nothing moves: one step in all, before which nothing is there.
    if (!moves) lower(first_cost(g), least);
    for (std::size_t kind = 0; kind < floor_count; ++kind) sums[kind] += count * least[kind];
  }

 private:
  bool may_move(int d) const {
    const auto at = static_cast<std::size_t>(d);
    return range_.parallel == d ? q_.size[at] > 1 : range_.low[at] < q_.size[at];
  }

  static void lower(const step_cost& c, four_floors& least) {
    for (std::size_t kind = 0; kind < floor_count; ++kind) {
      const auto& part = from_tiles[kind];
      least[kind] =
          std::min(least[kind], part[0] * c.input + part[1] * c.filter + part[2] * c.output);
    }
  }

  /// New elements cost at least this if the loop of a dimension has gone on.
  step_cost cost(const group_tile& g, int mover) const {
    step_cost c;
    if (mover == core::K || mover == core::C) c.filter = filter_cost(g);
    if (mover == core::C) c.input = input_cost(g, true, true);
    if (mover == core::Y) c.input = input_cost(g, false, true);
    if (mover == core::X) c.input = input_cost(g, true, false);
    if (mover != core::C || q_.shape.is_depthwise) c.output = output_cost(g);
    return c;
  }

  step_cost first_cost(const group_tile& g) const {
    return {input_cost(g, true, true), filter_cost(g), output_cost(g)};
  }

  double filter_cost(const group_tile& g) const {
    const double elements = q_.shape.filter * g.extent[core::K] * g.extent[core::C];
    const bool is_copied = range_.parallel == core::Y || range_.parallel == core::X;
    return elements * (q_.l1_weight * (is_copied ? g.copies : 1) + q_.cluster_weight);
  }

  /// Rows or columns: those of the tile with its overlap, or the new ones alone.
  double axis(const group_tile& g, int d, bool has_overlap, double overlaps) const {
    const auto at = static_cast<std::size_t>(d - core::Y);
    return q_.shape.each[at] * g.extent[static_cast<std::size_t>(d)] +
           (has_overlap ? overlaps * q_.shape.more[at] : 0);
  }

  double input_cost(const group_tile& g, bool all_rows, bool all_columns) const {
    const double read =
        g.extent[core::C] * axis(g, core::Y, all_rows, 1) * axis(g, core::X, all_columns, 1);
    const double filled = g.extent[core::C] *
                          axis(g, core::Y, all_rows, range_.parallel == core::Y ? g.copies : 1) *
                          axis(g, core::X, all_columns, range_.parallel == core::X ? g.copies : 1) *
                          (range_.parallel == core::K ? g.copies : 1);
    return q_.l1_weight * filled + q_.cluster_weight * read;
  }

  double output_cost(const group_tile& g) const {
    const double channels = q_.shape.is_depthwise ? g.extent[core::C] : g.extent[core::K];
    return 2 * q_.cluster_weight * channels * g.extent[core::Y] * g.extent[core::X];
  }

  const question& q_;
  const inner_range& range_;
};

/// Full tiles of a dimension, and the rest.
struct partition {
  double full = 1;
  double count = 1;
  double rest = 0;
};

partition partition_of(std::int32_t size, std::int64_t tile) {
  const std::int64_t full = std::min<std::int64_t>(tile, size);
  return {static_cast<double>(full),
          static_cast<double>(size / full),
          static_cast<double>(size % full)};
}

}  // namespace

four_floors inner_floors(const question& q, const inner_range& r) {
  // Where reads of cluster buffers cost nothing, PEs are counted one by one.
  const bool by_groups = r.parallel != nothing_parallel && q.cluster_weight > 0;
  std::array<partition, free_dims> cuts;
  for (int d = 0; d < free_dims; ++d) {
    const auto at = static_cast<std::size_t>(d);
    const std::int64_t units = by_groups && r.parallel == d ? r.units_high : 1;
    cuts[at] = partition_of(q.size[at], r.high[at] * units);
  }
  const step_costs costs(q, r);
  four_floors sums{};
  for (unsigned corner = 0; corner < 1u << free_dims; ++corner) {
    group_tile g;
    double count = 1;
    for (std::size_t d = 0; d < free_dims; ++d) {
      const bool is_rest = (corner >> d & 1) != 0;
      g.extent[d] = is_rest ? cuts[d].rest : cuts[d].full;
      if (is_rest ? cuts[d].rest == 0 : cuts[d].count == 0) count = 0;
      if (!is_rest) count *= cuts[d].count;
    }
    if (count == 0) continue;
    if (by_groups) {
      const auto p = static_cast<std::size_t>(r.parallel);
      g.copies = g.extent[p] / r.high[p];
    }
    costs.add_step(g, count, sums);
  }
  return sums;
}

double share_weight(const question& q, floor_kind kind) {
  switch (kind) {
    case no_share:
      return 0;
    case input_share:
      return share_of_level_0 * (q.l1_weight + q.cluster_weight);
    case filter_share:
      return share_of_level_0 * (q.l1_weight + q.cluster_weight) * q.shape.filter;
    case output_share:
      return share_of_level_0 * 2 * q.cluster_weight;
  }
  return 0;
}

bool is_valid(const question& q, floor_kind kind, int inner_parallel, std::int32_t steps) {
  if (inner_parallel == nothing_parallel || kind == no_share || kind == output_share) return true;
  const bool is_axis = inner_parallel == core::Y || inner_parallel == core::X;
  if (kind == filter_share) return is_axis || steps != 2;
  if (is_axis && q.shape.more[static_cast<std::size_t>(inner_parallel - core::Y)] > 0) return false;
  return inner_parallel == core::K || steps != 2;
}

four_floors valid_floors(const question& q,
                         const four_floors& floors,
                         int inner_parallel,
                         bool makes_two) {
  constexpr std::int32_t many_steps = 3;
  four_floors valid = floors;
  for (const floor_kind kind : floor_kinds) {
    if (is_valid(q, kind, inner_parallel, makes_two ? 2 : many_steps)) continue;
    valid[kind] = -std::numeric_limits<double>::infinity();
  }
  return valid;
}

}  // namespace cugamma::exact
