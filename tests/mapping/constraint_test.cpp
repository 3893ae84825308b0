#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "mapping/constraint_cases.hpp"
#include "mapping/operators/breeding.hpp"
#include "mapping/operators/seeding.hpp"
#include "models/maestro/legality.hpp"
#include "search/optimisers/encoding.hpp"
#include "search/optimisers/random_keys.hpp"

namespace cugamma {
namespace {

accelerator limited_machine() {
  accelerator a;
  a.l1_size_elems = 4096;
  a.l2_size_elems = 400000;
  return a;
}

/// The size that a dimension has above a level.
std::int32_t above(const genome& g, const search_space& space, int level, int d) {
  const auto dim = static_cast<dimension>(d);
  return level > 0 ? tile(g, level - 1, dim) : space.bound[d];
}

/// Which dimensions a clause means in a layer.
bool allows(const parallel_clause& clause, int d, const layer& l) {
  if (l.type == layer_type::dsconv && d == index_of(dimension::C)) {
    return contains(clause.allowed, d) || contains(clause.allowed, index_of(dimension::K));
  }
  return contains(clause.allowed, d);
}

bool has(dimension_mask mask, const layer& l) {
  return l.type != layer_type::gemm || (mask & 0b111) != 0;
}

genome without_second(genome g, int level) {
  set_parallel(g, level, parallel(g, level));
  return g;
}

/// Whether a level's dimensions are those that an unconstrained mapping may have.
bool is_free_choice(const genome& g, int level, const search_space& space) {
  const search_space free = make_search_space(space.target, {});
  return contains(free.levels[level].parallel, index_of(parallel(g, level))) &&
         second_parallel(g, level) == no_dimension;
}

/// With the style's dimensions kept and others besides, each may come from either side.
std::string widened_error(const genome& g,
                          const level_constraint& c,
                          int level,
                          const search_space& space) {
  if (is_free_choice(g, level, space)) return "";
  const int first = index_of(parallel(g, level));
  const int second = second_parallel(g, level);
  const bool first_ok = is_free_choice(without_second(g, level), level, space) ||
                        (c.parallel && allows(*c.parallel, first, space.target)) ||
                        (c.network && allows(*c.network, first, space.target)) ||
                        (c.second_parallel && allows(*c.second_parallel, first, space.target));
  if (!first_ok) return "sp of a free level";
  const bool second_ok = second == no_dimension ||
                         (c.second_parallel && allows(*c.second_parallel, second, space.target));
  return second_ok ? "" : "sp2 of a free level";
}

std::string parallel_error(const genome& g,
                           const level_constraint& c,
                           int level,
                           const search_space& space) {
  if (c.is_parallelism_free) return widened_error(g, c, level, space);
  const layer& l = space.target;
  const int first = index_of(parallel(g, level));
  const int second = second_parallel(g, level);
  const bool first_here = c.parallel && has(c.parallel->allowed, l);
  const bool second_here = c.second_parallel && has(c.second_parallel->allowed, l);
  if (c.network && has(c.network->allowed, l) && !allows(*c.network, first, l)) return "network";
  if (first_here && !allows(*c.parallel, first, l)) return "sp";
  if (!c.second_parallel && second != no_dimension) return "second without sp2";
  if (first_here && second_here && !allows(*c.second_parallel, second, l)) return "sp2";
  if (c.parallel && !first_here && second_here && !allows(*c.second_parallel, first, l)) {
    return "sp2 in place of sp";
  }
  return "";
}

std::string tile_error(const genome& g,
                       const search_space& space,
                       const tile_rule& rule,
                       int level,
                       int d) {
  const auto dim = static_cast<dimension>(d);
  const std::int32_t size = tile(g, level, dim);
  const std::int32_t cap = above(g, space, level, d);
  if (size < 1 || size > cap) return "nesting";
  bool splits = false;
  for (int below = level; below < level_count(g); ++below) {
    splits = is_parallel(g, below, dim);
    if (!splits) break;
  }
  if (dim >= dimension::R && !splits) return size == cap ? "" : "filter not whole";
  if (rule.same_as_above != no_dimension) {
    return size == std::min(cap, above(g, space, level, rule.same_as_above)) ? "" : "same";
  }
  std::int32_t high = std::min(cap, rule.high);
  if (rule.at_most_tile_of != no_dimension) {
    high = std::min(high, above(g, space, level, rule.at_most_tile_of));
  }
  return size <= high && size >= std::min(rule.low, high) ? "" : "range";
}

/// What a genome does against a constraint; empty: nothing. Reads the clauses, not the space's
/// rules.
std::string disobeys(const genome& g, const search_space& space, const mapping_constraint& c) {
  std::int64_t clusters = 1;
  for (int level = 0; level < level_count(g) && level < std::ssize(c.levels); ++level) {
    const level_constraint& here = c.levels[static_cast<std::size_t>(level)];
    const std::string wrong = parallel_error(g, here, level, space);
    if (!wrong.empty()) return wrong;
    if (here.order) {
      for (std::size_t p = 0; p < here.order->prefix.size(); ++p) {
        if (order(g, level, static_cast<int>(p)) != here.order->prefix[p]) return "order";
      }
    }
    for (int d = 0; d < gene_dimension_count; ++d) {
      if (!here.tiles[d]) continue;
      const std::string tile = tile_error(g, space, here.tiles[d]->rule, level, d);
      if (!tile.empty()) return "KCYXRS"[d] + (": " + tile);
    }
    if (level == 0) continue;
    clusters *= cluster_size(g, level);
    if (clusters > pes_of(g, space)) return "more clusters than PEs";
    if (!here.cluster) continue;
    const cluster_rule& rule = here.cluster->rule;
    const std::int32_t size = cluster_size(g, level);
    if (rule.at_most_tile_of != no_dimension) {
      if (size > std::max(above(g, space, level, rule.at_most_tile_of), 1)) return "sp_sz";
    } else if (size != rule.low) {
      return "sp_sz";
    }
  }
  return "";
}

genome proposal(int kind,
                std::span<const genome> parents,
                const search_space& space,
                random_stream& random) {
  const breeding_rates rates;
  switch (kind) {
    case 0:
      return draw_fitting(space, rates, random);
    case 1:
      return draw_guided(space, rates, random);
    case 2: {
      const encoding code(space, rates.fit_buffers);
      return code.decode(draw_keys(code.size(), random));
    }
    default:
      return breed(parents, make_breeding_plan(space, rates), random);
  }
}

void expect_obedience(const mapping_constraint& c,
                      const layer& given,
                      const accelerator& a,
                      int n) {
  const search_space space = space_of(c, given, a);
  std::vector<genome> parents;
  for (int i = 0; i < n; ++i) {
    random_stream random(7, static_cast<std::uint32_t>(i % 97), static_cast<std::uint64_t>(i));
    const int kind = parents.size() < 2 ? 0 : (i % 20 < 3 ? i % 20 : 3);
    const genome g = proposal(kind, parents, space, random);
    ASSERT_EQ(disobeys(g, space, c), "") << c.file << ", individual " << i << ", kind " << kind;
    ASSERT_TRUE(has_loop_orders(g)) << c.file << ", individual " << i;
    if (parents.size() < 64) {
      parents.push_back(g);
    } else {
      parents[static_cast<std::size_t>(i) % 64] = g;
    }
  }
}

/// 100,000 individuals a class, over five layers.
class StyleClasses : public testing::TestWithParam<const char*> {};

TEST_P(StyleClasses, EveryIndividualObeys) {
  accelerator a;
  for (int bits = 0; bits < flexibility_class_count; ++bits) {
    const mapping_constraint c = with_flexibility(style(GetParam()), flexibility_of(bits));
    for (const layer& l : constraint_layers()) expect_obedience(c, l, a, 20000);
    if (HasFatalFailure()) FAIL() << "class " << name_of(flexibility_of(bits));
  }
}

TEST_P(StyleClasses, ObeysWithinBuffersToo) {
  const mapping_constraint c = style(GetParam());
  for (const layer& l : constraint_layers()) {
    accelerator a = limited_machine();
    a.l1_size_elems = unlimited;
    expect_obedience(c, l, a, 5000);
  }
}

TEST_P(StyleClasses, InflexibleIsOneMapping) {
  const mapping_constraint c = with_flexibility(style(GetParam()), {});
  for (const layer& l : constraint_layers()) {
    const search_space space = space_of(c, l, {});
    random_stream one(1, 0, 0);
    random_stream other(2, 0, 0);
    genome a = draw_random(space, one);
    genome b = draw_random(space, other);
    for (int level = 1; level < level_count(a); ++level)
      set_cluster_size(b, level, cluster_size(a, level));
    // A clause on a dimension that the layer lacks falls away and leaves a choice.
    for (int level = 0; level < level_count(a); ++level) {
      const bool is_free = std::popcount(space.levels[level].parallel) > 1;
      if (is_free) set_parallel(b, level, parallel(a, level));
    }
    EXPECT_EQ(a, b) << c.file;
  }
}

INSTANTIATE_TEST_SUITE_P(All,
                         StyleClasses,
                         testing::Values("dla", "eye", "tpu", "shidiannao"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(Constraint, ThreeLevelsKeepTheirClusterSizes) {
  const mapping_constraint c = parse_constraint(
      "levels:\n  - sp: [K, Y]\n  - sp: [C, X]\n  - {sp: [R, S], sp_sz: 12, tiles: {C: [2, 8]}}\n",
      "three.yaml");
  accelerator a;
  a.num_pes = 168;
  for (const layer& l : constraint_layers()) expect_obedience(c, l, a, 20000);
}

TEST(Constraint, RangesAndSecondParallelHold) {
  const mapping_constraint c = parse_constraint(R"(
levels:
  - {sp: [K, C], sp2: [C, none], tiles: {X: [2, R], K: [3, 9]}, order: [X]}
  - {sp: [Y, X, R], sp2: [R], sp_sz: X, input_buffer: FIFO, reduction_noc: Temporal}
)",
                                                "ranges.yaml");
  for (const layer& l : constraint_layers()) expect_obedience(c, l, limited_machine(), 20000);
}

TEST(Constraint, NumbersRaiseTheTilesAbove) {
  const mapping_constraint c =
      parse_constraint("levels:\n  - {}\n  - {}\n  - tiles: {C: 40, Y: [5, 7]}\n", "raise.yaml");
  const search_space space = space_of(c, constraint_layers()[1], {});
  for (std::uint32_t i = 0; i < 10000; ++i) {
    random_stream random(3, 0, i);
    const genome g = draw_random(space, random);
    ASSERT_EQ(tile(g, 2, dimension::C), 40) << i;
    ASSERT_GE(tile(g, 2, dimension::Y), 5) << i;
  }
}

TEST(Constraint, TpuMapsConvolutionsAsProducts) {
  const mapping_constraint c = style("tpu");
  const layer product = constrained_layer(c, make_layer(layer_type::conv, 64, 3, 226, 226, 3, 3));
  EXPECT_EQ(product.type, layer_type::gemm);
  EXPECT_EQ(product[dimension::K], 64);
  EXPECT_EQ(product[dimension::C], 27);
  EXPECT_EQ(product[dimension::Y], 224 * 224);
  for (const layer& l : constraint_layers())
    EXPECT_EQ(layer_macs(constrained_layer(c, l)), layer_macs(l));
}

TEST(Constraint, FlexibilityIsReadInEachOfItsSpellings) {
  EXPECT_EQ(parse_flexibility("OP"), (flexibility{.order = true, .parallelism = true}));
  EXPECT_EQ(parse_flexibility("0110"), parse_flexibility("PO"));
  EXPECT_EQ(parse_flexibility("none"), flexibility_of(0));
  EXPECT_EQ(parse_flexibility("all"), flexibility_of(15));
  EXPECT_EQ(name_of(parse_flexibility("TS")), "1001");
  EXPECT_THROW(parse_flexibility("Q"), input_error);
  EXPECT_THROW(parse_flexibility(""), input_error);
  EXPECT_THROW(parse_flexibility("01101"), input_error);
}

/// Eyeriss adds its own R and the second dimension to what any mapping may have in parallel.
TEST(Constraint, FullFlexibilityIsTheWholeSpace) {
  const layer& l = constraint_layers()[0];
  for (const char* name : {"dla", "eye", "shidiannao"}) {
    const mapping_constraint c = style(name);
    const search_space free = make_search_space(l, {});
    search_space full = space_of(with_flexibility(c, flexibility_of(15)), l, {});
    for (std::size_t i = 0; i < c.levels.size(); ++i) {
      const auto& own = c.levels[i].parallel;
      const auto& second = c.levels[i].second_parallel;
      EXPECT_EQ(full.levels[i].parallel,
                free.levels[i].parallel | (own ? own->allowed : dimension_mask{0}))
          << name;
      EXPECT_EQ(full.levels[i].second_parallel,
                no_second_parallel | (second ? second->allowed : dimension_mask{0}))
          << name;
      full.levels[i].parallel = free.levels[i].parallel;
      full.levels[i].second_parallel = free.levels[i].second_parallel;
    }
    EXPECT_EQ(full, free) << name;
  }
}

/// What is no member of a space, repair changes.
std::string not_in(const genome& g, const search_space& space, const mapping_constraint& c) {
  const std::string wrong = disobeys(g, space, c);
  if (!wrong.empty()) return wrong;
  genome repaired = g;
  random_stream random(1, 0, 0);
  repair(repaired, space, random);
  return repaired == g ? "" : "repair changes it";
}

void expect_in_wider_classes(const mapping_constraint& c, const layer& given, int bits, int n) {
  const mapping_constraint own = with_flexibility(c, flexibility_of(bits));
  const search_space space = space_of(own, given, {});
  std::vector<genome> parents;
  for (int i = 0; i < n; ++i) {
    random_stream random(11, static_cast<std::uint32_t>(bits), static_cast<std::uint64_t>(i));
    parents.push_back(proposal(i < 20 ? i % 2 : 2, parents, space, random));
  }
  for (int wider = bits + 1; wider < flexibility_class_count; ++wider) {
    if ((wider & bits) != bits) continue;
    const mapping_constraint more = with_flexibility(c, flexibility_of(wider));
    const search_space all = space_of(more, given, {});
    for (const genome& g : parents) {
      ASSERT_EQ(not_in(g, all, more), "") << c.file << ": " << name_of(flexibility_of(bits))
                                          << " in " << name_of(flexibility_of(wider));
    }
  }
}

TEST_P(StyleClasses, AWiderClassHasAllMappings) {
  const mapping_constraint c = style(GetParam());
  for (int bits = 0; bits < flexibility_class_count; ++bits) {
    for (const layer& l : constraint_layers()) expect_in_wider_classes(c, l, bits, 500);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace cugamma
