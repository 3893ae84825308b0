#include "search/timeloop/search.hpp"

#include <algorithm>
#include <unordered_set>

#include "search/threads/stopwatch.hpp"
#include "search/timeloop/proposals.hpp"
#include "search/timeloop/tiling.hpp"

namespace cugamma::timeloop {

namespace {

double value_of(const objective& o, const cost& c) {
  const auto cycles = static_cast<double>(c.cycles);
  switch (o.what) {
    case figure::edp:
      return c.energy_pj * cycles;
    case figure::latency:
      return cycles;
    case figure::energy:
      return c.energy_pj;
    case figure::utilization:
      return cycles;  // MACs over MAC instances and cycles
    case figure::accesses:
      return static_cast<double>(c.accesses[o.level]);
  }
  return 0;
}

/// 64 bits that are equal for genomes of the same loops: factors, orders of loops above 1, tensors
/// kept.
std::uint64_t loops_hash(const genome& g, const map_space& space) {
  std::uint64_t h = 0x9E3779B97F4A7C15u;
  const auto mix = [&h](std::uint64_t value) {
    h = (h ^ value) * 0xFF51AFD7ED558CCDu;
    h ^= h >> 32;
  };
  const tiling t(g, space);
  for (int p = 0; p < space.shape.num_places; ++p) {
    const dimension_order order = order_of(g, space.shape, p);
    for (int i = 0; i < space.shape.num_dimensions; ++i) {
      if (t.factor(p, order[i]) == 1) continue;
      const bool is_row = space.is_spatial(p) && i >= g.split[space.level_of(p)];
      mix(static_cast<std::uint64_t>(t.factor(p, order[i])) * 64 + order[i] * 2 + (is_row ? 1 : 0));
    }
    mix(0);
  }
  for (int level = 0; level < space.shape.num_levels; ++level) mix(g.keep[level]);
  return h;
}

class breeder {
 public:
  breeder(const map_space& space, const search_options& options, const score_function& score)
      : space_(space), options_(options), score_(score) {}

  search_result run() {
    while (wants_more()) {
      propose();
      if (proposals_.empty()) break;
      judge();
      select();
      ++generation_;
    }
    result_.seconds = watch_.seconds();
    return std::move(result_);
  }

 private:
  bool wants_more() const {
    return result_.evaluations < options_.evaluations && watch_.seconds() < options_.seconds &&
           !(options_.interrupted && options_.interrupted());
  }

  void propose() {
    proposals_.clear();
    const std::int64_t wanted =
        std::min(options_.population, options_.evaluations - result_.evaluations);
    for (std::int64_t attempt = 0;
         attempt < 20 * wanted && static_cast<std::int64_t>(proposals_.size()) < wanted;
         ++attempt) {
      random_stream random(options_.seed, generation_, static_cast<std::uint64_t>(attempt));
      const genome g = propose_one(random);
      const tiling t(g, space_);
      if (!t.is_valid(g)) continue;
      if (seen_.insert(loops_hash(g, space_)).second) proposals_.push_back(g);
    }
  }

  genome propose_one(random_stream& random) {
    if (parents_.empty() || random.below(50) == 0) return draw_genome(space_, random);
    const genome& a = pick(random);
    if (random.below(4) != 0) return mutate(a, space_, random);
    const genome child = cross(a, pick(random), space_, random);
    return random.below(2) == 0 ? child : mutate(child, space_, random);
  }

  const genome& pick(random_stream& random) {
    const auto count = static_cast<std::int32_t>(parents_.size());
    return parents_[std::min(random.below(count), random.below(count))].mapping;
  }

  void judge() {
    costs_.resize(proposals_.size());
    score_(proposals_, costs_);
    const std::size_t parents = parents_.size();
    for (std::size_t i = 0; i < proposals_.size(); ++i) {
      const cost& c = costs_[i];
      ++result_.rejected[static_cast<int>(c.why)];
      if (c.why != rejection::none) continue;
      ++result_.evaluations;
      candidate fresh{proposals_[i], c, {}};
      for (std::size_t o = 0; o < options_.objectives.size(); ++o) {
        fresh.values[o] = value_of(options_.objectives[o], c);
      }
      if (!result_.best || fresh.values < result_.best->values) {
        result_.best = fresh;
        result_.history.push_back({result_.evaluations, watch_.seconds(), fresh});
      }
      parents_.push_back(fresh);
    }
    is_better_ = false;
    for (std::size_t i = parents; i < parents_.size(); ++i) {
      is_better_ |= parents == 0 || parents_[i].values < best_of_run_;
    }
  }

  void select() {
    const auto smaller = [](const candidate& a, const candidate& b) { return a.values < b.values; };
    std::ranges::stable_sort(parents_, smaller);
    const auto same = [](const candidate& a, const candidate& b) { return a.values == b.values; };
    parents_.erase(std::unique(parents_.begin(), parents_.end(), same), parents_.end());
    if (parents_.size() > static_cast<std::size_t>(options_.population)) {
      parents_.resize(static_cast<std::size_t>(options_.population));
    }
    if (parents_.empty()) return;
    best_of_run_ = parents_.front().values;
    stale_ = is_better_ ? 0 : stale_ + 1;
    if (options_.patience > 0 && stale_ >= options_.patience) {
      parents_.clear();
      stale_ = 0;
    }
  }

  const map_space& space_;
  const search_options& options_;
  const score_function& score_;
  stopwatch watch_;
  search_result result_;
  std::uint32_t generation_ = 0;
  std::vector<genome> proposals_;
  std::vector<cost> costs_;
  std::vector<candidate> parents_;
  objective_values best_of_run_{};
  bool is_better_ = false;
  std::int64_t stale_ = 0;
  std::unordered_set<std::uint64_t> seen_;
};

}  // namespace

search_result search_space(const map_space& space,
                           const architecture&,
                           const search_options& options,
                           const score_function& score) {
  return breeder(space, options, score).run();
}

}  // namespace cugamma::timeloop
