#include "certify/exact/bounds/vector_bounder.hpp"

#include <algorithm>

#include "certify/exact/bounds/inner_ranges.hpp"
#include "models/lane_sets.hpp"

namespace cugamma::exact {
namespace {

const vectors::bound_lanes& lanes_for_vectors() {
#if defined(__x86_64__)
  return widest_lanes({&vectors::lanes_base, &vectors::lanes_avx2, &vectors::lanes_avx512});
#else
  return vectors::lanes_base;
#endif
}

}  // namespace

double inner_busy_under(const question& q,
                        const inner_range& r,
                        const top_list& list,
                        double inner_busy) {
  if (r.parallel == nothing_parallel || q.has_exact_cycles) return inner_busy;
  const std::int32_t pes = std::min(r.units_high, list.largest_cluster);
  return std::max(inner_busy, static_cast<double>(ceil_div(q.size[at(r.parallel)], pes)));
}

vector_bounder::vector_bounder(const question& q, const class_grid& grid)
    : q_(q), grid_(grid), lanes_(lanes_for_vectors()), numbers_(make_question_numbers(q)) {
  for (std::size_t d = 0; d < free_dims; ++d) boxes_[d].resize(grid.classes[d].size());
}

void vector_bounder::set_range(const inner_range& r, const four_floors& floors) {
  range_ = r;
  for (const bool makes_two : {false, true}) {
    std::ranges::copy(valid_floors(q_, floors, r.parallel, makes_two), floors_[makes_two]);
  }
  inner_busy_ = r.parallel == nothing_parallel ? 1 : least_share(q_, r, r.units_high);
  if (!numbers_.waits) return;
  for (int d = 0; d < free_dims; ++d) {
    const auto box = [&](const tile_class& c) { return boxes_of_class(q_, r, d, c); };
    std::ranges::transform(grid_.classes[at(d)], boxes_[at(d)].begin(), box);
  }
}

void vector_bounder::set_list(const top_list& list) {
  list_ = &list;
  list_question& l = list_numbers_;
  l.inner = range_.parallel;
  for (int d = 0; d < free_dims; ++d) {
    l.extent[d] = list.parallel == d ? list.busy : q_.size[at(d)];
  }
  const double busy = inner_busy_under(q_, range_, list, inner_busy_);
  const bool is_both = l.inner != nothing_parallel && list.parallel == l.inner;
  l.inner_extent = is_both ? busy / list.units : busy;
  l.work = q_.work(least_busy(q_, list, l.inner, busy));
  if (numbers_.waits && list.parallel != nothing_parallel) {
    list_boxes_ = boxes_of_list(q_, range_, list);
  }
}

void vector_bounder::add(const top_vector& v) {
  vectors::batch& b = batch_;
  const std::size_t i = b.count++;
  for (const floor_kind kind : floor_kinds) b.least[kind][i] = v.least[kind];
  for (int d = 0; d < free_dims; ++d) {
    const bool is_listed = d == list_->parallel;
    const std::uint16_t index = v.classes[at(d)];
    b.steps[d][i] = is_listed ? list_->steps : grid_.of(at(d), index).steps;
    if (!numbers_.waits) continue;
    const first_boxes& boxes = is_listed ? list_boxes_ : boxes_[at(d)][index];
    b.whole[d][i] = boxes.whole;
    b.last[d][i] = boxes.last;
    b.is_long[d][i] = boxes.is_long ? 1 : 0;
  }
  b.first[i] = v.first;
  b.in[i] = v.moved.in;
  b.out[i] = v.moved.out;
  b.out_added[i] = v.moved.out_added;
}

const vectors::bounds& vector_bounder::bound_all(double limit) {
  lanes_.bound(numbers_, list_numbers_, floors_, limit, batch_, found_);
  batch_.count = 0;
  return found_;
}

}  // namespace cugamma::exact
