#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "cugamma/hd.hpp"
#include "models/timeloop/closed/tables.hpp"

namespace cugamma::timeloop::closed {

/// A loop of a bound above 1.
struct loop_row {
  std::int32_t dimension;
  std::int32_t bound;
  std::int32_t inside;  ///< indices of its dimension that a step passes
};

/// The spatial loops of a level, those on X before those on Y.
struct fan_loops {
  loop_row loops[max_dimensions + 1];  ///< the last one is never in use
  int count;
  int count_x;
  std::int64_t used_x, used_y;
  CUGAMMA_HD std::int64_t used() const { return used_x * used_y; }
};

/// The loops of a mapping, the innermost first.
struct nest {
  loop_row loops[max_primes + 1];    ///< temporal; the last one is never in use
  std::int64_t outward[max_primes];  ///< steps of a loop and of all loops outside of it
  int first_loop[max_levels + 1];    ///< of a level, among them
  fan_loops fans[max_levels];
  std::int32_t below[max_levels + 1][max_dimensions];  ///< what a level's inner neighbour works on
  std::int32_t at_once[max_levels][max_dimensions];    ///< all of them together
  std::int64_t instances_x[max_levels + 1];  ///< in use; [0]: of MACs, [b + 1]: of level b
  std::int64_t instances_y[max_levels + 1];
  std::int64_t words[max_tensors][max_levels + 1];  ///< of a tensor in `below`
  std::int64_t cycles;
  CUGAMMA_HD std::int64_t instances(int level) const {
    return instances_x[level + 1] * instances_y[level + 1];
  }
};

namespace detail {

/// Eight bytes of a genome from one of its fields on; the first in the lowest bits.
CUGAMMA_HD inline std::uint64_t word_at(const genome& g, std::size_t offset) {
  std::uint64_t word;
  memcpy(&word, reinterpret_cast<const unsigned char*>(&g) + offset, sizeof(word));
  return word;
}

/// An order of dimensions, four bits each, the innermost lowest.
CUGAMMA_HD inline std::uint64_t order_of(const genome& g, std::size_t field, int level) {
  return word_at(g, field + 5 * static_cast<std::size_t>(level));
}

using factor_rows = std::int32_t[max_places][max_dimensions];

CUGAMMA_HD inline void read_factors(const genome& g, const genome_shape& s, factor_rows& factors) {
  for (int p = 0; p < s.num_places; ++p) {
    for (int d = 0; d < s.num_dimensions; ++d) factors[p][d] = 1;
  }
  for (int first = 0; first < s.num_primes; first += 16) {
    std::uint64_t places = word_at(g, offsetof(genome, places) + static_cast<unsigned>(first) / 2);
    const int end = first + 16 < s.num_primes ? first + 16 : s.num_primes;
    for (int i = first; i < end; ++i, places >>= 4) {
      factors[places & 15][s.dimension_of[i]] *= s.primes[i];
    }
  }
}

CUGAMMA_HD inline void add_fan(const genome& g,
                               int level,
                               int dimensions,
                               const std::int32_t* factors,
                               nest& n) {
  fan_loops& fan = n.fans[level];
  std::uint64_t order = order_of(g, offsetof(genome, spatial_orders), level);
  for (int i = 0; i < dimensions; ++i, order >>= 4) {
    const auto d = static_cast<std::int32_t>(order & 15);
    fan.loops[fan.count] = {d, factors[d], n.below[level][d]};
    fan.count += factors[d] > 1 ? 1 : 0;  // without a branch that nothing predicts
    const bool is_on_x = i < g.split[level];
    fan.count_x = is_on_x ? fan.count : fan.count_x;
    fan.used_x *= is_on_x ? factors[d] : 1;
    fan.used_y *= is_on_x ? 1 : factors[d];
  }
}

CUGAMMA_HD inline int add_level(const genome& g,
                                const tables& t,
                                int level,
                                const std::int32_t (*factors)[max_dimensions],
                                int count,
                                nest& n) {
  const int dimensions = t.shape.num_dimensions;
  n.fans[level].count = n.fans[level].count_x = 0;
  n.fans[level].used_x = n.fans[level].used_y = 1;
  for (int d = 0; d < dimensions; ++d) n.at_once[level][d] = n.below[level][d];
  if (t.spatial_place[level] >= 0) {
    const std::int32_t* spatial = factors[t.spatial_place[level]];
    add_fan(g, level, dimensions, spatial, n);
    for (int d = 0; d < dimensions; ++d) n.at_once[level][d] *= spatial[d];
  }
  const std::int32_t* temporal = factors[t.temporal_place[level]];
  n.first_loop[level] = count;
  std::uint64_t order = order_of(g, offsetof(genome, temporal_orders), level);
  for (int i = 0; i < dimensions; ++i, order >>= 4) {
    const auto d = static_cast<std::int32_t>(order & 15);
    n.below[level + 1][d] = n.at_once[level][d] * temporal[d];
    n.loops[count] = {d, temporal[d], n.at_once[level][d]};
    count += temporal[d] > 1 ? 1 : 0;
  }
  return count;
}

}  // namespace detail

/// Words of a tensor that a box of iterations touches. box[d]: those of a dimension
template <class Box>
CUGAMMA_HD inline std::int64_t volume(const tensor_row& t, const Box& box) {
  std::int64_t words = 1, extent = 1;
  for (int i = 0; i < t.num_indices; ++i) words *= box[t.terms[i].dimension];
  for (int i = t.num_indices; i < t.num_terms; ++i) {
    const term_row& x = t.terms[i];
    extent += static_cast<std::int64_t>(x.coefficient) * (box[x.dimension] - 1);
    if (!x.ends_axis) continue;
    words *= extent;
    extent = 1;
  }
  return words;
}

CUGAMMA_HD inline void read_nest(const genome& g, const tables& t, nest& n) {
  const int levels = t.shape.num_levels, dimensions = t.shape.num_dimensions;
  detail::factor_rows factors;
  detail::read_factors(g, t.shape, factors);
  for (int d = 0; d < dimensions; ++d) n.below[0][d] = 1;
  int count = 0;
  for (int level = 0; level < levels; ++level) {
    count = detail::add_level(g, t, level, factors, count, n);
  }
  n.first_loop[levels] = count;
  n.cycles = 1;
  for (int j = count; j-- > 0;) n.outward[j] = n.cycles *= n.loops[j].bound;
  n.instances_x[levels] = n.instances_y[levels] = 1;
  for (int level = levels; level-- > 0;) {
    n.instances_x[level] = n.instances_x[level + 1] * n.fans[level].used_x;
    n.instances_y[level] = n.instances_y[level + 1] * n.fans[level].used_y;
  }
  for (int i = 0; i < t.shape.num_tensors; ++i) {
    n.words[i][0] = 1;
    for (int b = 1; b <= levels; ++b) n.words[i][b] = volume(t.tensors[i], n.below[b]);
  }
}

/// Words of a box that it did not hold before it moved along one dimension.
template <class Box>
CUGAMMA_HD inline std::int64_t new_words(const tensor_row& t,
                                         const Box& box,
                                         int dimension,
                                         std::int64_t distance) {
  std::int64_t all = 1, kept = 1, extent = 1, move = 0;
  for (int i = 0; i < t.num_terms; ++i) {
    const term_row& x = t.terms[i];
    extent += static_cast<std::int64_t>(x.coefficient) * (box[x.dimension] - 1);
    move += x.dimension == dimension ? x.coefficient * distance : 0;
    if (!x.ends_axis) continue;
    all *= extent;
    kept *= extent > move ? extent - move : 0;
    extent = 1;
    move = 0;
  }
  return all - kept;
}

}  // namespace cugamma::timeloop::closed
