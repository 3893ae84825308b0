#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "certify/maestro/narrow/mapping_times.hpp"
#include "certify/maestro/subtree.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "models/maestro/closed/closed_form.hpp"
#include "models/two_level/decode.hpp"
#include "small_problems.hpp"

/// No bound of a proof lies above the figure of any mapping that counts.
namespace cugamma {
namespace {

using namespace maestro_proof;

constexpr std::size_t mappings = 120000;

const std::array layers{make_layer(layer_type::conv, 64, 3, 58, 58, 3, 3),
                        make_layer(layer_type::conv, 24, 40, 17, 17, 3, 3),
                        make_layer(layer_type::conv, 48, 36, 14, 14, 1, 1),
                        make_layer(layer_type::dsconv, 1, 32, 30, 30, 3, 3),
                        make_layer(layer_type::gemm, 96, 60, 50, 1, 1, 1)};

class drawing {
 public:
  drawing(const search_space& space, std::uint32_t seed) : space_(space), random_(seed) {}

  /// A mapping whose inner tiles are mostly 1 or whole, so that many pass the tests.
  genome draw() {
    genome g;
    set_level_count(g, 2);
    for (int d = 0; d < gene_dimension_count; ++d) {
      const auto dim = static_cast<dimension>(d);
      const int outer = d < free_dims ? tile(space_.bound[d]) : space_.bound[d];
      set_tile(g, 0, dim, outer);
      set_tile(g, 1, dim, d < free_dims ? tile(outer) : outer);
    }
    for (int level = 0; level < 2; ++level) {
      std::array<int, gene_dimension_count> order{0, 1, 2, 3, 4, 5};
      std::ranges::shuffle(order, random_);
      for (int p = 0; p < gene_dimension_count; ++p) {
        set_order(g, level, p, static_cast<dimension>(order[static_cast<std::size_t>(p)]));
      }
      set_parallel(g, level, parallel_dim(space_.levels[static_cast<std::size_t>(level)].parallel));
    }
    set_cluster_size(g, 1, number_up_to(space_.pes_max));
    return g;
  }

 private:
  int number_up_to(int most) {
    return 1 + static_cast<int>(random_() % static_cast<unsigned>(most));
  }
  int tile(int above) {
    const unsigned kind = static_cast<unsigned>(random_() % 4);
    return kind == 0 ? 1 : kind == 1 ? above : number_up_to(above);
  }
  dimension parallel_dim(dimension_mask mask) {
    for (;;) {
      const int d = static_cast<int>(random_() % free_dims);
      if (contains(mask, d)) return static_cast<dimension>(d);
    }
  }

  const search_space& space_;
  std::mt19937 random_;
};

/// A problem with all that its proof is made of.
struct setting {
  setting(const layer& l, const accelerator& a, objective goal)
      : problem{make_search_space(l, a), a, goal, 1},
        all(facts_of(problem)),
        tables(all, endless),
        subtrees(list_subtrees(tables)) {}

  const subtree& subtree_of(int dim, number clusters, number tile) const {
    return *std::ranges::find_if(subtrees, [&](const subtree& s) {
      return s.dim == dim && s.tile == tile && all.clusters[s.clusters].clusters == clusters;
    });
  }

  certify_problem problem;
  facts all;
  proof endless{{}};
  proof_tables tables;
  std::vector<subtree> subtrees;
};

/// What the closed form counts of a mapping.
core::closed_form_figures<number> counted(const setting& s, const genome& g) {
  core::two_level_genes<number> genes{};
  const layer& l = s.problem.space.target;
  EXPECT_TRUE(core::decode(g, core::make_gene_context(l), s.problem.machine.num_pes, genes));
  return core::closed_form(genes, s.all.layer, core::make_machine_facts<number>(s.problem.machine));
}

/// The class of each dimension's outer tile.
std::array<std::size_t, free_dims> classes_of(const setting& s, const genome& g) {
  std::array<std::size_t, free_dims> classes{};
  for (int d = 0; d < free_dims; ++d) {
    const auto& all = s.tables.lists.classes(d);
    const number t = tile(g, 0, static_cast<dimension>(d));
    const auto at = std::ranges::find_if(all, [&](const step_class& k) {
      return std::ranges::find(k.tiles, t) != k.tiles.end();
    });
    classes[static_cast<std::size_t>(d)] = static_cast<std::size_t>(at - all.begin());
  }
  return classes;
}

void expect_ingress_bounds(const setting& s, const genome& g, const outer_split& dealt) {
  const auto figures = counted(s, g);
  const auto classes = classes_of(s, g);
  const auto p = static_cast<std::size_t>(dealt.dim);
  for (const bool is_filter : {false, true}) {
    const auto& shared = is_filter ? s.tables.shared_filter[p] : s.tables.shared_input[p];
    const number bound = shared.empty()
                             ? ingress_bounds(s.all, s.tables.lists, dealt, is_filter).at(classes)
                             : shared.front().at(classes);
    EXPECT_LE(bound, is_filter ? figures.filter_l2_read : figures.input_l2_read);
  }
}

/// The bounds of a mapping that counts: of its subtree, of its classes.
void expect_bounds(const setting& s, const genome& g, const cost& c, bool with_ingress) {
  const int p = index_of(parallel(g, 0));
  const number clusters = s.problem.machine.num_pes / cluster_size(g, 1);
  const subtree& own = s.subtree_of(p, clusters, tile(g, 0, parallel(g, 0)));
  ASSERT_TRUE(own.counts_right);
  const double found =
      value(s.problem.goal, scored_mapping{c, s.problem.machine, s.problem.machine.num_pes});
  ASSERT_LE(own.bound, found);
  if (!with_ingress) return;
  expect_ingress_bounds(s, g, split_outer(s.all, p, clusters, own.tile));
}

/// M7 of docs/certify.md, of any legal mapping.
void expect_noc_bounds(const setting& s, const genome& g, const cost& c) {
  const auto figures = counted(s, g);
  const number width = s.problem.machine.noc_bw;
  EXPECT_GE(c.runtime_cycles, figures.runtime_cycles);
  EXPECT_GE(c.runtime_cycles * width, figures.input_l2_read + figures.filter_l2_read);
  const int p = index_of(parallel(g, 0));
  const number clusters = s.problem.machine.num_pes / cluster_size(g, 1);
  const outer_split dealt = split_outer(s.all, p, clusters, tile(g, 0, parallel(g, 0)));
  number first_out = dealt.first_out;
  for (int d = 0; d < free_dims; ++d) {
    if (d != p && core::has(s.all.layer.tensors.output, d)) {
      first_out *= tile(g, 0, static_cast<dimension>(d));
    }
  }
  EXPECT_GE(c.runtime_cycles * width, figures.output_l2_write - first_out);
}

/// The outer tiles of a mapping, and the smallest and largest of their classes.
struct known_tiles {
  outer_tiles own;
  tile_range range;
};

known_tiles tiles_of(const setting& s, const genome& g, const outer_split& dealt) {
  known_tiles t;
  const auto classes = classes_of(s, g);
  for (int d = 0; d < free_dims; ++d) {
    if (d == dealt.dim) continue;
    const step_class& c = s.tables.lists.classes(d)[classes[static_cast<std::size_t>(d)]];
    t.own.tile[d] = tile(g, 0, static_cast<dimension>(d));
    t.range.least.tile[d] = c.tiles.front();
    t.range.most.tile[d] = c.tiles.back();
    t.own.steps[d] = t.range.least.steps[d] = t.range.most.steps[d] = c.steps;
  }
  return t;
}

/// M8 and M9 of docs/certify.md, of a mapping that counts: with its own tiles, with those of its
/// classes, and with nothing known of them.
void expect_timed_bounds(const setting& s, const genome& g, const cost& c) {
  const auto figures = counted(s, g);
  const int p = index_of(parallel(g, 0)), q = index_of(parallel(g, 1));
  const number clusters = s.problem.machine.num_pes / cluster_size(g, 1);
  const auto& range = *std::ranges::find(s.all.clusters, clusters, &cluster_range::clusters);
  const outer_split dealt = split_outer(s.all, p, clusters, tile(g, 0, parallel(g, 0)));
  const known_tiles t = tiles_of(s, g, dealt);
  const auto least_timed = [&](const outer_tiles& tiles, std::span<const number> outer) {
    number least = std::numeric_limits<number>::max();
    const outer_split* both = p == q ? &dealt : nullptr;
    for (const timed_choice& choice : timed_choices(s.all, q, outer, range, both)) {
      least = std::min(least, timed_runtime(s.all, dealt, tiles, q, choice));
    }
    return least;
  };
  const number own = tile(g, 0, parallel(g, 1));
  EXPECT_LE(least_timed(t.own, {&own, 1}), c.runtime_cycles);
  const auto at = classes_of(s, g)[static_cast<std::size_t>(q)];
  const auto& whole_class = s.tables.lists.classes(q)[at].tiles;
  const auto outer = p == q ? std::span(&own, 1) : std::span(whole_class);
  EXPECT_LE(least_timed(t.range.least, outer), c.runtime_cycles);
  const movement moved{0, figures.input_l2_read, figures.filter_l2_read, figures.output_l2_write};
  const auto by_noc = [&](const tile_range& tiles) {
    return least_runtime_by_noc(s.all, dealt, tiles, range.high, moved);
  };
  EXPECT_LE(by_noc({t.own, t.own}), c.runtime_cycles);
  EXPECT_LE(by_noc(t.range), c.runtime_cycles);
  tile_range any;
  for (int d = 0; d < free_dims; ++d) any.most.tile[d] = d == p ? 1 : s.all.outputs(d);
  EXPECT_LE(by_noc(any), c.runtime_cycles);
}

/// The order of a level's loops.
loop_order order_of(const genome& g, int level) {
  loop_order found;
  for (int position = 0; position < gene_dimension_count; ++position) {
    const int d = index_of(cugamma::order(g, level, position));
    if (d < free_dims) found.position[static_cast<std::size_t>(d)] = position;
  }
  return found;
}

/// M10 of docs/certify.md, of a mapping that counts: the bounds on the way to its runtime, and
/// that.
void expect_times(const setting& s, const genome& g, const cost& c) {
  const int p = index_of(parallel(g, 0)), q = index_of(parallel(g, 1));
  const number pes = cluster_size(g, 1), clusters = s.problem.machine.num_pes / pes;
  const outer_split dealt = split_outer(s.all, p, clusters, tile(g, 0, parallel(g, 0)));
  const outer_tiles outer = tiles_of(s, g, dealt).own;
  inner_tiles inner;
  for (int d = 0; d < free_dims; ++d) inner.tile[d] = tile(g, 1, static_cast<dimension>(d));
  const auto choices =
      worked_choices(s.all, q, tile(g, 0, parallel(g, 1)), cluster_range{clusters, pes, pes});
  const auto choice = std::ranges::find(choices, inner.tile[q], &worked_choice::tile);
  ASSERT_NE(choice, choices.end());
  const handed_tiles handed(s.all, dealt, outer);
  const inner_runs runs(s.all, handed, q, *choice);
  mapping_times times(s.all, dealt, outer, q, pes, inner);
  times.set_inner_order(order_of(g, 1));
  number run[1 << free_dims] = {};
  const auto exact = [&](unsigned at_edge) {
    EXPECT_LE(runs.without_traffic(inner, at_edge), runs.without_ingress(inner, at_edge));
    run[at_edge] = times.run(at_edge);
    EXPECT_LE(runs.without_ingress(inner, at_edge), run[at_edge]);
    return run[at_edge];
  };
  EXPECT_LE(handed.over_steps(exact), c.runtime_cycles);
  EXPECT_EQ(times.runtime(order_of(g, 0), run), c.runtime_cycles);
}

class MaestroBounds : public testing::TestWithParam<int> {};

TEST_P(MaestroBounds, NeverLieAboveAMappingThatCounts) {
  const auto score = make_evaluator("cpu", {.threads = 1});
  for (const layer& l : layers) {
    for (const objective goal : {objective::latency, objective::energy, objective::edp}) {
      accelerator a = small_machine();
      a.num_pes = 24;
      a.noc_bw = GetParam();
      const setting s(l, a, goal);
      drawing random(s.problem.space, 7);
      std::vector<genome> genomes(mappings);
      for (genome& g : genomes) g = random.draw();
      std::vector<cost> costs(mappings);
      score->evaluate({{&l, 1}, {&a, 1}, genomes}, costs);
      std::size_t counting = 0;
      std::size_t legal = 0;
      for (std::size_t i = 0; i < mappings; ++i) {
        if (!is_legal(costs[i].status)) continue;
        ++legal;
        if (goal == objective::latency) expect_noc_bounds(s, genomes[i], costs[i]);
        if (costs[i].status != 0) continue;
        if (goal == objective::latency) {
          if (!s.all.is_wide) expect_timed_bounds(s, genomes[i], costs[i]);
          expect_times(s, genomes[i], costs[i]);
          if (HasFailure()) return;
        }
        expect_bounds(s, genomes[i], costs[i], goal == objective::energy && counting % 64 == 0);
        ++counting;
      }
      EXPECT_EQ(legal, mappings);
      EXPECT_GT(counting, mappings / 50);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(NocWidths, MaestroBounds, testing::Values(81920000, 64, 4, 1));

TEST(MaestroTraffic, IsThatOfTheClosedForm) {
  for (const layer& l : layers) {
    accelerator a = small_machine();
    a.num_pes = 24;
    const setting s(l, a, objective::energy);
    drawing random(s.problem.space, 11);
    for (int i = 0; i < 20000; ++i) {
      const genome g = random.draw();
      const auto figures = counted(s, g);
      const int p = index_of(parallel(g, 0));
      const number clusters = a.num_pes / cluster_size(g, 1);
      const outer_split dealt = split_outer(s.all, p, clusters, tile(g, 0, parallel(g, 0)));
      outer_tiles tiles;
      loop_order order;
      for (int position = 0; position < gene_dimension_count; ++position) {
        const int d = index_of(cugamma::order(g, 0, position));
        if (d >= free_dims) continue;
        order.position[static_cast<std::size_t>(d)] = position;
        if (d == p) continue;
        tiles.tile[d] = tile(g, 0, static_cast<dimension>(d));
        tiles.steps[d] = (s.all.outputs(d) + tiles.tile[d] - 1) / tiles.tile[d];
      }
      ASSERT_EQ(ingress(s.all, dealt, tiles, order, false), figures.input_l2_read);
      ASSERT_EQ(ingress(s.all, dealt, tiles, order, true), figures.filter_l2_read);
      ASSERT_EQ(egress(s.all, dealt, tiles), figures.output_l2_write);
      ASSERT_EQ(2 * first_step(s.all, dealt, tiles), figures.l2_elems);
      for (int d = 0; d < free_dims; ++d) {
        if (d == p || tiles.steps[d] < 2) continue;
        const axis_traffic axis(s.all, dealt, tiles, order, d, false);
        ASSERT_EQ(axis.at(static_cast<double>(tiles.tile[d]), static_cast<double>(tiles.steps[d])),
                  static_cast<double>(figures.input_l2_read));
      }
    }
  }
}

}  // namespace
}  // namespace cugamma
