#pragma once

#include <span>

#include "certify/maestro/facts.hpp"
#include "models/maestro/closed/shares.hpp"

/// What one dimension contributes to the figures: where it is parallel in the outer level, in the
/// inner level, or in both.
namespace cugamma::maestro_proof {

/// A dimension that the outer level deals to its clusters in tiles of one size.
struct outer_split {
  int dim = 0;
  number clusters = 1;
  number tile = 1;
  core::tiling<number> tiling{};
  core::outer_level<number> level{};  ///< its rounds and its parallel dimension alone
  number rounds = 1;
  bool counts_right = false;  ///< the counted MACs of the dimension are its own (test 1)
  number cycles = 0;          ///< over the rounds, where the dimension is not parallel inside
  /// Whether these cycles suffice for the dimension's work. If not, because miscounts of the MACs
  /// make up for each other, a mapping may fail test 2; if so, none does.
  bool has_time = true;
  number first_out = 1;  ///< factor of the output of the first step
  number all_out = 1;    ///< factor of the output over all rounds
  core::ingress_share<number> of_input{};
  core::ingress_share<number> of_filter{};
};

/// All that L2's traffic and its size depend on in an outer split: they grow with each of these,
/// whatever the tiles of the other dimensions and the loop order. Runtimes do not.
using traffic_factors = std::array<number, 13>;
traffic_factors traffic_factors_of(const outer_split& s);

outer_split split_outer(const facts& f, int d, number clusters, number tile);

/// An inner tile and a cluster size for the dimension that is parallel inside.
struct inner_choice {
  number cycles = 0;  ///< the dimension's factor of the runtime
  number tile = 0;
  number cluster_size = 0;
};

/// The choices for one outer tile of the dimension that is parallel inside and a number of
/// clusters: those whose inner tile counts right and fits L1 beside the least tiles of the other
/// dimensions, and of which none has both a smaller tile and fewer cycles. Tiles ascend, cycles
/// descend. Where all other inner tiles may be 1 only the one of the fewest cycles is listed.
/// outer: set if the dimension is parallel in both levels.
std::vector<inner_choice> inner_choices(const facts& f,
                                        int d,
                                        number outer_tile,
                                        const cluster_range& clusters,
                                        const outer_split* outer);

/// The same with every number of cycles that some choice takes, each with the smallest tile.
/// Cycles ascend.
std::vector<inner_choice> all_inner_choices(const facts& f,
                                            int d,
                                            number outer_tile,
                                            const cluster_range& clusters,
                                            const outer_split* outer);

/// What the inner level makes of the two tiles of its parallel dimension, full and edge.
struct inner_work {
  number cycles[2];
  bool counts_right;
  core::spatial_dim<number> spatial;
  core::spatial_rounds<number> rounds[2];
};

/// An inner tile and a cluster size that count right, with what becomes of them.
struct worked_choice {
  number tile = 0;
  number cluster_size = 0;
  inner_work work;
};

/// All of them that fit L1 beside the least tiles of the other dimensions.
std::vector<worked_choice> worked_choices(const facts& f,
                                          int d,
                                          number outer_tile,
                                          const cluster_range& clusters);

/// A choice on a narrow NoC, where the first step of each run of the inner level waits for what it
/// needs.
struct timed_choice {
  number cycles = 0;  ///< the dimension's factor of the runtime
  number waits = 0;   ///< cycles that first steps wait besides the head, over the dimension's steps
  number outer_tile = 0;
  number inner_tile = 0;
  number cluster_size = 0;
};

/// The choices for some outer tiles of the dimension that is parallel inside, which have the same
/// number of steps: those that count right and fit L1 as above, and of which none has fewer cycles
/// and waits and smaller tiles. outer: as above.
std::vector<timed_choice> timed_choices(const facts& f,
                                        int d,
                                        std::span<const number> outer_tiles,
                                        const cluster_range& clusters,
                                        const outer_split* outer);

/// No choice for such a tile has fewer cycles.
number least_inner_cycles(const facts& f,
                          int d,
                          number outer_tile,
                          const cluster_range& clusters,
                          const outer_split* outer);

}  // namespace cugamma::maestro_proof
