#include "search/fronts/pareto_archive.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>
#include <utility>

#include "cugamma/error.hpp"
#include "search/threads/for_each_index.hpp"

namespace cugamma {
namespace {

std::vector<objective_values> values_of(std::span<const candidate> members) {
  std::vector<objective_values> values;
  values.reserve(members.size());
  for (const candidate& c : members) values.push_back(c.rank.values);
  return values;
}

std::vector<candidate> undominated_of(std::span<const candidate> members) {
  std::vector<candidate> kept;
  for (const std::uint32_t i : undominated(values_of(members))) kept.push_back(members[i]);
  return kept;
}

/// See pareto_front::reference.
objective_values beyond_all(std::span<const objective_values> points) {
  objective_values worst = points.front();
  for (const objective_values& p : points) {
    for (std::size_t i = 0; i < worst.size(); ++i) worst[i] = std::max(worst[i], p[i]);
  }
  for (double& value : worst) value += 0.1 * std::abs(value);
  return worst;
}

}  // namespace

pareto_archive::pareto_archive(const search_options& options)
    : objectives_(options.objectives), capacity_(static_cast<std::size_t>(options.front_capacity)) {
  if (options.reference.empty()) return;
  objective_values& reference = front_.reference.emplace();
  for (std::size_t i = 0; i < objectives_.size(); ++i) {
    reference[i] = figure_of_value(objectives_[i], options.reference[i]);
  }
}

bool pareto_archive::show(std::span<const genome> genomes,
                          std::span<const cost> costs,
                          std::span<const search_rank> ranks) {
  if (capacity_ == 0) return false;
  std::vector<std::uint8_t> is_new(ranks.size());
  for_each_index(ranks.size(), [&](std::size_t i) {
    is_new[i] = ranks[i].violation == 0 && !is_beaten(ranks[i].values);
  });
  std::vector<std::uint32_t> news;
  std::vector<objective_values> points;
  for (std::uint32_t i = 0; i < ranks.size(); ++i) {
    if (is_new[i] == 0) continue;
    news.push_back(i);
    points.push_back(ranks[i].values);
  }
  if (points.empty()) return false;
  if (!front_.reference) front_.reference = beyond_all(points);
  std::vector<candidate> fresh;
  for (const std::uint32_t point : undominated(points)) {
    const std::uint32_t i = news[point];
    fresh.push_back({genomes[i], costs[i], ranks[i]});
  }
  return take(fresh);
}

bool pareto_archive::is_beaten(const objective_values& values) const {
  const auto& members = front_.members;
  const auto end = std::ranges::partition_point(members, [&](const candidate& c) {
    return c.rank.values[0] <= values[0];
  });
  return std::any_of(std::make_reverse_iterator(end), members.rend(), [&](const candidate& c) {
    return c.rank.values == values || dominates(c.rank.values, values);
  });
}

bool pareto_archive::take(std::span<const candidate> fresh) {
  std::vector<candidate> all = front_.members;
  all.insert(all.end(), fresh.begin(), fresh.end());
  all = undominated_of(all);
  const bool is_full = all.size() > capacity_;
  double volume = hypervolume_of(all);
  if (is_full) {
    all = thinned(all);
    volume = hypervolume_of(all);
    if (volume < front_.hypervolume) {
      all = with_room_for(fresh);
      volume = hypervolume_of(all);
    }
  }
  const bool is_better = !is_full || volume > front_.hypervolume;
  front_.members = std::move(all);
  front_.hypervolume = std::max(front_.hypervolume, volume);  // rounding may not shrink it either
  return is_better;
}

double pareto_archive::hypervolume_of(std::span<const candidate> members) const {
  const int count = static_cast<int>(objectives_.size());
  return hypervolume_share(values_of(members), count, *front_.reference);
}

std::vector<candidate> pareto_archive::thinned(std::span<const candidate> members) const {
  const int count = static_cast<int>(objectives_.size());
  std::vector<candidate> kept;
  for (const std::uint32_t i : cugamma::thinned(values_of(members), count, capacity_)) {
    kept.push_back(members[i]);
  }
  return kept;
}

/// The front with those of the new ones that come in where members go that they dominate.
std::vector<candidate> pareto_archive::with_room_for(std::span<const candidate> fresh) const {
  std::vector<candidate> members = front_.members;
  for (const candidate& c : fresh) {
    std::erase_if(members,
                  [&](const candidate& m) { return dominates(c.rank.values, m.rank.values); });
    if (members.size() < capacity_) members.push_back(c);
  }
  std::ranges::sort(members, {}, [](const candidate& c) { return std::tie(c.rank.values); });
  return members;
}

void pareto_archive::save(byte_writer& out) const {
  out.put(static_cast<std::uint64_t>(front_.members.size()));
  for (const candidate& c : front_.members) {
    out.put(c.mapping);  // one by one: a candidate as a whole has bytes that hold nothing
    out.put(c.figures);
    out.put(c.rank);
  }
  out.put(front_.reference.has_value());
  if (front_.reference) out.put(*front_.reference);
  out.put(front_.hypervolume);
}

void pareto_archive::restore(byte_reader& in) {
  const auto count = in.get<std::uint64_t>();
  if (count > capacity_) throw input_error("the saved front is larger than the one asked for");
  front_.members.clear();
  for (std::uint64_t i = 0; i < count; ++i) {
    front_.members.push_back({in.get<genome>(), in.get<cost>(), in.get<search_rank>()});
  }
  front_.reference.reset();
  if (in.get<bool>()) front_.reference = in.get<objective_values>();
  front_.hypervolume = in.get<double>();
  if (!front_.members.empty() && !front_.reference) throw input_error("the saved front cannot be");
}

}  // namespace cugamma
