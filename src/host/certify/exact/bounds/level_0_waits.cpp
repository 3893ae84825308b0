#include "certify/exact/bounds/level_0_waits.hpp"

#include <algorithm>
#include <cmath>

namespace cugamma::exact {
namespace {

using four_outer_terms = std::array<const std::array<outer_sums<double>, stream_count>*, free_dims>;

/// Adds a stream of level 0, weighed, to what may stay in place; returns what would move if nothing
/// stayed.
double add_stream(const four_outer_terms& t, std::size_t s, double weight, stay_table& stays) {
  std::array<order_factors, free_dims> factors;
  double most = weight;
  for (std::size_t d = 0; d < free_dims; ++d) {
    const outer_sums<double>& sums = (*t[d])[s];
    factors[d] = {sums.restarts, sums.same};
    most *= sums.same;
  }
  for (int d = 0; d < free_dims; ++d) {
    if ((movers_of[s] >> d & 1) == 0) continue;
    const double moving = (*t[at(d)])[s].moves;
    if (moving != 0) add_products(stays[at(d)], d, weight * moving, factors);
  }
  return most;
}

}  // namespace

level_0_waits::level_0_waits(const question& q, const four_terms& t, bool knows_pes) : q_(q) {
  four_outer_terms outer;
  four_sizes step;
  for (std::size_t d = 0; d < free_dims; ++d) {
    outer[d] = &t[d]->outer;
    step[d] = t[d]->step;
    steps_[d] = t[d]->steps;
    busy_ *= t[d]->busy;
    all_steps_ *= steps_[d];
    // Every step but the last works as long as the first; the last works as well.
    longest_ *= steps_[d] == 1 ? t[d]->busy : std::floor((t[d]->busy - 1) / (steps_[d] - 1));
  }
  longest_ *= q.shape.filter / static_cast<double>(q.machine.simd_lanes);
  first_ = q.waited_for_box(step);
  most_in_ = add_stream(outer, input_reads, 1, stays_in_) +
             add_stream(outer, filter_reads, q.shape.filter, stays_in_);
  most_out_ = add_stream(outer, outputs, 1, stays_out_);
  if (!knows_pes) return;
  most_starts_ = add_starts(t, 0, 1) + add_starts(t, 1, q.shape.filter);
  four_sizes group;
  for (std::size_t d = 0; d < free_dims; ++d) group[d] = static_cast<std::int32_t>(t[d]->group);
  longest_start_ = q.waited_for_box(group);
}

/// Adds what the starts of level 1 find there of an awaited stream; returns what they need.
double level_0_waits::add_starts(const four_terms& t, std::size_t i, double weight) {
  std::array<order_factors, free_dims> factors;
  double all = weight;
  for (std::size_t d = 0; d < free_dims; ++d) {
    const start_sums& sums = t[d]->starts[i];
    factors[d] = {sums.restarts, sums.same_box};
    all *= sums.all;
  }
  for (int d = 0; d < free_dims; ++d) {
    const double moving = t[at(d)]->starts[i].moves;
    if ((movers_of[awaited[i]] >> d & 1) == 0 || moving == 0) continue;
    add_products(there_[at(d)], d, weight * moving, factors);
  }
  return all;
}

double level_0_waits::cycles(const four_dims& order) const {
  const double bandwidth = static_cast<double>(q_.machine.noc_bw);
  const double in = (most_in_ - staying(stays_in_, order)) / bandwidth;
  const double out = (most_out_ - staying(stays_out_, order)) / bandwidth;
  const double starts = most_starts_ - staying(there_, order);
  const leavings l = leavings_in(order);
  const double waits = std::max(longest_start_ / bandwidth - 1, 0.0);
  return std::max({cycles(l, out, 0, longest_),
                   cycles(l, out, starts, longest_ + waits),
                   in + least_delay() * all_steps_,
                   out + least_delay() * l.count});
}

/// longest: that a step of level 0 hides of what leaves at most.
double level_0_waits::cycles(const leavings& l, double out, double starts, double longest) const {
  double hidden = l.count * (q_.start_cycles + longest - least_delay());
  // Rounded up, the work of several lanes may come out a cycle too long.
  if (q_.machine.simd_lanes > 1) ++hidden;
  if (!l.is_first_step_one) {
    return q_.cycles(busy_, all_steps_, {first_, starts, std::max(out - hidden, 0.0)});
  }
  // What the first step waits for is hidden as well.
  const double waits = std::max(out - hidden - q_.start_cycles, 0.0);
  return std::max(q_.cycles(busy_, all_steps_, {first_, starts, 0}),
                  q_.cycles(busy_, all_steps_, {0, starts, waits}));
}

/// Cycles that a NoC takes besides elements over bandwidth: one less without a head.
double level_0_waits::least_delay() const { return std::min(q_.start_cycles, 1.0) - 1; }

level_0_waits::leavings level_0_waits::leavings_in(const four_dims& order) const {
  leavings l{.count = 1, .is_first_step_one = true};
  double outside = 1;
  for (std::size_t i = 0; i < free_dims; ++i) {
    const std::size_t d = at(order[i]);
    if (steps_[d] == 1) continue;
    // Loops inside start over.
    bool leaves = false;
    for (std::size_t j = i; j < free_dims; ++j) {
      const int inside = order[j];
      const bool is_output = inside != (q_.shape.is_depthwise ? core::K : core::C);
      leaves = leaves || (is_output && steps_[at(inside)] > 1);
    }
    if (leaves) l.count += outside * (steps_[d] - 1);
    l.is_first_step_one = leaves;  // the innermost loop goes on after the first step
    outside *= steps_[d];
  }
  return l;
}

}  // namespace cugamma::exact
