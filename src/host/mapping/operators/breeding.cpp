#include "mapping/operators/breeding.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <vector>

#include "mapping/operators/child.hpp"
#include "mapping/operators/drawing.hpp"
#include "mapping/operators/seeding.hpp"

namespace cugamma {
namespace {

using word = std::uint32_t;
using any_genes = operators::genes<word, operators::any_levels>;
using packed_words = operators::packed<word>;

packed_words words_of(const genome& g) { return std::bit_cast<packed_words>(g); }

any_genes unpacked(const genome& g) {
  return operators::unpack<operators::any_levels>(words_of(g));
}

template <class Depth>
genome record(operators::genes<word, Depth> g, const search_space& space) {
  operators::clear_unused(g);
  return std::bit_cast<genome>(operators::pack(g, space));
}

/// body(depth) with the type that suits a space.
template <class Body>
auto with_depth(const search_space& space, const Body& body) {
  const bool is_two = space.levels_min == 2 && space.levels_max == 2;
  return is_two ? body(operators::two_levels{}) : body(operators::any_levels{});
}

int_range plain(operators::range<word> r) {
  return {static_cast<std::int32_t>(r.low), static_cast<std::int32_t>(r.high)};
}

/// The lists of all numbers that a cluster size may be.
class cluster_divisor_table {
 public:
  cluster_divisor_table() : place_(divisor_lists::most + 1) {
    for (word d = 1; d <= divisor_lists::most; ++d) {
      for (word n = d; n <= divisor_lists::most; n += d) ++place_[n];
    }
    word begin = 0;
    for (word& place : place_) {
      const word count = place;
      place = begin;
      begin += count;
    }
    divisors_.resize(begin);
    for (word d = 1; d <= divisor_lists::most; ++d) {
      for (word n = d; n <= divisor_lists::most; n += d) add(n, d);
    }
  }

  divisor_lists lists() const { return {place_.data(), divisors_.data()}; }

 private:
  void add(word n, word d) {
    divisors_[(place_[n] & 0xffffff) + (place_[n] >> 24)] = d;
    place_[n] += word{1} << 24;
  }

  std::vector<word> place_;
  std::vector<word> divisors_;
};

divisor_lists cluster_divisors() {
  static const cluster_divisor_table table;
  return table.lists();
}

void list_bound_divisors(breeding_plan& plan) {
  plan.bound_divisors.resize(gene_dimension_count * breeding_plan::most_divisors);
  for (int d = 0; d < gene_dimension_count; ++d) {
    const auto bound = static_cast<word>(plan.space.bound[d]);
    word count = 0;
    const auto add = [&](word divisor) {
      plan.bound_divisors[d * breeding_plan::most_divisors + count++] = divisor;
    };
    for (word n = 1; n * n <= bound; ++n) {
      if (bound % n != 0) continue;
      add(n);
      if (n * n != bound) add(bound / n);
    }
    plan.bound_divisor_count[d] = count;
  }
}

/// The largest float up to which needs may go that are summed in floats: below 2^24 those are
/// exact.
float limit_of(std::int64_t elems) {
  const auto limit = static_cast<float>(elems);
  return elems < (1 << 24) ? limit : limit * (1 - 0x1p-20f);
}

bool is_free(const search_space& space, const level_rule& rule) {
  for (int d = 0; d < first_filter_dimension; ++d) {
    const tile_rule& tiles = rule.tiles[d];
    if (tiles.low > 1 || tiles.high < space.bound[d]) return false;
    if (tiles.same_as_above != no_dimension || tiles.at_most_tile_of != no_dimension) return false;
  }
  return true;
}

void plan_level(breeding_plan& plan, int level) {
  const level_rule& rule = plan.space.levels[level];
  const level_rule& top = plan.space.levels[0];
  const dimension_mask filter = mask_of(dimension::R) | mask_of(dimension::S);
  for (int d = 0; d < gene_dimension_count; ++d) {
    if (!contains(rule.parallel, d)) continue;
    plan.members[level] |= static_cast<word>(d) << (dimension_bits * plan.member_count[level]++);
  }
  plan.free_tiles[level] = is_free(plan.space, rule);
  plan.splits_filter |= ((rule.parallel | rule.second_parallel) & filter) != 0;
  plan.has_second |= rule.second_parallel != no_second_parallel;
  plan.same_parallel_on_every_level &=
      rule.parallel == top.parallel && rule.second_parallel == top.second_parallel;
}

}  // namespace

breeding_plan make_breeding_plan(const search_space& space, const breeding_rates& rates) {
  breeding_plan plan;
  plan.space = space;
  plan.rates = rates;
  for (int level = 0; level < space.levels_max; ++level) plan_level(plan, level);
  const level_rule& top = space.levels[0];
  plan.top_parallel =
      static_cast<dimension_mask>((top.parallel | top.second_parallel) & every_gene_dimension);
  plan.l1_limit = limit_of(space.l1_size_elems);
  plan.l2_limit = limit_of(space.l2_size_elems);
  plan.cluster_limit = limit_of(space.cluster_buffer_elems);
  plan.cluster_divisors = cluster_divisors();
  if (space.factors_only) list_bound_divisors(plan);
  return plan;
}

std::int32_t pes_of(const genome& g, const search_space& space) {
  return space.search_pes ? own_pes(g) : space.pes_max;
}

std::int32_t tile_above(const genome& g, const search_space& space, int level, dimension d) {
  return level == 0 ? space.bound[index_of(d)] : tile(g, level - 1, d);
}

int_range allowed_tiles(const genome& g, const search_space& space, int level, dimension d) {
  const breeding_plan plan = make_breeding_plan(space, {});
  return plain(operators::allowed_tiles(unpacked(g), plan, level, index_of(d)));
}

int_range allowed_cluster_sizes(const genome& g, const search_space& space, int level) {
  return plain(operators::allowed_cluster_sizes(unpacked(g), space, level));
}

std::int32_t fitting_tile(const genome& g,
                          const search_space& space,
                          int level,
                          dimension d,
                          std::int32_t wanted) {
  return fitting_tile(g, make_breeding_plan(space, {}), level, d, wanted);
}

std::int32_t fitting_tile(const genome& g,
                          const breeding_plan& plan,
                          int level,
                          dimension d,
                          std::int32_t wanted) {
  const auto size = static_cast<word>(wanted);
  return static_cast<std::int32_t>(
      operators::fitting_tile(unpacked(g), plan, level, index_of(d), size));
}

void clear_unused_levels(genome& g) {
  search_space space;
  space.layer_index = g.layer_index;
  space.accelerator_index = g.accelerator_index;
  g = record(unpacked(g), space);
}

void repair(genome& g, const search_space& space, random_stream& random) {
  repair(g, make_breeding_plan(space, {}), random);
}

void repair(genome& g, const breeding_plan& plan, random_stream& random) {
  any_genes genes = unpacked(g);
  operators::repair(genes, plan, random);
  g = record(genes, plan.space);
}

void fit_buffers(genome& g, const breeding_plan& plan, random_stream& random) {
  any_genes genes = unpacked(g);
  operators::fit_buffers(genes, plan, random);
  g = record(genes, plan.space);
}

void add_level(genome& g, const search_space& space, random_stream& random) {
  const breeding_plan plan = make_breeding_plan(space, {});
  any_genes genes = unpacked(g);
  operators::add_level(genes, plan, level_count(g), true, operators::draw_level(plan, random));
  g = record(genes, space);
}

std::int64_t l1_need(const genome& g, const search_space& space) {
  operators::tile_values<std::int64_t> tiles;
  for (int d = 0; d < gene_dimension_count; ++d) {
    tiles[d] = tile(g, level_count(g) - 1, static_cast<dimension>(d));
  }
  return operators::l1_need(tiles, space);
}

std::int64_t l2_need(const genome& g, const search_space& space) {
  const breeding_plan plan = make_breeding_plan(space, {});
  const any_genes genes = unpacked(g);
  return operators::l2_need_with<std::int64_t>(genes,
                                               plan,
                                               operators::top_clusters(genes, space),
                                               genes.tiles[0],
                                               [](word tile) { return std::int64_t{tile}; });
}

genome breed(std::span<const genome> parents, const breeding_plan& plan, random_stream& random) {
  const auto count = static_cast<word>(parents.size());
  const auto c = operators::choose_parents<word>(plan.rates, count, {0}, random);
  packed_words child = words_of(parents[c.mother]);
  const packed_words father = words_of(parents[c.father]);
  const word at = operators::crossed_bytes(c.crossed) / sizeof(word);
  operators::cross(child, c.crossed, father[at], father[at + 1]);
  return with_depth(plan.space, [&](auto depth) {
    return record(operators::make_child<decltype(depth)>(child, plan, random), plan.space);
  });
}

std::uint64_t identity_of(const genome& g, const search_space& space) {
  const breeding_plan plan = make_breeding_plan(space, {});
  return with_depth(space, [&](auto depth) {
    const auto genes = operators::unpack<decltype(depth)>(words_of(g));
    const auto id = operators::identity_of(genes, words_of(g), plan);
    return std::uint64_t{id.high} << 32 | id.low;
  });
}

namespace {

genome drawn(const search_space& space,
             const breeding_rates& rates,
             const operators::drawing& how,
             random_stream& random) {
  const breeding_plan plan = make_breeding_plan(space, rates);
  return with_depth(space, [&](auto depth) {
    operators::genes<word, decltype(depth)> best{};
    for (int i = 0; how.guided_below > 0 && i < how.handful; ++i) {
      const auto even = operators::draw_even<decltype(depth), word>(plan, random);
      if (i == 0 ||
          operators::estimated_pe_use(best, plan) < operators::estimated_pe_use(even, plan))
        best = even;
    }
    return record(operators::complete(best, plan, how, 0u, random), space);
  });
}

}  // namespace

genome draw_random(const search_space& space, random_stream& random) {
  breeding_rates rates;
  rates.fit_buffers = false;
  return drawn(space, rates, {.guided_below = 0}, random);
}

genome draw_fitting(const search_space& space, const breeding_rates& rates, random_stream& random) {
  return drawn(space, rates, {.guided_below = 0}, random);
}

genome draw_guided(const search_space& space,
                   const breeding_rates& rates,
                   random_stream& random,
                   int handful) {
  return drawn(space, rates, {.handful = handful}, random);
}

}  // namespace cugamma
