#include "models/maestro/legality.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "cugamma/models/cost_model.hpp"
#include "models/maestro/figures.hpp"
#include "models/maestro/plausibility.hpp"

namespace cugamma {
namespace {

using enum dimension;

layer conv() {
  layer l;
  l[K] = 8;
  l[C] = 4;
  l[Y] = l[X] = 10;
  l[R] = l[S] = 3;
  return l;
}

void add(cluster_level& level, int size, int offset, dimension d, bool spatial, bool output) {
  level.directives[level.directive_count++] =
      {size, offset, d, spatial ? directive_kind::spatial : directive_kind::temporal, output};
}

/// SpatialMap(2,2) K; TemporalMap(size, offset) d; one level, 4 PEs.
std::uint32_t check(dimension d, int size, int offset, bool output = false) {
  mapping m;
  m.level_count = 1;
  add(m.levels[0], 2, 2, K, true, false);
  add(m.levels[0], size, offset, d, false, output);
  accelerator a;
  a.num_pes = 4;
  return check_legality(conv(), a, m);
}

TEST(Legality, EachRuleIsNamed) {
  EXPECT_EQ(check(C, 4, 4), 0u);
  EXPECT_EQ(check(C, 5, 5), tile_exceeds_dim);
  EXPECT_EQ(check(C, 2, 3), offset_exceeds_size);
  EXPECT_EQ(check(C, 0, 1), bad_structure);
  EXPECT_EQ(check(C, 1, 0), bad_structure);
  EXPECT_EQ(check(R, 2, 2), partial_filter);
  EXPECT_EQ(check(R, 3, 1), partial_filter);
  EXPECT_EQ(check(Y, 2, 1), window_exceeds_tile);
  EXPECT_EQ(check(Y, 3, 1), 0u);
  EXPECT_EQ(check(C, 5, 6), tile_exceeds_dim | offset_exceeds_size);
}

TEST(Legality, AnOutputTileNeedsTheRowsAroundIt) {
  EXPECT_EQ(check(Y, 8, 8, true), 0u);
  EXPECT_EQ(check(Y, 9, 9, true), tile_exceeds_dim);
  EXPECT_EQ(check(X, 9, 9, true), tile_exceeds_dim);
}

TEST(Legality, ALayerSmallerThanItsFilterHasNoWindow) {
  layer l = conv();
  l[Y] = 2;
  mapping m;
  m.level_count = 1;
  add(m.levels[0], 1, 1, K, true, false);
  EXPECT_EQ(check_legality(l, {}, m), window_exceeds_tile);
  l[R] = 2;
  EXPECT_EQ(check_legality(l, {}, m), 0u);
}

TEST(Legality, Structure) {
  const accelerator a;
  mapping m;
  EXPECT_EQ(check_legality(conv(), a, m), bad_structure);
  m.level_count = 1;
  EXPECT_EQ(check_legality(conv(), a, m), bad_structure);  // no SpatialMap
  add(m.levels[0], 1, 1, K, true, false);
  EXPECT_EQ(check_legality(conv(), a, m), 0u);
  add(m.levels[0], 1, 1, C, true, false);
  EXPECT_EQ(check_legality(conv(), a, m), 0u);
  add(m.levels[0], 1, 1, Y, true, true);
  EXPECT_EQ(check_legality(conv(), a, m), bad_structure);  // three
  m.level_count = 5;
  EXPECT_EQ(check_legality(conv(), a, m), bad_structure);
}

TEST(Legality, ClustersMustFitThePesWhateverTheirProduct) {
  mapping m;
  m.level_count = 4;
  for (int i = 0; i < 4; ++i) {
    add(m.levels[i], 1, 1, K, true, false);
    m.levels[i].cluster_size = 2;
  }
  accelerator a;
  a.num_pes = 8;
  EXPECT_EQ(check_legality(conv(), a, m), 0u);
  a.num_pes = 7;
  EXPECT_EQ(check_legality(conv(), a, m), clusters_exceed_pes);
  for (int i = 1; i < 4; ++i) m.levels[i].cluster_size = 1 << 30;
  EXPECT_EQ(check_legality(conv(), a, m), clusters_exceed_pes);
  m.levels[2].cluster_size = 0;
  EXPECT_EQ(check_legality(conv(), a, m), bad_structure);
}

TEST(Legality, AnInnerTileFitsTheOuterTile) {
  mapping m;
  m.level_count = 2;
  m.levels[1].cluster_size = 2;
  add(m.levels[0], 2, 2, K, true, false);
  add(m.levels[1], 3, 3, K, true, false);
  EXPECT_EQ(check_legality(conv(), {}, m), tile_exceeds_dim);
  m.levels[1].directives[0].size = m.levels[1].directives[0].offset = 2;
  EXPECT_EQ(check_legality(conv(), {}, m), 0u);
}

maestro_counts counts_that_hold(const layer& l) {
  maestro_counts n;
  n.num_macs = layer_macs(l);
  n.input_l2_read = input_elems(l);
  n.filter_l2_read = filter_elems(l);
  n.output_l2_write = output_elems(l);
  return n;
}

TEST(Plausibility, EachTestIsNamed) {
  const layer l = conv();
  const layer_totals totals = totals_of(l);
  accelerator a;
  a.num_pes = 4;
  a.simd_lanes = 2;
  const maestro_problem p{totals, a};
  maestro_counts n = counts_that_hold(l);
  EXPECT_EQ(check_counts(n, p), 0);
  EXPECT_EQ(check_runtime(layer_macs(l) / 8, p, 4), 0u);
  EXPECT_EQ(check_runtime(layer_macs(l) / 8 - 1, p, 4), implausible_runtime);

  const auto with = [&](auto change) {
    maestro_counts changed = n;
    change(changed);
    return check_counts(changed, p);
  };
  EXPECT_EQ(with([](maestro_counts& x) { x.num_macs += 1; }), implausible_macs);
  EXPECT_EQ(with([](maestro_counts& x) { x.num_macs -= 1; }), implausible_macs);
  EXPECT_EQ(with([](maestro_counts& x) { x.input_l2_read -= 1; }), implausible_traffic);
  EXPECT_EQ(with([](maestro_counts& x) { x.filter_l2_read -= 1; }), implausible_traffic);
  EXPECT_EQ(with([](maestro_counts& x) { x.output_l2_write -= 1; }), implausible_traffic);
  EXPECT_EQ(with([](maestro_counts& x) { x.inner_work_error = 1e-9f; }), implausible_inner_work);

  n.l1_size_elems = n.l2_size_elems = 100;
  a.l1_size_elems = a.l2_size_elems = 100;
  EXPECT_EQ(check_counts(n, p), 0);
  a.l1_size_elems = 99;
  EXPECT_EQ(check_counts(n, p), exceeds_l1);
  a.l2_size_elems = 0;
  EXPECT_EQ(check_counts(n, p), exceeds_l1 | exceeds_l2);
}

TEST(Plausibility, RuntimeIsJudgedExactlyAtItsThreshold) {
  for (const std::int64_t macs : {std::int64_t{1},
                                  std::int64_t{86704128},
                                  std::int64_t{1} << 31,
                                  (std::int64_t{1} << 53) + 1,
                                  std::numeric_limits<std::int64_t>::max()}) {
    for (const std::int32_t pes : {1, 3, 168, 65536, std::numeric_limits<std::int32_t>::max()}) {
      accelerator a;
      a.simd_lanes = pes;
      const std::int64_t per_cycle = std::int64_t{pes} * pes;
      layer_totals totals;
      totals.macs = macs;
      const maestro_problem p{totals, a};
      const std::int64_t least = macs / per_cycle + (macs % per_cycle != 0 ? 1 : 0);
      EXPECT_EQ(check_runtime(least, p, pes), 0u) << macs << " MACs, " << pes << " PEs";
      EXPECT_EQ(check_runtime(least - 1, p, pes), implausible_runtime) << macs << ", " << pes;
      // The product is 125 bits long.
      EXPECT_EQ(check_runtime(std::numeric_limits<std::int64_t>::max(), p, pes), 0u)
          << macs << " MACs, " << pes << " PEs";
    }
  }
}

TEST(Plausibility, MacsOfAStridedLayerAreNotJudged) {
  layer l = conv();
  l.stride_x = 2;
  const layer_totals totals = totals_of(l);
  const accelerator a;
  maestro_counts n = counts_that_hold(l);
  n.num_macs = 0;
  EXPECT_EQ(check_counts(n, {totals, a}), 0);
}

// A 1 x 1 conv with K = 4, C = 2 and a 3 x 1 output.
TEST(figures, energies_follow_from_the_counts) {
  layer l;
  l.size = {4, 2, 3, 1, 1, 1, 1, 1};
  const layer_totals totals = totals_of(l);
  const accelerator a;
  const maestro_problem p{totals, a};
  maestro_counts n;
  n.num_macs = n.output_l1 = 24;
  n.input_l2_read = 6;
  n.filter_l2_read = 8;
  n.output_l2_write = 12;
  // L1: 24 x 4 + 6 + 8 = 110 accesses. L2: reads 6 + 8, fills 6 + 8, output 12 + 12 = 52 accesses.
  constexpr double energy = (24 + 1.68 * 110 + 18.61 * 52) * 0.00023;
  // MAESTRO's column: L2 without the 12 reads of the output, L1 for one level alone.
  constexpr double two_levels = 18.61 * 40 * 0.00023;
  constexpr double one_level = (18.61 * 40 + 1.68 * 110) * 0.00023;
  EXPECT_DOUBLE_EQ(cost_of(n, 1, p, 8, 2).energy_nj, energy);
  EXPECT_DOUBLE_EQ(cost_of(n, 1, p, 8, 2).second_energy_nj, two_levels);
  EXPECT_DOUBLE_EQ(cost_of(n, 1, p, 8, 1).energy_nj, energy);
  EXPECT_DOUBLE_EQ(cost_of(n, 1, p, 8, 1).second_energy_nj, one_level);
}

TEST(figures, another_runtime_leaves_the_other_figures_and_their_tests) {
  const layer l = conv();
  const layer_totals totals = totals_of(l);
  const accelerator a;
  const maestro_problem p{totals, a};
  maestro_counts n = counts_that_hold(l);
  n.output_l1 = n.num_macs;
  n.filter_l2_read = 0;
  const cost before = cost_of(n, layer_macs(l), p, 1, 2);
  EXPECT_EQ(before.status, implausible_traffic);
  cost c = before;
  set_runtime(c, 1, p, 1);
  EXPECT_EQ(c.status, implausible_traffic | implausible_runtime);
  EXPECT_EQ(c.runtime_cycles, 1);
  set_runtime(c, layer_macs(l), p, 1);
  EXPECT_EQ(c, before);
}

TEST(Reasons, EveryBitHasItsName) {
  EXPECT_TRUE(reasons(0).empty());
  EXPECT_EQ(reasons(clusters_exceed_pes | offset_exceeds_size),
            (std::vector<std::string>{"clusters exceed PEs", "offset > size"}));
  for (int i = 0; i < 12; ++i) EXPECT_EQ(reasons(1u << i).size(), 1u) << i;
  EXPECT_EQ(reasons(exceeds_l1 | exceeds_l2).size(), 2u);
}

}  // namespace
}  // namespace cugamma
