// The optima of real layers that are known from elsewhere, and the traps on the way to them.
#include <gtest/gtest.h>

#include "certify/exact/bounds/inner_floor.hpp"
#include "certify/exact/problems.hpp"
#include "models/exact/figures.hpp"
#include "models/exact/golden_cases.hpp"

namespace cugamma {
namespace {

accelerator machine_of(const exact_optimum& o) {
  accelerator a = exact_optima_machine();
  if (o.objective == "energy c=0") a.constants.cluster_energy_macs = 0;
  return a;
}

objective goal_of(const exact_optimum& o) {
  return o.objective == "latency" ? objective::latency
         : o.objective == "EDP"   ? objective::edp
                                  : objective::energy;
}

class ExactRealOptima : public testing::TestWithParam<std::size_t> {};

TEST_P(ExactRealOptima, AreProven) {
  const exact_optimum o = read_exact_optima().at(GetParam());
  SCOPED_TRACE(o.layer_name + ", " + o.objective);
  const proven p = prove_exactly(whole_problem(o.l, machine_of(o), goal_of(o)));
  // The table's figure was computed in other steps: equal but for the last digits of a double.
  const double optimum = o.entry.at("optimum");
  EXPECT_NEAR(p.upper, optimum, 1e-14 * optimum);
  EXPECT_EQ(p.lower, p.upper);
}

// In the file's order; those of energy and EDP take seconds to half a minute each.
INSTANTIATE_TEST_SUITE_P(All, ExactRealOptima, testing::Range<std::size_t>(0, 24));

/// A mapping of two levels with tiles of K, C, Y, X, loops in one order at both levels, level 1
/// parallel in one dimension.
genome make_genome(const layer& l,
                   const std::array<std::int32_t, 4>& outer,
                   const std::array<std::int32_t, 4>& inner,
                   const std::array<dimension, 6>& order,
                   dimension parallel_inside,
                   std::int32_t cluster) {
  genome g;
  for (int level = 0; level < 2; ++level) {
    for (int i = 0; i < gene_dimension_count; ++i) {
      const auto d = static_cast<dimension>(i);
      const auto at = static_cast<std::size_t>(i);
      set_tile(g, level, d, i >= 4 ? l[d] : level == 0 ? outer[at] : inner[at]);
      set_order(g, level, i, order[at]);
    }
  }
  set_parallel(g, 0, dimension::Y);
  set_parallel(g, 1, parallel_inside);
  set_cluster_size(g, 1, cluster);
  return g;
}

using enum dimension;

TEST(ExactOptima, ASmallerClusterCanTakeLessEnergy) {
  // One sub-cluster above in both cases, 28 tiles of K inside. Four PEs keep their input through
  // seven rounds; seven PEs take seven copies of it.
  layer l;
  l.size = {28, 3, 4, 1, 1, 1, 1, 1};
  accelerator a;
  a.num_pes = 7;
  const auto price = [&](std::int32_t cluster) {
    const genome g = make_genome(l, {28, 3, 4, 1}, {1, 3, 1, 1}, {C, Y, X, R, S, K}, K, cluster);
    return exact::price(l, a, to_mapping(g, l));
  };
  EXPECT_LT(price(4).energy_nj, price(7).energy_nj);
}

TEST(ExactOptima, OfAllClusterSizesAreTheBestOfEach) {
  layer l;
  l.size = {5, 6, 4, 4, 2, 2, 1, 1};
  accelerator a;
  a.num_pes = 7;
  a.l1_size_elems = 24;
  a.l2_size_elems = 200;
  for (const objective goal : {objective::latency, objective::energy, objective::edp}) {
    certify_problem p = whole_problem(l, a, goal);
    const double all = prove_exactly(p).upper;
    double best = std::numeric_limits<double>::infinity();
    for (std::int32_t c = 1; c <= 7; ++c) {
      p.space.levels[1].cluster.low = p.space.levels[1].cluster.high = c;
      best = std::min(best, prove_exactly(p).upper);
    }
    EXPECT_EQ(best, all);
  }
}

TEST(ExactOptima, APeThatIdlesInTheEdgeBoxKeepsItsTile) {
  // C is cut into boxes of 25 and 5 for 4 PEs with tiles of 8: in the second box three PEs idle and
  // keep their part of the filter, which the cluster buffer has dropped, for the next row.
  layer l;
  l.size = {1, 30, 19, 9, 3, 4, 1, 1};
  l.stride_y = l.stride_x = 2;
  l.type = layer_type::dsconv;
  accelerator a;
  a.num_pes = 4;
  const certify_problem p = whole_problem(l, a, objective::energy);
  const genome g = make_genome(l, {1, 25, 4, 2}, {1, 8, 1, 1}, {K, Y, X, C, R, S}, C, 4);
  const exact::evaluation e = exact::evaluate(l, a, to_mapping(g, l));
  ASSERT_EQ(e.status, 0u);
  EXPECT_LT(e.all.noc[1].filter_fills, e.all.noc[0].filter_fills);
  const exact::question q = exact::make_question(p);
  EXPECT_FALSE(exact::is_valid(q, exact::filter_share, index_of(dimension::C), 2));
  EXPECT_TRUE(exact::is_valid(q, exact::filter_share, index_of(dimension::C), 3));
}

}  // namespace
}  // namespace cugamma
