#pragma once

#include "certify/maestro/narrow/narrow_noc.hpp"
#include "models/maestro/closed/inner.hpp"
#include "models/maestro/closed/stepwise.hpp"

/// Runtimes of single mappings where a NoC may be narrower than a step's traffic: M10 of
/// docs/certify.md. A handed tile is named by the dimensions, as bits, in which it is a partial
/// one.
namespace cugamma::maestro_proof {

/// Tiles of the inner level.
struct inner_tiles {
  number tile[free_dims] = {1, 1, 1, 1};
};

/// The tiles that an outer level hands down, and how often.
class handed_tiles {
 public:
  handed_tiles(const facts& f, const outer_split& dealt, const outer_tiles& tiles);

  number size(int d, unsigned at_edge) const {
    const core::tiling<number>& cut = tilings_[d];
    return core::has(at_edge, d) ? cut.edge : full_[d];
  }

  /// Adds up over the outer steps what a handed tile takes, the more of two that are active
  /// together. cycles(at_edge): of such a tile
  template <class Cycles>
  number over_steps(const Cycles& cycles) const {
    number sum = 0;
    for (std::size_t i = 0; i < kinds_; ++i) {
      const number full = cycles(at_edge_[i]);
      const number edge = parallel_edge_ == 0 ? full : cycles(at_edge_[i] | parallel_edge_);
      sum += count_[i] * core::outer_spatial_cycles(level_, full, edge);
    }
    return sum;
  }

 private:
  core::outer_level<number> level_;
  core::tiling<number> tilings_[free_dims];
  number full_[free_dims];
  unsigned parallel_edge_ = 0;  ///< the parallel dimension, if it has a partial tile
  std::size_t kinds_ = 1;       ///< kinds of step, told apart by the other dimensions
  unsigned at_edge_[1 << (free_dims - 1)] = {};
  number count_[1 << (free_dims - 1)] = {1};
};

/// The inner level with one choice of its parallel dimension's tile and cluster size.
class inner_runs {
 public:
  inner_runs(const facts& f, const handed_tiles& handed, int q, const worked_choice& choice);

  /// Cycles for a handed tile, of the first step's wait and of what PEs compute alone. Grows with
  /// every tile.
  number without_traffic(const inner_tiles& tiles, unsigned at_edge) const;
  /// The same with what steps take to send their outputs: no order of loops takes less.
  /// precondition: the tiles count right
  number without_ingress(const inner_tiles& tiles, unsigned at_edge) const;

 private:
  number first_delay(const inner_tiles& tiles, unsigned at_edge) const;

  const facts& f_;
  const handed_tiles& handed_;
  int q_;
  const worked_choice& choice_;
  number head_;
  number computed_[1 << free_dims];
};

/// A mapping but for its loop orders, and its runtime in them to the last cycle.
class mapping_times {
 public:
  /// precondition: the tiles are legal and count right
  mapping_times(const facts& f,
                const outer_split& dealt,
                const outer_tiles& outer,
                int q,
                number cluster_size,
                const inner_tiles& inner);

  /// The loops that have more than one step, for some handed tile, or are parallel: only the order
  /// of these matters.
  unsigned moving_inside() const;
  void set_inner_order(const loop_order& order);
  /// Cycles of the inner level for a handed tile.
  number run(unsigned at_edge) const;
  /// Runtime of the mapping. run: cycles of the inner level for each tile that is handed down
  number runtime(const loop_order& outer_order, const number (&run)[1 << free_dims]) const;

 private:
  const facts& f_;
  core::machine_facts<number> machine_;
  core::two_level_genes<number> genes_{};
  core::outer_level<number> outer_;
  core::inner_tilings<number> cut_;
  core::ordered_loops<number> loops_{};
};

}  // namespace cugamma::maestro_proof
