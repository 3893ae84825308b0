#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "certify/engine.hpp"
#include "models/exact/closed/closed_form.hpp"

/// Proofs of optima under the exact cost model; docs/certify-exact.md has the mathematics.
namespace cugamma::exact {

inline constexpr int nothing_parallel = free_dims;  ///< in place of a parallel dimension

/// The four dimensions that mappings cut, in the order K, C, Y, X.
using four_sizes = std::array<std::int32_t, free_dims>;
using four_dims = std::array<int, free_dims>;

/// A dimension as an index of these.
constexpr std::size_t at(int d) { return static_cast<std::size_t>(d); }

/// What the tiles of one dimension at one level may be: low .. high, both cut to the tile above.
struct tile_bounds {
  std::int32_t low = 1;
  std::int32_t high = 1;
  bool is_that_above = false;  ///< no other than the tile above

  constexpr std::int32_t least_below(std::int32_t above) const {
    return is_that_above ? above : std::min({low, high, above});
  }
  constexpr std::int32_t most_below(std::int32_t above) const {
    return is_that_above ? above : std::min(high, above);
  }
};

/// Loop orders of a level.
struct order_choice {
  bool is_any = true;
  std::vector<four_dims> allowed;  ///< outermost first
  std::vector<dimension> prefix;   ///< that all of these begin with, R and S among them
};

/// What PEs wait for at least, besides the head of a NoC at each start.
struct waited_for {
  double first = 0;   ///< elements of input and filter that level 0's first step needs
  double starts = 0;  ///< those of the first steps of level 1, in the first sub-cluster
  double cycles = 0;  ///< further ones
};

/// A problem as the proofs read it. Energies in MACs, buffers in elements.
struct question {
  layer target;
  accelerator machine;
  objective goal = objective::latency;
  closed_layer<double> shape{};
  four_sizes size{};
  std::uint16_t layer_index = 0;  ///< of every genome
  std::uint16_t accelerator_index = 0;
  std::array<dimension_mask, 2> parallel{};  ///< of K, C, Y, X, for each level
  std::int32_t least_cluster = 1;
  std::int32_t largest_cluster = 1;
  std::array<std::array<tile_bounds, free_dims>, 2> tiles{};  ///< by level
  std::array<order_choice, 2> orders;

  bool has_energy = false;  ///< the goal is an energy or an energy times cycles
  bool has_cycles = false;
  bool has_exact_cycles = false;  ///< no mapping waits for a NoC: cycles() is the runtime
  double start_cycles = 0;        ///< that each start of a level takes at least
  double transfer_cycles = 0;     ///< that moving each tensor once takes at least
  double l1_weight = 0;           ///< of an access
  double l2_weight = 0;
  double cluster_weight = 0;
  /// What sums of energies may be wrong by, relative to any mapping's, with a wide margin.
  double rounding = 1e-12;
  double fixed_energy = 0;  ///< of every mapping: MACs, what they read in L1, and filling L2

  /// Cycles that a PE with these extents works.
  double work(double busy_product) const;
  /// No mapping takes fewer: what its busiest PE works, its starts, and what these wait for. Exact
  /// where no mapping waits for more than heads.
  double cycles(double busy_product, double steps_product, const waited_for& w = {}) const;
  /// Elements of input and filter in a box of outputs, where mappings may wait for them; else 0.
  double waited_for_box(const four_sizes& box) const;
  /// The goal's value at an energy in MACs and at cycles.
  double value(double energy, double cycles) const;
  /// Whether a dimension may have these tiles, of level 0 and of PEs.
  bool allows(int d, std::int32_t outer, std::int32_t inner) const {
    const tile_bounds &above = tiles[0][at(d)], &below = tiles[1][at(d)];
    return outer >= above.least_below(size[at(d)]) && outer <= above.most_below(size[at(d)]) &&
           inner >= below.least_below(outer) && inner <= below.most_below(outer);
  }
  bool fits_l1(const four_sizes& box) const { return fits(box, machine.l1_size_elems); }
  bool fits_l2(const four_sizes& box) const { return fits(box, machine.l2_size_elems); }
  /// Elements of a buffer that holds a box of outputs and what they need, doubled.
  std::int64_t buffer_for(const four_sizes& box) const;
  /// What a step of level 0 covers of a dimension, of which `units` sub-clusters have a tile.
  std::int32_t step(int d, std::int32_t tile, std::int32_t units) const {
    return static_cast<std::int32_t>(
        std::min<std::int64_t>(std::int64_t{tile} * units, size[at(d)]));
  }

 private:
  /// Whether a box of outputs, double buffered, fits a buffer.
  bool fits(const four_sizes& box, std::int64_t buffer) const;
};

/// Why a problem is none that the proofs cover; nothing if they do.
std::optional<std::string> question_obstacle(const certify_problem& p);

/// Why of a space only floors are proved (floors.hpp), and no optimum; nothing if optima are.
std::optional<std::string> search_obstacle(const search_space& s);

/// precondition: no obstacle. Tiles, orders and clusters are those of two levels.
question make_question(const certify_problem& p);

/// A mapping as the proofs name it. Units: sub-clusters that have a tile in a first step.
struct point {
  std::array<four_sizes, 2> tile{};
  std::array<int, 2> parallel{nothing_parallel, nothing_parallel};
  std::array<std::int32_t, 2> units{1, 1};
  std::array<four_dims, 2> order{{{0, 1, 2, 3}, {0, 1, 2, 3}}};  ///< outermost first
};

/// A level's loop order as the bits of a genome's word of loops.
std::uint32_t loops_of(const question& q, std::size_t level, const four_dims& outermost_first);

/// The genome of a point; nothing if no cluster size and no allowed parallel dimensions make one.
std::optional<genome> genome_of(const question& q, const point& p);

/// The goal's value of a mapping as the cost model prices it; infinite if it does not count.
double price_of(const question& q, const genome& g);

}  // namespace cugamma::exact
