#include "certify/exact/bounds/start_floor.hpp"

#include <algorithm>

namespace cugamma::exact {
namespace {

constexpr int no_dimension_turns = free_dims;

}  // namespace

start_floors::start_floors(const question& q, const inner_range& r) : q_(q), range_(r) {
  for (const floor_kind kind : {input_share, filter_share, output_share}) {
    tensors_[kind] = tensor_of(kind);
    for (int d = 0; d <= free_dims; ++d) {
      held_[kind][at(d)] = held(tensors_[kind], d, kind == output_share);
    }
  }
}

start_floors::tensor start_floors::tensor_of(floor_kind kind) const {
  tensor t;
  t.each.fill(1);
  t.is_own[core::K] = kind == filter_share || (kind == output_share && !q_.shape.is_depthwise);
  t.is_own[core::C] = kind != output_share || q_.shape.is_depthwise;
  t.is_own[core::Y] = t.is_own[core::X] = kind != filter_share;
  if (kind == filter_share) t.weight = q_.shape.filter;
  for (const int d : {core::Y, core::X}) {
    if (kind != input_share) continue;
    t.each[at(d)] = q_.shape.each[d - core::Y];
    t.more[at(d)] = q_.shape.more[d - core::Y];
  }
  return t;
}

/// What the PEs of a group hold together of what a start's first step needs, if the loop of
/// dimension d has turned inside the start before (no_dimension_turns: nothing is known). Outputs
/// belong to the group, not to its PEs.
double start_floors::held(const tensor& t, int d, bool is_output) const {
  double elements = t.weight;
  for (int i = 0; i < free_dims; ++i) {
    if (!t.is_own[at(i)]) continue;
    const bool is_parallel = i == range_.parallel;
    const double units = is_parallel ? range_.units_high : 1;
    if (i == d) {
      elements *= t.more[at(i)];
    } else if (is_output) {
      elements *= range_.low[at(i)] * units;
    } else {
      elements *= (t.each[at(i)] * range_.low[at(i)] + t.more[at(i)]) * units;
    }
  }
  return elements;
}

double start_floors::of(floor_kind kind, const outer_cuts& c) const {
  const tensor& t = tensors_[kind];
  const bool is_output = kind == output_share;
  double moved = t.weight, boxes = 1;
  for (std::size_t d = 0; d < free_dims; ++d) {
    const double tiles = c.tiles[d];
    moved *= t.is_own[d] ? q_.size[d] * t.each[d] + tiles * t.more[d] : tiles;
    boxes *= tiles;
  }
  moved -= held_in_all(t, c, boxes, is_output);
  if (moved <= 0) return 0;
  if (is_output) return 2 * q_.cluster_weight * moved;
  double copies = 1;
  if (range_.parallel != nothing_parallel && !t.is_own[at(range_.parallel)]) {
    // Every PE with a tile takes the whole box; of the last box only one may have one.
    const double tiles = c.tiles[at(range_.parallel)];
    copies = tiles == 1 ? range_.units_low : ((tiles - 1) * range_.units_low + 1) / tiles;
  }
  return (q_.l1_weight * copies + q_.cluster_weight) * moved;
}

/// What is held at all starts together: least if the loop of an own dimension turns in every box
/// but, perhaps, the last.
double start_floors::held_in_all(const tensor& t,
                                 const outer_cuts& c,
                                 double boxes,
                                 bool is_output) const {
  const auto& held = held_[static_cast<std::size_t>(&t - tensors_.data())];
  const double whole = held[no_dimension_turns];
  double least = boxes * whole;
  for (int d = 0; d < free_dims; ++d) {
    const bool is_parallel = d == range_.parallel;
    if (!t.is_own[at(d)] || (is_parallel && !is_output)) continue;
    const std::int64_t units = is_parallel ? range_.units_high : 1;
    if (c.smallest[at(d)] <= units * range_.low[at(d)]) continue;
    const double tiles = c.tiles[at(d)];
    const double turned = tiles == 1 ? 1 : (tiles - 1) / tiles;
    least = std::min(least, boxes * (turned * held[at(d)] + (1 - turned) * whole));
  }
  return least;
}

}  // namespace cugamma::exact
