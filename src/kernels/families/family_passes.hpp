#pragma once

#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/transform_reduce.h>

#include <cstdint>

#include "cugamma/evaluate/ranking.hpp"
#include "cugamma/mapping/order_family.hpp"

/// What the device does with families of mappings besides scoring: it makes mappings out of their
/// numbers and finds the best. The policy says where that runs: the device and, in tests, the host.
namespace cugamma {

/// Families where a pass runs: every pointer is to memory that it can read.
struct family_input {
  const order_family* families = nullptr;
  const std::uint64_t* first = nullptr;  ///< the number of each family's first mapping
  std::uint32_t count = 0;
  const order_table* orders = nullptr;

  CUGAMMA_HD genome at(std::uint64_t number) const {
    const std::uint32_t f = family_of(first, count, number);
    return genome_at(families[f], *orders, static_cast<std::uint32_t>(number - first[f]));
  }
};

struct write_mapping_of_number {
  family_input in;
  std::uint64_t from;
  genome* out;
  CUGAMMA_HD void operator()(std::uint32_t i) const { out[i] = in.at(from + i); }
};

/// A mapping's key and number; by both, so that the first of equal mappings is the best.
struct keyed_number {
  std::uint64_t key = ~std::uint64_t{0};
  std::uint64_t number = 0;
};

struct key_of_scored {
  objective by;
  const accelerator* accelerators;
  const genome* genomes;
  const cost* costs;
  std::uint64_t from;
  CUGAMMA_HD keyed_number operator()(std::uint32_t i) const {
    return {family_key(by, genomes[i], costs[i], accelerators), from + i};
  }
};

struct better_number {
  CUGAMMA_HD keyed_number operator()(const keyed_number& a, const keyed_number& b) const {
    return b.key < a.key || (b.key == a.key && b.number < a.number) ? b : a;
  }
};

/// Writes the mappings of the numbers from, from + 1, ...
template <class Policy>
void write_mappings(const Policy& policy,
                    const family_input& in,
                    std::uint64_t from,
                    std::uint32_t count,
                    genome* out) {
  const thrust::counting_iterator<std::uint32_t> begin(0);
  thrust::for_each_n(policy, begin, count, write_mapping_of_number{in, from, out});
}

/// The better of the best known and the best of scored mappings.
template <class Policy>
keyed_number best_number(const Policy& policy,
                         const key_of_scored& scored,
                         std::uint32_t count,
                         const keyed_number& known) {
  const thrust::counting_iterator<std::uint32_t> begin(0);
  return thrust::transform_reduce(policy, begin, begin + count, scored, known, better_number{});
}

}  // namespace cugamma
