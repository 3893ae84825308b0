#include "cugamma/evaluate/ranking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_set>

#include "cugamma/error.hpp"

namespace cugamma {
namespace {

struct sort_key {
  std::uint32_t index = 0;
  rank_class where = rank_class::illegal;
  std::array<std::uint64_t, max_objectives> objectives{};
};

bool before(const sort_key& a, const sort_key& b) {
  if (a.where != b.where) return a.where < b.where;
  if (a.objectives != b.objectives) return a.objectives < b.objectives;
  return a.index < b.index;
}

std::vector<sort_key> make_keys(const batch& b,
                                std::span<const cost> costs,
                                const ranking_rule& rule) {
  std::vector<sort_key> keys(costs.size());
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const genome& g = b.genomes[i];
    const accelerator& a = b.accelerators[g.accelerator_index];
    const scored_mapping m{costs[i], a, pes_of(g, a)};
    keys[i].index = static_cast<std::uint32_t>(i);
    keys[i].where = rank_class_of(costs[i].status, rule);
    for (int o = 0; o < rule.objective_count; ++o) {
      keys[i].objectives[o] = rank_key(rule.objectives[o], m);
    }
  }
  return keys;
}

// The genomes that were taken so far, by index; equal means equal genomes.
class taken_genomes {
 public:
  explicit taken_genomes(std::span<const genome> genomes)
      : seen_(
            0,
            [genomes](std::uint32_t i) { return hash_of(genomes[i]); },
            [genomes](std::uint32_t i, std::uint32_t k) { return genomes[i] == genomes[k]; }) {}

  bool take(std::uint32_t index) { return seen_.insert(index).second; }

 private:
  std::unordered_set<std::uint32_t,
                     std::function<std::size_t(std::uint32_t)>,
                     std::function<bool(std::uint32_t, std::uint32_t)>>
      seen_;
};

}  // namespace

ranking_rule make_ranking_rule(std::span<const objective> objectives,
                               const cost_model& model,
                               belief trust) {
  if (objectives.empty() || objectives.size() > max_objectives) {
    throw input_error(
        fmt::format("{} objectives, 1 to {} are possible", objectives.size(), max_objectives));
  }
  ranking_rule rule;
  std::ranges::copy(objectives, rule.objectives.begin());
  rule.objective_count = static_cast<std::int32_t>(objectives.size());
  rule.infeasible = rejecting_bits(model, trust);
  return rule;
}

std::vector<ranked_mapping> rank_best(const batch& b,
                                      std::span<const cost> costs,
                                      const ranking_rule& rule,
                                      std::size_t count) {
  if (costs.size() != b.genomes.size()) {
    throw input_error(
        fmt::format("rank_best: {} costs for {} mappings", costs.size(), b.genomes.size()));
  }
  std::vector<sort_key> keys = make_keys(b, costs, rule);
  taken_genomes taken(b.genomes);
  std::vector<ranked_mapping> best;
  // Sorted piece by piece: only duplicates make it look beyond the first count.
  for (auto sorted = keys.begin(); sorted != keys.end() && best.size() < count;) {
    const auto piece =
        std::min<std::ptrdiff_t>(keys.end() - sorted, std::max<std::size_t>(count, 64));
    std::partial_sort(sorted, sorted + piece, keys.end(), before);
    for (const auto end = sorted + piece; sorted != end && best.size() < count; ++sorted) {
      if (taken.take(sorted->index)) best.push_back({sorted->index, costs[sorted->index]});
    }
  }
  return best;
}

}  // namespace cugamma
