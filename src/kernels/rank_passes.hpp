#pragma once

#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/sequence.h>
#include <thrust/sort.h>
#include <thrust/transform.h>

#include <cstdint>
#include <span>
#include <vector>

#include "cugamma/evaluate/ranking.hpp"

namespace cugamma {

/// A scored population where a rank pass runs: every pointer is to memory that it can read.
struct rank_input {
  const accelerator* accelerators = nullptr;
  const genome* genomes = nullptr;
  const cost* costs = nullptr;
  std::uint32_t count = 0;
  ranking_rule rule;
};

/// What ranking needs besides: arrays of rank_input::count elements each.
struct rank_scratch {
  std::uint64_t* keys = nullptr;
  std::uint32_t* order = nullptr;     ///< the result: indices, best first, duplicates last
  std::uint8_t* duplicate = nullptr;  ///< 1 for a genome that stands earlier already
};

struct genome_hash {
  const genome* genomes;
  CUGAMMA_HD std::uint64_t operator()(std::uint32_t i) const { return hash_of(genomes[i]); }
};

/// Looks back along the run of equal hashes for an equal genome. The run's order is by index, so
/// the first of equal genomes stays.
struct mark_duplicate {
  rank_input in;
  rank_scratch at;
  CUGAMMA_HD void operator()(std::uint32_t place) const {
    const genome& g = in.genomes[at.order[place]];
    bool found = false;
    for (std::uint32_t p = place; p > 0 && !found && at.keys[p - 1] == at.keys[place]; --p) {
      found = in.genomes[at.order[p - 1]] == g;
    }
    at.duplicate[at.order[place]] = found;
  }
};

struct objective_key {
  rank_input in;
  objective by;
  CUGAMMA_HD std::uint64_t operator()(std::uint32_t i) const {
    const genome& g = in.genomes[i];
    const accelerator& a = in.accelerators[g.accelerator_index];
    return rank_key(by, {in.costs[i], a, pes_of(g, a)});
  }
};

struct class_key {
  rank_input in;
  const std::uint8_t* duplicate;
  CUGAMMA_HD std::uint8_t operator()(std::uint32_t i) const {
    if (duplicate[i] != 0) return static_cast<std::uint8_t>(rank_class::duplicate);
    return static_cast<std::uint8_t>(rank_class_of(in.costs[i].status, in.rule));
  }
};

/// Stands for "no more" in a list of ranked mappings.
inline constexpr std::uint32_t no_index = ~std::uint32_t{0};

struct listed_index {
  const std::uint8_t* duplicate;
  CUGAMMA_HD std::uint32_t operator()(std::uint32_t i) const {
    return duplicate[i] != 0 ? no_index : i;
  }
};

struct listed_cost {
  const cost* costs;
  CUGAMMA_HD cost operator()(std::uint32_t i) const { return costs[i]; }
};

/// One stable pass: orders at.order by key(index), leaving ties as they stand.
template <class Policy, class Key, class Value>
void order_by(const Policy& policy, const rank_scratch& at, std::uint32_t n, Key key, Value* keys) {
  thrust::transform(policy, at.order, at.order + n, keys, key);
  thrust::stable_sort_by_key(policy, keys, keys + n, at.order);
}

/// Lists the first count of a ranked population: their indices, no_index from the first duplicate
/// on, and their costs.
template <class Policy>
void take_best(const Policy& policy,
               const rank_input& in,
               const rank_scratch& at,
               std::uint32_t count,
               std::uint32_t* indices,
               cost* costs) {
  thrust::transform(policy, at.order, at.order + count, indices, listed_index{at.duplicate});
  thrust::transform(policy, at.order, at.order + count, costs, listed_cost{in.costs});
}

/// The same put together.
inline std::vector<ranked_mapping> ranked_mappings(std::span<const std::uint32_t> indices,
                                                   std::span<const cost> costs) {
  std::vector<ranked_mapping> best;
  best.reserve(indices.size());
  for (std::size_t i = 0; i < indices.size() && indices[i] != no_index; ++i) {
    best.push_back({indices[i], costs[i]});
  }
  return best;
}

/// Puts all indices of a population into at.order, in the rule's order, duplicates last: passes of
/// a stable sort from the least significant key to the most. The policy says where it runs: the
/// device and, in tests, the host.
template <class Policy>
void rank_population(const Policy& policy, const rank_input& in, const rank_scratch& at) {
  const std::uint32_t n = in.count;
  thrust::sequence(policy, at.order, at.order + n);
  order_by(policy, at, n, genome_hash{in.genomes}, at.keys);
  thrust::for_each_n(policy,
                     thrust::counting_iterator<std::uint32_t>(0),
                     n,
                     mark_duplicate{in, at});
  thrust::sequence(policy, at.order, at.order + n);
  for (int o = in.rule.objective_count - 1; o >= 0; --o) {
    order_by(policy, at, n, objective_key{in, in.rule.objectives[o]}, at.keys);
  }
  order_by(policy, at, n, class_key{in, at.duplicate}, reinterpret_cast<std::uint8_t*>(at.keys));
}

}  // namespace cugamma
