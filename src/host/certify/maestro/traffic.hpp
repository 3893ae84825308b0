#pragma once

#include "certify/maestro/splits.hpp"

/// What L2 sends for an order of the outer loops. The equations are those of
/// models/maestro/closed/traffic.hpp, for one parallel dimension whose shares are known.
namespace cugamma::maestro_proof {

/// Tiles and steps of the outer level. The parallel dimension has tile and steps 1.
struct outer_tiles {
  number tile[free_dims] = {1, 1, 1, 1};
  number steps[free_dims] = {1, 1, 1, 1};
};

/// Elements of a tensor, input or filter, that leave L2.
number ingress(const facts& f,
               const outer_split& dealt,
               const outer_tiles& tiles,
               const loop_order& order,
               bool is_filter);

/// The same as a function of one dimension's tile and steps, all else standing. With more than one
/// step it is a sum of products of the two.
class axis_traffic {
 public:
  axis_traffic(const facts& f,
               const outer_split& dealt,
               outer_tiles tiles,
               const loop_order& order,
               int d,
               bool is_filter);

  /// precondition: steps > 1
  double at(double tile, double steps) const {
    return still_ + by_tile_ * tile + (by_steps_ + by_both_ * tile) * steps;
  }

 private:
  double still_;
  double by_tile_;
  double by_steps_;
  double by_both_;
};

/// Elements of the first step, of all three tensors: half of the L2 that the mapping needs.
number first_step(const facts& f, const outer_split& dealt, const outer_tiles& tiles);

/// Elements of the output that enter L2, over all steps.
number egress(const facts& f, const outer_split& dealt, const outer_tiles& tiles);

}  // namespace cugamma::maestro_proof
