#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <random>
#include <vector>

#include "certify/engine.hpp"
#include "certify/every_genome.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/evaluate/objective.hpp"
#include "small_problems.hpp"

namespace cugamma {
namespace {

constexpr std::array goals{objective::latency, objective::energy, objective::edp};

certify_problem problem_of(const layer& l, const accelerator& a, objective goal) {
  certify_problem problem;
  problem.space = make_search_space(l, a);
  problem.machine = a;
  problem.goal = goal;
  problem.threads = 2;
  return problem;
}

/// The optimum that the engine proves; infinite if it proves that no mapping counts.
double proved_optimum(const certify_problem& problem) {
  const certify_engine& engine = *find_engine("maestro");
  EXPECT_EQ(engine.obstacle(problem), std::nullopt);
  proof p({});
  engine.prove(problem, p, false);
  EXPECT_EQ(p.lower(), p.upper());
  return p.lower();
}

/// The least values of all genomes, one for each goal.
std::array<double, goals.size()> least_values(const layer& l,
                                              const accelerator& a,
                                              bool inner_orders) {
  const auto score = make_evaluator("cpu", {.threads = 1});
  std::array<double, goals.size()> least;
  least.fill(std::numeric_limits<double>::infinity());
  std::vector<genome> genomes;
  std::vector<cost> costs;
  const auto flush = [&] {
    costs.resize(genomes.size());
    score->evaluate({{&l, 1}, {&a, 1}, genomes}, costs);
    for (const cost& c : costs) {
      if (c.status != 0) continue;
      for (std::size_t i = 0; i < goals.size(); ++i) {
        least[i] = std::min(least[i], value(goals[i], scored_mapping{c, a, a.num_pes}));
      }
    }
    genomes.clear();
  };
  const search_space space = make_search_space(l, a);
  every_genome all(space, inner_orders, [&](const genome& g) {
    genomes.push_back(g);
    if (genomes.size() == 65536) flush();
  });
  all.run();
  flush();
  return least;
}

struct small_case {
  layer l;
  accelerator a;
};

/// A random layer with few enough genomes to look at all, on a random accelerator.
small_case random_case(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto draw = [&](int low, int high) {
    return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
  };
  const std::array types{layer_type::conv, layer_type::dsconv, layer_type::gemm};
  for (;;) {
    const layer_type type = types[seed % types.size()];
    const int r = type == layer_type::gemm ? 1 : draw(1, 3);
    const int s = type == layer_type::gemm ? 1 : draw(1, 3);
    const int k = type == layer_type::dsconv ? 1 : draw(1, 9);
    const int x = type == layer_type::gemm ? 1 : draw(1, 6) + s - 1;
    const layer l = make_layer(type, k, draw(1, 9), draw(1, 9) + r - 1, x, r, s);
    accelerator a;
    a.num_pes = draw(2, 14);
    double count = a.num_pes * 24.0 * 9;
    for (const dimension d : {dimension::K, dimension::C, dimension::Y, dimension::X}) {
      const double size = output_size(l, d);
      count *= size * (size + 1) / 2;
    }
    if (count < 2e5 || count > 1e7) continue;
    if (draw(0, 2) > 0) a.l1_size_elems = 6 * r * s + draw(0, 20);
    if (draw(0, 2) > 0) a.l2_size_elems = draw(60, 400);
    return {l, a};
  }
}

void expect_optima(const small_case& c, bool inner_orders) {
  const auto expected = least_values(c.l, c.a, inner_orders);
  for (std::size_t i = 0; i < goals.size(); ++i) {
    EXPECT_EQ(proved_optimum(problem_of(c.l, c.a, goals[i])), expected[i])
        << name_of(goals[i]) << " of K" << c.l.size[0] << " C" << c.l.size[1] << " Y" << c.l.size[2]
        << " X" << c.l.size[3] << " R" << c.l.size[4] << " S" << c.l.size[5] << " on "
        << c.a.num_pes << " PEs, L1 " << c.a.l1_size_elems << ", L2 " << c.a.l2_size_elems;
  }
}

class MaestroEngine : public testing::TestWithParam<std::uint32_t> {};

TEST_P(MaestroEngine, AgreesWithAllGenomes) { expect_optima(random_case(GetParam()), false); }

INSTANTIATE_TEST_SUITE_P(SmallLayers, MaestroEngine, testing::Range(0u, 120u));

TEST(MaestroEngine, TheInnerOrderDoesNotMatterToAllGenomes) {
  small_case c{make_layer(layer_type::conv, 3, 2, 5, 4, 2, 2), {}};
  c.a.num_pes = 5;
  expect_optima(c, true);
}

struct known_optimum {
  const char* about;
  layer l;
  objective goal;
  double value;
};

TEST(MaestroEngine, FindsTheOptimaOfSixLayers) {
  const layer vgg1 = make_layer(layer_type::conv, 64, 3, 224, 224, 3, 3);
  const layer vgg13 = make_layer(layer_type::conv, 512, 512, 14, 14, 3, 3);
  const layer resnet = make_layer(layer_type::conv, 128, 64, 56, 56, 1, 1);
  const layer mobilenet = make_layer(layer_type::dsconv, 1, 32, 112, 112, 3, 3);
  const layer bert = make_layer(layer_type::gemm, 768, 768, 512, 1, 1, 1);
  for (const auto& l : {vgg1, vgg16_8(), vgg13, resnet, mobilenet, bert}) {
    for (const objective goal : goals) {
      const auto start = std::chrono::steady_clock::now();
      const double found = proved_optimum(problem_of(l, small_machine(), goal));
      std::printf("%s %.17g %.2f s\n",
                  std::string(name_of(goal)).c_str(),
                  found,
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
  }
}

}  // namespace
}  // namespace cugamma
