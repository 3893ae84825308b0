#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/formats/constraint_file.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "mapping/operators/breeding.hpp"
#include "mapping/operators/seeding.hpp"
#include "models/maestro/legality.hpp"
#include "search/optimisers/encoding.hpp"
#include "search/optimisers/random_keys.hpp"
#include "small_problems.hpp"

namespace cugamma {
namespace {

const std::vector<layer>& layers() {
  using enum layer_type;
  static const std::vector<layer> all{make_layer(conv, 64, 3, 226, 226, 3, 3),
                                      make_layer(conv, 17, 130, 19, 23, 3, 5),
                                      make_layer(conv, 1000, 2048, 1, 1, 1, 1),
                                      make_layer(dsconv, 1, 96, 58, 58, 3, 3),
                                      make_layer(gemm, 768, 512, 197, 1, 1, 1)};
  return all;
}

accelerator limited_machine() {
  accelerator a;
  a.l1_size_elems = 4096;
  a.l2_size_elems = 400000;
  return a;
}

mapping_constraint style(const std::string& name) {
  return read_constraint(std::string(CUGAMMA_SOURCE_DIR "/constraints/") + name + ".yaml");
}

search_space space_of(const mapping_constraint& c, const layer& l, const accelerator& a) {
  space_options options;
  options.levels_min = options.levels_max = static_cast<int>(c.levels.size());
  return constrain(make_search_space(constrained_layer(c, l), a, options), c);
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
    for (const layer& l : layers()) expect_obedience(c, l, a, 20000);
    if (HasFatalFailure()) FAIL() << "class " << name_of(flexibility_of(bits));
  }
}

TEST_P(StyleClasses, ObeysWithinBuffersToo) {
  const mapping_constraint c = style(GetParam());
  for (const layer& l : layers()) {
    accelerator a = limited_machine();
    a.l1_size_elems = unlimited;
    expect_obedience(c, l, a, 5000);
  }
}

TEST_P(StyleClasses, InflexibleIsOneMapping) {
  const mapping_constraint c = with_flexibility(style(GetParam()), {});
  for (const layer& l : layers()) {
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
  for (const layer& l : layers()) expect_obedience(c, l, a, 20000);
}

TEST(Constraint, RangesAndSecondParallelHold) {
  const mapping_constraint c = parse_constraint(R"(
levels:
  - {sp: [K, C], sp2: [C, none], tiles: {X: [2, R], K: [3, 9]}, order: [X]}
  - {sp: [Y, X, R], sp2: [R], sp_sz: X, input_buffer: FIFO, reduction_noc: Temporal}
)",
                                                "ranges.yaml");
  for (const layer& l : layers()) expect_obedience(c, l, limited_machine(), 20000);
}

TEST(Constraint, NumbersRaiseTheTilesAbove) {
  const mapping_constraint c =
      parse_constraint("levels:\n  - {}\n  - {}\n  - tiles: {C: 40, Y: [5, 7]}\n", "raise.yaml");
  const search_space space = space_of(c, layers()[1], {});
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
  for (const layer& l : layers()) EXPECT_EQ(layer_macs(constrained_layer(c, l)), layer_macs(l));
}

std::string message_of(const std::string& text, const accelerator& a = {}) {
  try {
    space_of(parse_constraint(text, "f.yaml"), layers()[1], a);
  } catch (const input_error& e) {
    return e.what();
  }
  return "";
}

TEST(Constraint, ContradictionsNameBothClauses) {
  EXPECT_EQ(message_of("levels:\n  - tiles: {K: 4}\n  - tiles: {K: 8}\n"),
            "f.yaml:3: \"levels[1].tiles.K: 8\" clashes with \"levels[0].tiles.K: 4\" (line 2): no "
            "mapping obeys both");
  EXPECT_EQ(message_of("levels:\n  - sp: [K]\n    sp2: [K]\n"),
            "f.yaml:2: \"levels[0].sp: [K]\" clashes with \"levels[0].sp2: [K]\" (line 3): no "
            "mapping obeys both");
  EXPECT_EQ(message_of("levels:\n  - sp: [K]\n    reduction_noc: AdderTree\n"),
            "f.yaml:2: \"levels[0].sp: [K]\" clashes with \"levels[0].reduction_noc: AdderTree\" "
            "(line 3): no mapping obeys both");
  EXPECT_EQ(message_of("levels:\n  - sp: [K]\n    tiles: {R: 1}\n"),
            "f.yaml:3: \"levels[0].tiles.R: 1\" clashes with \"levels[0].sp: [K]\" (line 2): no "
            "mapping obeys both");
  EXPECT_EQ(message_of("levels:\n  - {}\n  - sp_sz: 512\n"),
            "f.yaml:3: \"levels[1].sp_sz: 512\" clashes with the 256 PEs: no mapping obeys both");
  EXPECT_EQ(message_of("levels:\n  - {}\n  - sp_sz: 32\n  - sp_sz: 16\n"),
            "f.yaml:4: \"levels[2].sp_sz: 16\" clashes with \"levels[1].sp_sz: 32\" (line 3): no "
            "mapping obeys both");
}

std::string message_on(const layer& l, const std::string& text, const space_options& options = {}) {
  try {
    const mapping_constraint c = parse_constraint(text, "f.yaml");
    constrain(make_search_space(constrained_layer(c, l), {}, options), c);
  } catch (const input_error& e) {
    return e.what();
  }
  return "";
}

struct contradiction {
  const char* text;
  const char* message;
};

/// On a layer with K 17, C 130, Y' 17, X' 19, R 3, S 5.
TEST(Constraint, MoreContradictionsNameBothClauses) {
  const contradiction all[] = {
      {"levels:\n  - tiles: {C: [1, 16]}\n  - tiles: {C: [20, 40]}\n",
       "f.yaml:3: \"levels[1].tiles.C: [20, 40]\" clashes with \"levels[0].tiles.C: [1, 16]\" "
       "(line 2)"},
      {"levels:\n  - tiles: {C: 4}\n  - {}\n  - tiles: {C: 8}\n",
       "f.yaml:4: \"levels[2].tiles.C: 8\" clashes with \"levels[0].tiles.C: 4\" (line 2)"},
      {"levels:\n  - tiles: {C: 4}\n  - tiles: {K: C}\n  - tiles: {K: 8}\n",
       "f.yaml:4: \"levels[2].tiles.K: 8\" clashes with \"levels[0].tiles.C: 4\" (line 2)"},
      {"levels:\n  - tiles: {Y: [5, R]}\n",
       "f.yaml:2: \"levels[0].tiles.Y: [5, R]\" clashes with the layer's R of 3"},
      {"levels:\n  - tiles: {K: R}\n  - tiles: {K: 8}\n",
       "f.yaml:3: \"levels[1].tiles.K: 8\" clashes with the layer's R of 3"},
      {"levels:\n  - tiles: {X: 6}\n    input_buffer: FIFO\n",
       "f.yaml:2: \"levels[0].tiles.X: 6\" clashes with \"levels[0].input_buffer: FIFO\" (line 3)"},
      {"levels:\n  - input_buffer: FIFO\n  - tiles: {Y: 8}\n",
       "f.yaml:3: \"levels[1].tiles.Y: 8\" clashes with \"levels[0].input_buffer: FIFO\" (line 2)"},
      {"levels:\n  - sp: [C, R]\n    reduction_noc: Temporal\n",
       "f.yaml:2: \"levels[0].sp: [C, R]\" clashes with \"levels[0].reduction_noc: Temporal\" "
       "(line 3)"},
      {"levels:\n  - sp: [C]\n    distribution_noc: Tree\n",
       "f.yaml:2: \"levels[0].sp: [C]\" clashes with \"levels[0].distribution_noc: Tree\" (line "
       "3)"},
      {"levels:\n  - reduction_noc: Temporal\n    tiles: {S: 1}\n",
       "f.yaml:3: \"levels[0].tiles.S: 1\" clashes with \"levels[0].reduction_noc: Temporal\" "
       "(line 2)"},
      {"levels:\n  - {sp: [R], tiles: {R: 1}}\n  - sp: [C]\n",
       "f.yaml:2: \"levels[0].tiles.R: 1\" clashes with \"levels[1].sp: [C]\" (line 3)"},
      {"levels:\n  - {}\n  - tiles: {R: 1}\n",
       "f.yaml:3: \"levels[1].tiles.R: 1\" clashes with levels[1], where R is not parallel without "
       "sp "
       "or --parallel-rs"},
  };
  for (const contradiction& c : all) {
    space_options levels;
    levels.levels_max = 3;
    EXPECT_EQ(message_on(layers()[1], c.text, levels),
              std::string(c.message) + ": no mapping obeys both")
        << c.text;
  }
}

/// What clashes on one layer can hold on another.
TEST(Constraint, ContradictionsOfALayerAreItsOwn) {
  const std::string window = "levels:\n  - tiles: {X: [5, S]}\n";
  EXPECT_EQ(message_on(layers()[1], window), "");
  EXPECT_NE(message_on(layers()[0], window).find("the layer's S of 3"), std::string::npos);
  const std::string nested = "levels:\n  - tiles: {C: 64}\n  - tiles: {C: 100}\n";
  EXPECT_NE(message_on(layers()[1], nested), "");
  EXPECT_EQ(message_on(layers()[0], nested), "") << "three channels: both are 3";
}

TEST(Constraint, TheSpaceCanContradictToo) {
  space_options eight;
  eight.cluster_size = 8;
  EXPECT_EQ(
      message_on(layers()[1], "levels:\n  - {}\n  - sp_sz: 16\n", eight),
      "f.yaml:3: \"levels[1].sp_sz: 16\" clashes with the cluster size of 8 (--cluster-size): "
      "no mapping obeys both");
  EXPECT_EQ(message_on(layers()[1], "levels:\n  - {}\n  - sp_sz: 8\n", eight), "");
  space_options one;
  one.levels_min = one.levels_max = 1;
  EXPECT_EQ(message_on(layers()[1], "levels:\n  - {}\n  - {}\n", one),
            "f.yaml: constrains 2 levels, but mappings have at most 1");
  EXPECT_EQ(message_on(layers()[1], "levels:\n  - tiles: {K: 4}\n    tiles: {K: 8}\n"),
            "f.yaml:3:5: key \"tiles\" again, expected each key once");
}

TEST(Constraint, TilesThatNeverFitAreRefused) {
  accelerator a;
  a.l1_size_elems = 1000;
  const std::string text = "levels:\n  - {}\n  - tiles: {C: 100}\n";
  EXPECT_EQ(message_of(text, a).rfind("f.yaml:3: \"levels[1].tiles.C: 100\" clashes with an L1 of "
                                      "1000 elements, of which the tiles need at least ",
                                      0),
            0u)
      << message_of(text, a);
  a.l1_size_elems = 100000;
  EXPECT_EQ(message_of(text, a), "");
}

TEST(Constraint, MistakesNameFileLineAndWhatIsAllowed) {
  EXPECT_EQ(message_of("levels:\n  - sp: [K, Q]\n"),
            "f.yaml:2:13: levels[0].sp[1]: found \"Q\", expected one or more of K, C, Y, X, R, S");
  EXPECT_EQ(
      message_of("levels:\n  - order: [K, K]\n"),
      "f.yaml:2:16: levels[0].order[1]: found \"K\", expected each of K, C, Y, X, R, S at most "
      "once");
  EXPECT_EQ(message_of("level:\n  - order: [K]\n"),
            "f.yaml:1:1: unknown key \"level\", expected about, layers_as, levels, inflexible");
  EXPECT_EQ(
      message_of("levels:\n  - tiles: {K: 0}\n"),
      "f.yaml:2:16: levels[0].tiles.K: found \"0\", expected 1 to 2097151, one of K, C, Y, X, "
      "R, S, or [low, high]");
  EXPECT_EQ(message_of("levels:\n  - input_buffer: DRAM\n"),
            "f.yaml:2:19: levels[0].input_buffer: found \"DRAM\", expected ScratchPad, FIFO");
  EXPECT_NE(message_of("levels: [\n").find("f.yaml:"), std::string::npos);
  EXPECT_NE(message_of("").find("f.yaml:1:1"), std::string::npos);
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
  const layer& l = layers()[0];
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
    for (const layer& l : layers()) expect_in_wider_classes(c, l, bits, 500);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace cugamma
