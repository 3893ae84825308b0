// No mapping of any space that counts is below the floors of MAESTRO's model.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "certify/engine.hpp"
#include "certify/maestro/facts.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "small_problems.hpp"

namespace cugamma {
namespace {

constexpr std::array goals{objective::latency,
                           objective::energy,
                           objective::edp,
                           objective::maestro_energy};

certify_problem problem_of(const layer& l, const accelerator& a, int levels, objective goal) {
  certify_problem p;
  space_options options;
  options.levels_min = options.levels_max = levels;
  options.parallel_rs = true;
  p.space = make_search_space(l, a, options);
  p.machine = a;
  p.goal = goal;
  return p;
}

/// Small layers on small accelerators, and mappings of them: many tiles are 1, whole, or as long as
/// the halo, where miscounts make up for each other.
class drawing {
 public:
  explicit drawing(std::uint32_t seed) : random_(seed) {}

  layer draw_layer(layer_type type) {
    const bool is_gemm = type == layer_type::gemm;
    const int r = is_gemm ? 1 : draw(1, 5), s = is_gemm ? 1 : draw(1, 4);
    const int k = type == layer_type::dsconv ? 1 : draw(1, 9);
    const int x = is_gemm ? 1 : draw(1, 9) + s - 1;
    return make_layer(type, k, draw(1, 8), draw(1, 14) + r - 1, x, r, s);
  }

  accelerator draw_accelerator() {
    accelerator a;
    a.num_pes = draw(2, 40);
    a.noc_hop_latency = draw(0, 2);
    a.simd_lanes = draw(0, 4) > 0 ? 1 : draw(2, 3);
    if (draw(0, 3) == 0) a.noc_bw = draw(1, 8);
    return a;
  }

  genome draw_mapping(const search_space& space, int levels) {
    genome g;
    set_level_count(g, levels);
    std::array<int, gene_dimension_count> above{};
    std::ranges::copy(space.bound, above.begin());
    int pes_left = space.pes_max;
    for (int level = 0; level < levels; ++level) {
      set_parallel(g, level, parallel_dim(space.levels[static_cast<std::size_t>(level)].parallel));
      for (int d = 0; d < gene_dimension_count; ++d) {
        const bool is_filter = d >= 4;
        const bool is_cut = !is_filter || static_cast<dimension>(d) == parallel(g, level);
        int& own = above[static_cast<std::size_t>(d)];
        own = is_cut ? tile(space, d, own) : space.bound[d];
        set_tile(g, level, static_cast<dimension>(d), own);
      }
      std::array<int, gene_dimension_count> order{0, 1, 2, 3, 4, 5};
      std::ranges::shuffle(order, random_);
      for (int p = 0; p < gene_dimension_count; ++p) {
        set_order(g, level, p, static_cast<dimension>(order[static_cast<std::size_t>(p)]));
      }
      if (level == 0) continue;
      const int cluster = draw(1, draw(0, 1) > 0 ? pes_left : std::min(pes_left, 4));
      set_cluster_size(g, level, cluster);
      pes_left /= cluster;
    }
    return g;
  }

  int draw(int low, int high) {
    return low + static_cast<int>(random_() % static_cast<unsigned>(high - low + 1));
  }

 private:
  int tile(const search_space& space, int d, int above) {
    const bool is_windowed = d == 2 || d == 3;
    const int halo = is_windowed ? std::max(1, space.bound[d + 2] - 1) : 1;
    const std::array kinds{1, above, std::min(above, halo), draw(1, above)};
    return kinds[random_() % kinds.size()];
  }

  dimension parallel_dim(dimension_mask mask) {
    for (;;) {
      const int d = draw(0, gene_dimension_count - 1);
      if (contains(mask, d)) return static_cast<dimension>(d);
    }
  }

  std::mt19937 random_;
};

/// The floor of the mappings that are parallel in the same dimensions as a given one.
double floor_of_its_kind(certify_problem p, const genome& g) {
  for (int level = 0; level < level_count(g); ++level) {
    p.space.levels[static_cast<std::size_t>(level)].parallel = mask_of(parallel(g, level));
  }
  return maestro_proof::floor_of(p);
}

TEST(MaestroFloors, AreBelowAllSmallMappings) {
  const std::array types{layer_type::conv, layer_type::dsconv, layer_type::gemm};
  const auto score = make_evaluator("cpu", {.threads = 1});
  drawing random(5);
  std::size_t counting = 0;
  double highest = 0;
  for (int i = 0; i < 240; ++i) {
    const layer l = random.draw_layer(types[static_cast<std::size_t>(i) % types.size()]);
    const accelerator a = random.draw_accelerator();
    const int levels = random.draw(1, 3);
    const search_space space = problem_of(l, a, levels, objective::latency).space;
    std::vector<genome> genomes(2000);
    for (genome& g : genomes) g = random.draw_mapping(space, levels);
    std::vector<cost> costs(genomes.size());
    score->evaluate({{&l, 1}, {&a, 1}, genomes}, costs);
    for (const objective goal : goals) {
      const certify_problem p = problem_of(l, a, levels, goal);
      const double floor = maestro_proof::floor_of(p);
      for (std::size_t j = 0; j < genomes.size(); ++j) {
        if (costs[j].status != 0) continue;
        const double found = value(goal, scored_mapping{costs[j], a, a.num_pes});
        ASSERT_LE(floor, found) << name_of(goal) << ", problem " << i << ", mapping " << j;
        if (goal != objective::latency) continue;
        ++counting;
        ASSERT_LE(floor_of_its_kind(p, genomes[j]), found) << "problem " << i << ", mapping " << j;
        highest = std::max(highest, floor / found);
      }
    }
  }
  EXPECT_GT(counting, 100000u);
  EXPECT_EQ(highest, 1) << "some mapping is as fast as the floor";
}

/// 11 rows in tiles of 2 for 2 clusters, a window of 3: behind two rounds a tile and a row are
/// left. MAESTRO loses the tile and counts the window's two rows for it, so that all counts are
/// right and the level is faster than its clusters can be.
TEST(MaestroFloors, AllowForMiscountsThatMakeUpForEachOther) {
  const layer l = make_layer(layer_type::conv, 1, 2, 13, 3, 3, 3);
  accelerator a;
  a.num_pes = 5;  // one stays idle, so that test 2 passes
  genome g;
  set_level_count(g, 2);
  for (int level = 0; level < 2; ++level) {
    const int tile = level == 0 ? 2 : 1;  // of C and Y
    const std::array tiles{1, tile, tile, 1, 3, 3};
    for (int d = 0; d < gene_dimension_count; ++d) {
      set_tile(g, level, static_cast<dimension>(d), tiles[static_cast<std::size_t>(d)]);
      set_order(g, level, d, static_cast<dimension>(d));
    }
  }
  set_parallel(g, 0, dimension::Y);
  set_parallel(g, 1, dimension::C);
  set_cluster_size(g, 1, 2);
  cost c;
  make_evaluator("cpu", {.threads = 1})->evaluate({{&l, 1}, {&a, 1}, {&g, 1}}, {&c, 1});
  ASSERT_EQ(c.status, 0u);
  certify_problem p = problem_of(l, a, 2, objective::latency);
  EXPECT_LT(c.runtime_cycles, 9 * 6 + 2) << "6 rows a cluster, and two starts";
  EXPECT_LE(floor_of_its_kind(p, g), static_cast<double>(c.runtime_cycles));
}

/// Worked by hand: 3 channels of 5 rows, one MAC each.
TEST(MaestroFloors, CountWhatTheBusiestPeWorks) {
  const layer l = make_layer(layer_type::conv, 3, 1, 5, 1, 1, 1);
  accelerator a;
  a.num_pes = 4;
  a.noc_hops = a.noc_hop_latency = 1;
  const auto floor = [&](int levels) {
    return maestro_proof::floor_of(problem_of(l, a, levels, objective::latency));
  };
  EXPECT_EQ(floor(1), 5 + 1) << "3 PEs have a channel each; 4 would have 2 rows of 3 channels";
  EXPECT_EQ(floor(2), 5 + 2) << "2 x 2 PEs would have 2 channels of 3 rows; a level starts more";
  a.num_pes = 12;
  EXPECT_EQ(floor(1), 3 + 1) << "5 PEs have a row each, of 3 channels";
  EXPECT_EQ(floor(2), 2 + 2) << "3 x 4 PEs have a channel of 2 rows";
  EXPECT_EQ(floor(3), 2 + 3);
}

TEST(MaestroFloors, OfOtherSpacesAreProved) {
  const layer l = make_layer(layer_type::conv, 16, 8, 14, 14, 3, 3);
  accelerator a;
  a.num_pes = 24;
  const certify_engine& engine = *find_engine("maestro");
  const auto lower_of = [&](const certify_problem& problem) {
    EXPECT_EQ(engine.obstacle(problem), std::nullopt);
    proof p({});
    const engine_result result = engine.prove(problem, p, true);
    EXPECT_FALSE(result.has_certificate);
    EXPECT_EQ(p.upper(), std::numeric_limits<double>::infinity()) << "it knows no mapping";
    return p.lower();
  };
  for (const objective goal : goals) {
    EXPECT_GT(lower_of(problem_of(l, a, 1, goal)), 0);
    EXPECT_GT(lower_of(problem_of(l, a, 3, goal)), 0);
  }
  certify_problem twice = problem_of(l, a, 2, objective::latency);
  twice.space.levels[1].second_parallel = mask_of(dimension::K);
  EXPECT_EQ(lower_of(twice), 16 * 8 * 12 * 12 * 9 / 24) << "all PEs busy all the time";
}

}  // namespace
}  // namespace cugamma
