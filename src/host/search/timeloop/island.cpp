#include "search/timeloop/island.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cugamma/error.hpp"
#include "search/timeloop/proposals.hpp"
#include "search/timeloop/tiling.hpp"

namespace cugamma::timeloop {

namespace {

constexpr int draws_of_fifty = 1;  ///< children that are drawn, not bred
constexpr std::int64_t attempts_a_child = 20;
constexpr std::size_t most_in_front = 1000;
constexpr std::uint32_t most_generations_without_a_valid_mapping = 1000;

/// 64 bits that are equal for genomes of the same loops: factors, orders of loops above 1, tensors
/// kept.
std::uint64_t loops_hash(const genome& g, const tiling& t, const map_space& space) {
  std::uint64_t h = 0x9E3779B97F4A7C15u;
  const auto mix = [&h](std::uint64_t value) {
    h = (h ^ value) * 0xFF51AFD7ED558CCDu;
    h ^= h >> 32;
  };
  for (int p = 0; p < space.shape.num_places; ++p) {
    const dimension_order order = order_of(g, space.shape, p);
    const int split = space.is_spatial(p) ? g.split[space.level_of(p)] : max_dimensions;
    for (int i = 0; i < space.shape.num_dimensions; ++i) {
      const std::int64_t factor = t.factor(p, order[i]);
      if (factor == 1) continue;
      mix(static_cast<std::uint64_t>(factor) * 64 + order[i] * 2u + (i >= split ? 1u : 0u));
    }
    mix(0);
  }
  for (int level = 0; level < space.shape.num_levels; ++level) mix(g.keep[level]);
  return h;
}

bool is_better(const candidate& a, const candidate& b) { return a.values < b.values; }

}  // namespace

std::vector<candidate> undominated_of(const std::vector<candidate>& all) {
  std::vector<objective_values> points;
  for (const candidate& c : all) points.push_back(c.values);
  std::vector<candidate> kept;
  for (const std::uint32_t i : undominated(points)) kept.push_back(all[i]);
  return kept;
}

island::island(const map_space& space,
               const judge& values,
               const search_options& options,
               const score_function& score,
               std::uint64_t seed,
               std::int64_t evaluations)
    : space_(space),
      judge_(values),
      options_(options),
      score_(score),
      seed_(seed),
      evaluations_(evaluations) {}

void island::step(const stopwatch& watch) {
  propose();
  is_exhausted_ = proposals_.empty();
  if (is_exhausted_) return;
  judge_proposals(watch);
  select();
  ++generation_;
  is_exhausted_ =
      result_.evaluations == 0 && generation_ >= most_generations_without_a_valid_mapping;
}

void island::propose() {
  proposals_.clear();
  const std::int64_t wanted = std::min(options_.population, evaluations_ - result_.evaluations);
  for (std::int64_t attempt = 0; attempt < attempts_a_child * wanted; ++attempt) {
    if (std::ssize(proposals_) >= wanted) break;
    random_stream random(seed_, generation_, static_cast<std::uint64_t>(attempt));
    const genome g = propose_one(random);
    ++result_.proposals;
    const tiling t(g, space_);
    if (t.is_valid(g) && seen_.insert(loops_hash(g, t, space_)).second) proposals_.push_back(g);
  }
}

genome island::propose_one(random_stream& random) {
  const bool is_drawn =
      options_.draws_only || parents_.empty() || random.below(50) < draws_of_fifty;
  if (is_drawn) return draw_genome(space_, random);
  const genome& a = pick(random);
  if (random.below(4) != 0) return mutate(a, space_, random);
  const genome child = cross(a, pick(random), space_, random);
  return random.below(2) == 0 ? child : mutate(child, space_, random);
}

/// The better of two random parents.
const genome& island::pick(random_stream& random) const {
  const auto count = static_cast<std::int32_t>(parents_.size());
  const std::int32_t one = random.below(count);
  const std::int32_t other = random.below(count);
  return parents_[static_cast<std::size_t>(std::min(one, other))].mapping;
}

void island::judge_proposals(const stopwatch& watch) {
  costs_.resize(proposals_.size());
  score_(proposals_, costs_);
  for (std::size_t i = 0; i < proposals_.size(); ++i) {
    if (costs_[i].why != rejection::none) {
      ++result_.rejected[static_cast<std::size_t>(costs_[i].why)];
      continue;
    }
    ++result_.evaluations;
    if (judge_.keeps_limits(costs_[i])) {
      take(judge_.judged(proposals_[i], costs_[i]), watch);
    } else {
      ++result_.over_limit;
    }
  }
}

void island::take(const candidate& fresh, const stopwatch& watch) {
  if (!result_.best || is_better(fresh, *result_.best)) {
    result_.best = fresh;
    result_.history.push_back({result_.evaluations * options_.islands, watch.seconds(), fresh});
  }
  parents_.push_back(fresh);
}

void island::select() {
  if (parents_.empty()) return;
  std::ranges::stable_sort(parents_, is_better);
  const auto same = [](const candidate& a, const candidate& b) { return a.values == b.values; };
  parents_.erase(std::unique(parents_.begin(), parents_.end(), same), parents_.end());
  const objective_values best = parents_.front().values;
  if (options_.is_front) {
    update_front();
    sort_by_front();
  }
  if (std::ssize(parents_) > options_.population) {
    parents_.resize(static_cast<std::size_t>(options_.population));
  }
  since_gain_ = !best_of_run_ || best < *best_of_run_ ? 0 : since_gain_ + 1;
  best_of_run_ = best;
  if (options_.patience == 0 || since_gain_ < options_.patience) return;
  parents_.clear();
  since_gain_ = 0;
  best_of_run_.reset();
}

/// Front by front, those with the most room around them first.
void island::sort_by_front() {
  std::vector<objective_values> points;
  for (const candidate& c : parents_) points.push_back(c.values);
  const std::vector<std::uint32_t> fronts = front_numbers(points);
  const std::vector<double> room =
      crowding_distances(points, static_cast<int>(options_.objectives.size()));
  std::vector<std::size_t> order(parents_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return fronts[a] != fronts[b] ? fronts[a] < fronts[b] : room[a] > room[b];
  });
  std::vector<candidate> sorted;
  for (const std::size_t i : order) sorted.push_back(parents_[i]);
  parents_ = std::move(sorted);
}

void island::update_front() {
  std::vector<candidate> all = result_.front;
  all.insert(all.end(), parents_.begin(), parents_.end());
  result_.front = undominated_of(all);
  if (result_.front.size() <= most_in_front) return;
  std::vector<objective_values> points;
  for (const candidate& c : result_.front) points.push_back(c.values);
  const std::vector<double> room =
      crowding_distances(points, static_cast<int>(options_.objectives.size()));
  std::vector<double> sorted = room;
  std::ranges::sort(sorted, std::greater<>());
  std::vector<candidate> kept;
  for (std::size_t i = 0; i < room.size(); ++i) {
    if (room[i] > sorted[most_in_front]) kept.push_back(result_.front[i]);
  }
  result_.front = std::move(kept);
}

void island::immigrate(const std::vector<candidate>& newcomers) {
  parents_.insert(parents_.end(), newcomers.begin(), newcomers.end());
  if (!options_.is_front) std::ranges::stable_sort(parents_, is_better);
}

void island::save(byte_writer& out) const {
  out.put(result_.best.has_value());
  if (result_.best) out.put(*result_.best);
  out.put_all(std::span<const candidate>(result_.front));
  out.put_all(std::span<const improvement>(result_.history));
  out.put(result_.evaluations);
  out.put(result_.rejected);
  out.put(result_.over_limit);
  out.put(result_.proposals);
  out.put(generation_);
  out.put_all(std::span<const candidate>(parents_));
  std::vector<std::uint64_t> seen(seen_.begin(), seen_.end());
  std::ranges::sort(seen);  // equal searches are equal bytes
  out.put_all(std::span<const std::uint64_t>(seen));
  out.put(best_of_run_.has_value());
  if (best_of_run_) out.put(*best_of_run_);
  out.put(since_gain_);
  out.put(is_exhausted_);
}

void island::restore(byte_reader& in) {
  if (in.get<bool>()) result_.best = in.get<candidate>();
  result_.front = in.get_all<candidate>();
  result_.history = in.get_all<improvement>();
  result_.evaluations = in.get<std::int64_t>();
  result_.rejected = in.get<decltype(result_.rejected)>();
  result_.over_limit = in.get<std::int64_t>();
  result_.proposals = in.get<std::int64_t>();
  generation_ = in.get<std::uint32_t>();
  parents_ = in.get_all<candidate>();
  const auto seen = in.get_all<std::uint64_t>();
  seen_.insert(seen.begin(), seen.end());
  if (in.get<bool>()) best_of_run_ = in.get<objective_values>();
  since_gain_ = in.get<std::int64_t>();
  is_exhausted_ = in.get<bool>();
  constexpr std::int64_t most = std::int64_t{1} << 62;
  std::vector<std::int64_t> counts(result_.rejected.begin(), result_.rejected.end());
  counts.insert(counts.end(), {result_.evaluations, result_.over_limit, result_.proposals});
  counts.push_back(since_gain_);
  bool is_sound = true;
  for (const improvement& i : result_.history) {
    counts.push_back(i.evaluations);
    is_sound = is_sound && std::isfinite(i.seconds) && i.seconds >= 0;
  }
  for (const std::int64_t count : counts) is_sound = is_sound && count >= 0 && count < most;
  if (!is_sound) throw input_error("the saved search is damaged");
}

std::vector<candidate> island::candidates() const {
  std::vector<candidate> all = parents_;
  all.insert(all.end(), result_.front.begin(), result_.front.end());
  for (const improvement& i : result_.history) all.push_back(i.found);
  if (result_.best) all.push_back(*result_.best);
  return all;
}

std::vector<candidate> island::emigrants(std::size_t count) const {
  const std::size_t leaving = std::min(count, parents_.size());
  return {parents_.begin(), parents_.begin() + static_cast<std::ptrdiff_t>(leaving)};
}

}  // namespace cugamma::timeloop
