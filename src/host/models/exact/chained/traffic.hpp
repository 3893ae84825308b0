#pragma once

#include <cstdint>

#include "models/exact/chained/level_sums.hpp"
#include "models/exact/chained/nest.hpp"

/// What passes at each level of a nest that leaves the filter whole: products of the dimensions'
/// sums.
namespace cugamma::exact::chained {

/// Elements that pass between a level's sub-clusters and the buffer above.
struct passing {
  std::int64_t reads = 0;  ///< of input and filter: a multicast counts once
  std::int64_t fills = 0;  ///< each copy counts
  std::int64_t outputs = 0;
};

/// How rows and columns of the input follow from those of the output.
struct window_grids {
  row_grid<extent> of[2];
};

constexpr window_grids make_window_grids(const layer& l) {
  const auto grid = [](std::int32_t stride, std::int32_t window) {
    return row_grid<extent>{static_cast<extent>(std::min(stride, window)),
                            static_cast<extent>(std::max(0, window - stride))};
  };
  return {{grid(l.stride_y, l[dimension::R]), grid(l.stride_x, l[dimension::S])}};
}

namespace detail {

/// Which sums make up a tensor's traffic, a dimension each.
struct factors {
  const extent* of[whole_dims];
  unsigned movers;  ///< dimensions of which a new tile may leave something of the tensor in place
};

/// What passes of a tensor: all that steps work on, less what is there from the step before, summed
/// by the loop that moves in between.
CUGAMMA_HD constexpr std::int64_t moving_elements(const nest& n, int level, const factors& f) {
  std::int64_t total = 1;
  for (int d = 0; d < whole_dims; ++d) total *= f.of[d][same];
  for (int l = 0; l <= level; ++l) {
    const int outside = l == level ? same : restarts(l + 1);
    std::int64_t inside[dims + 1];
    inside[dims] = 1;
    for (int p = dims - 1; p > 0; --p) {
      const int d = n.order[l][p];
      inside[p] = d < whole_dims ? inside[p + 1] * f.of[d][restarts(l)] : inside[p + 1];
    }
    std::int64_t before = 1;
    for (int p = 0; p < dims; ++p) {
      const int d = n.order[l][p];
      if (d >= whole_dims) continue;
      if ((f.movers >> d & 1) != 0) total -= before * f.of[d][moves(l)] * inside[p + 1];
      before *= f.of[d][outside];
    }
  }
  return total;
}

}  // namespace detail

/// precondition: the nest leaves the filter whole
CUGAMMA_HD_CALLED constexpr passing traffic_of_level(const nest& n,
                                                     int level,
                                                     bool is_depthwise,
                                                     const window_grids& grids) {
  level_sums<extent> s;
  sum_channels(n.of[K], K, level, true, deep_of_one{}, s);
  sum_channels(n.of[C], C, level, is_depthwise, deep_of_one{}, s);
  for (int d = Y; d <= X; ++d) {
    sum_window_axis(n.of[d], d, level, grids.of[d - Y], deep_of_one{}, s);
  }
  constexpr unsigned of_input = 1u << K | 1u << Y | 1u << X, of_filter = 1u << Y | 1u << X;
  const std::int64_t filter = std::int64_t{n.of[R].length[0][0]} * n.of[S].length[0][0];
  const auto moving =
      [&](unsigned movers, const extent* k, const extent* c, const extent* y, const extent* x) {
        return detail::moving_elements(n, level, {{k, c, y, x}, movers});
      };
  const extent* channels = s.held_by_units[C];
  const extent* features = s.held_by_units[K];
  return {moving(of_input, s.group_steps[K], channels, s.held_by_all[Y], s.held_by_all[X]) +
              filter * moving(of_filter, features, channels, s.group_steps[Y], s.group_steps[X]),
          moving(of_input, s.unit_steps[K], channels, s.held_by_units[Y], s.held_by_units[X]) +
              filter * moving(of_filter, features, channels, s.unit_steps[Y], s.unit_steps[X]),
          moving(1u << C, s.outputs[K], s.outputs[C], s.outputs[Y], s.outputs[X])};
}

}  // namespace cugamma::exact::chained
