#include <gtest/gtest.h>

#include <initializer_list>

#include "models/maestro/reference/reference_model.hpp"

// Layers small enough to be worked on paper from the model's description. R, S, Y, X are 1 and left
// out of the mappings; every level walks them whole.
namespace cugamma {
namespace {

using enum dimension;

layer pointwise(int k, int c) {
  layer l;
  l[K] = k;
  l[C] = c;
  return l;
}

directive spatial(int size, dimension d) { return {size, size, d, directive_kind::spatial}; }
directive temporal(int size, dimension d) { return {size, size, d}; }

cluster_level level(int cluster_size, std::initializer_list<directive> directives) {
  cluster_level l;
  l.cluster_size = cluster_size;
  for (const directive& d : directives) l.directives[l.directive_count++] = d;
  return l;
}

mapping levels(std::initializer_list<cluster_level> all) {
  mapping m;
  for (const cluster_level& l : all) m.levels[m.level_count++] = l;
  return m;
}

accelerator machine(int pes, int noc_bw, int latency) {
  accelerator a;
  a.num_pes = pes;
  a.noc_bw = noc_bw;
  a.noc_hop_latency = latency;
  return a;
}

// K = 4 over 2 PEs, one K each, so two rounds of K (Init, Steady); C = 2 in two steps. Four cases,
// each once. A step sends 2 filter elements, and an input element when C moves:
//   K Init   C Init    input 1, filter 2 -> 3 elements, 2 sends, 2 cycles; compute 1; sum        3
//   K Init   C Steady  input 1, filter 2 -> 2 cycles; the slowest counts                         2
//   K Steady C Init    input stays (K does not index it), filter 2 -> 1 send, 1 cycle            1
//   K Steady C Steady  input 1, filter 2 -> 2 cycles                                             2
TEST(HandWorked, OneLevelInWholeRounds) {
  const layer l = pointwise(4, 2);
  const accelerator a = machine(2, 2, 1);
  const mapping m = levels({level(0, {spatial(1, K), temporal(1, C)})});
  const maestro_report r = evaluate_reference(l, a, m);

  EXPECT_EQ(r.figures.status, 0u);
  EXPECT_EQ(r.figures.runtime_cycles, 3 + 2 + 1 + 2);
  EXPECT_EQ(r.figures.num_macs, 8);
  EXPECT_EQ(r.accesses.input_l2_read, 3);
  EXPECT_EQ(r.accesses.filter_l2_read, 8);
  EXPECT_EQ(r.accesses.output_l2_write, 8);  // 2 partial sums a step
  EXPECT_EQ(r.figures.l1_size_elems, 2 * (1 + 1 + 1));
  EXPECT_EQ(r.figures.l2_size_elems, 2 * (1 + 2 + 2));
  EXPECT_EQ(r.avg_utilized_pes, 2);

  // L1: each MAC reads input, filter and partial sum and writes one; what L2 sends is written.
  // L2: filled with 2 inputs and 8 weights, 4 outputs read; 3 + 8 sent, 8 written.
  const double energy = (8 + 1.68 * (4 * 8 + 3 + 8) + 18.61 * (2 + 8 + 4 + 3 + 8 + 8)) * 0.00023;
  EXPECT_DOUBLE_EQ(r.figures.energy_nj, energy);
  const double csv = (18.61 * (3 + 2 + 8 + 8 + 8) + 1.68 * (4 * 8 + 3 + 8)) * 0.00023;
  EXPECT_DOUBLE_EQ(r.figures.second_energy_nj, csv);
}

// The same layer; half of L2 is filled from outside in each step, (2 + 4) / 2 elements, and half of
// its 4 outputs drained. At one element a cycle every step lasts at least 3 cycles.
TEST(HandWorked, OffChipBandwidthBoundsEveryStep) {
  accelerator a = machine(2, 2, 1);
  a.offchip_bw = 1;
  const mapping m = levels({level(0, {spatial(1, K), temporal(1, C)})});
  EXPECT_EQ(evaluate_reference(pointwise(4, 2), a, m).figures.runtime_cycles, 4 * 3);
}

// K = 5 in tiles of 2 over 2 clusters of 2 PEs: a round of 4, then 1 is left for one cluster.
// Inside a cluster, C = 3 goes over 2 PEs (a round of 2, then 1), K one by one.
//   inner, K = 2: (C Init, K Init) 4 elements, 1 cycle + compute 1 = 2; three more steps of 1   ->
//   5 inner, K = 1: 2, and one step of 1 -> 3 top Init: 3 inputs + 12 weights, 4 sends -> 1 + 3
//   cycles, + 5                               -> 9 top Edge: inputs stay; MAESTRO sends a full tile
//   of 2 x 3 weights, 2 sends; compute 3       -> 3
TEST(HandWorked, TwoLevelsWithASmallSpatialEdge) {
  const mapping m = levels(
      {level(0, {spatial(2, K), temporal(3, C)}), level(2, {spatial(1, C), temporal(1, K)})});
  const maestro_report r = evaluate_reference(pointwise(5, 3), machine(4, 4, 1), m);

  EXPECT_EQ(r.figures.status, 0u);
  EXPECT_EQ(r.figures.runtime_cycles, 9 + 3);
  EXPECT_EQ(r.figures.num_macs, 15);
  EXPECT_EQ(r.accesses.input_l2_read, 3);
  EXPECT_EQ(r.accesses.filter_l2_read, 12 + 6);
  EXPECT_EQ(r.accesses.output_l2_write, 4 + 1);
  EXPECT_EQ(r.figures.l1_size_elems, 2 * (1 + 1 + 1));
  EXPECT_EQ(r.figures.l2_size_elems, 2 * (3 + 12 + 4));
  EXPECT_EQ(r.figures.doubt, 0);
}

// K = 13 in tiles of 2 over 4 PEs: a round of 8, then 5 are left: 2 + 2 + 1. MAESTRO counts two
// active PEs, one of them with the partial tile: 3. It loses a tile, and we say so.
TEST(HandWorked, ASpatialEdgeThatLosesATileIsImplausible) {
  const mapping m = levels({level(0, {spatial(2, K)})});
  const maestro_report r = evaluate_reference(pointwise(13, 1), machine(4, 1000, 0), m);

  EXPECT_EQ(r.figures.num_macs, 8 + 3);
  EXPECT_EQ(r.figures.runtime_cycles, 2 + 2);
  EXPECT_EQ(r.accesses.filter_l2_read, 8 + 3);
  EXPECT_EQ(r.accesses.output_l2_write, 8 + 3);
  EXPECT_EQ(r.figures.status, implausible_macs | implausible_traffic);
}

// K = 7 in tiles of 5: 5, then an edge of 2. Inside, K goes in tiles of 2 over 2 PEs, and the
// partial tile is that of the level's own 5 = 2 + 2 + 1: one element on one PE. The edge of 2 does
// not fill both PEs, so it is costed with that partial tile: 1 MAC of 2. The top's count is right
// all the same.
TEST(HandWorked, AnInnerLevelThatMiscountsItsTileIsImplausible) {
  const mapping m = levels(
      {level(0, {temporal(5, K), spatial(1, C)}), level(2, {spatial(2, K), temporal(1, C)})});
  const maestro_report r = evaluate_reference(pointwise(7, 1), machine(2, 1000, 0), m);
  EXPECT_EQ(r.figures.num_macs, 7);
  EXPECT_EQ(r.figures.doubt, 0.5f);
  EXPECT_EQ(r.figures.status, implausible_inner_work);
}

// 3 x 3 outputs of a 5 x 5 input under a 3 x 3 filter; tiles of one output row walk down. Each new
// tile of 3 input rows shares 2 rows with the last: 15 + 5 + 5 inputs. C = 1 on one PE.
TEST(HandWorked, SlidingWindowsReuseRows) {
  layer l;
  l[Y] = l[X] = 5;
  l[R] = l[S] = 3;
  const directive rows{1, 1, Y, directive_kind::temporal, true};
  const mapping m = levels({level(0, {spatial(1, C), rows})});
  const maestro_report r = evaluate_reference(l, machine(1, 1000, 0), m);

  EXPECT_EQ(r.figures.status, 0u);
  EXPECT_EQ(r.accesses.input_l2_read, 15 + 5 + 5);
  EXPECT_EQ(r.accesses.filter_l2_read, 9);
  EXPECT_EQ(r.accesses.output_l2_write, 9);
  EXPECT_EQ(r.figures.num_macs, 81);
  EXPECT_EQ(r.figures.runtime_cycles, 3 * 27);
}

TEST(HandWorked, AreaAndPowerAreOfTheMachineThatTheMappingNeeds) {
  const mapping m = levels({level(0, {spatial(1, K), temporal(1, C)})});
  const maestro_report r = evaluate_reference(pointwise(4, 2), machine(2, 2, 1), m);
  // 2 MAC units, 2 x 6 bytes of L1, 10 bytes of L2, a bus of 2 lanes over 2 PEs; the arbiter's
  // polynomial is negative for 2 PEs, so it counts as one unit.
  const double bus = (14.662 * 2 + 28.895) * 2;
  EXPECT_NEAR(r.hardware.area_um2, 2 * 283 + 22 * 0.104 + bus * 101.7938 + 395.473, 1e-9);
  EXPECT_NEAR(r.hardware.power_mw, 2 * 1.2223 + 22 * 0.00345 + bus * 0.8 / 1000 + 0.34, 1e-12);
}

}  // namespace
}  // namespace cugamma
