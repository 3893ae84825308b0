#include "search/fronts/pareto_selection.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace cugamma {

std::span<const std::uint32_t> pareto_selection::best(distinct_pool& pool,
                                                      std::size_t most,
                                                      int objectives) {
  chosen_.clear();
  split(pool);
  take_fronts(most, objectives);
  take_infeasible(pool, most);
  return chosen_;
}

void pareto_selection::split(distinct_pool& pool) {
  feasible_.clear();
  infeasible_.clear();
  points_.clear();
  for (const std::uint32_t i : pool.different()) {
    const search_rank& f = pool.rank_of(i);
    if (f.violation > 0) {
      infeasible_.push_back(i);
    } else {
      feasible_.push_back(i);
      points_.push_back(f.values);
    }
  }
}

void pareto_selection::take_fronts(std::size_t most, int objectives) {
  const std::vector<std::uint32_t> numbers = front_numbers(points_);
  if (numbers.empty()) return;
  std::vector<std::size_t> ends(std::ranges::max(numbers) + 1, 0);
  for (const std::uint32_t number : numbers) ++ends[number];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<std::uint32_t> order(points_.size());
  std::vector<std::size_t> begins = ends;
  for (std::size_t i = numbers.size(); i-- > 0;) {
    order[--begins[numbers[i]]] = static_cast<std::uint32_t>(i);
  }
  for (std::size_t f = 0; f < ends.size() && chosen_.size() < most; ++f) {
    take_front(std::span(order).subspan(begins[f], ends[f] - begins[f]), most, objectives);
  }
}

void pareto_selection::take_front(std::span<const std::uint32_t> front,
                                  std::size_t most,
                                  int objectives) {
  std::vector<objective_values> points;
  for (const std::uint32_t i : front) points.push_back(points_[i]);
  const std::vector<double> room = crowding_distances(points, objectives);
  std::vector<std::uint32_t> order(front.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    return std::tie(room[b], a) < std::tie(room[a], b);
  });
  for (const std::uint32_t i : order) {
    if (chosen_.size() < most) chosen_.push_back(feasible_[front[i]]);
  }
}

void pareto_selection::take_infeasible(const distinct_pool& pool, std::size_t most) {
  const std::size_t open = std::min(most - chosen_.size(), infeasible_.size());
  const auto end = infeasible_.begin() + static_cast<std::ptrdiff_t>(open);
  std::partial_sort(infeasible_.begin(),
                    end,
                    infeasible_.end(),
                    [&](std::uint32_t a, std::uint32_t b) { return pool.is_fitter(a, b); });
  chosen_.insert(chosen_.end(), infeasible_.begin(), end);
}

}  // namespace cugamma
