#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <stdexcept>

#include "models/exact/walk.hpp"

// Layers small enough to be worked on paper from the model's definition. Dimensions of size 1 are
// left out of the mappings.
namespace cugamma {
namespace {

using enum dimension;

directive spatial(int size, dimension d) {
  return {size, size, d, directive_kind::spatial, d == Y || d == X};
}
directive temporal(int size, dimension d) {
  return {size, size, d, directive_kind::temporal, d == Y || d == X};
}

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

accelerator machine(int pes, int noc_bw = 81920000, int latency = 1) {
  accelerator a;
  a.num_pes = pes;
  a.noc_bw = noc_bw;
  a.noc_hop_latency = latency;
  return a;
}

/// One row: k filters of c channels and s columns, x columns of output.
layer row(int k, int c, int x, int s) {
  layer l;
  l[K] = k;
  l[C] = c;
  l[X] = x + s - 1;
  l[S] = s;
  return l;
}

// Reduction outside: (c0 x0) (c0 x1) (c1 x0) (c1 x1). Each step's output leaves, so both come back:
// 4 leave, 2 of them are read back to be added to. n elements take 3 + n - 1 cycles.
//   c0 x0  input 1, filter 1: 4 cycles, then compute 1            5
//   c0 x1  input 1: 3 cycles; egress 1: 3                         3
//   c1 x0  input 1, filter 1: 4                                   4
//   c1 x1  input 1: 3                                             3
TEST(ExactWalkHandWorked, PartialSumsComeBack) {
  const exact_walk w = walk(row(1, 2, 2, 1),
                            machine(1, 1, 3),
                            levels({level(0, {temporal(1, C), temporal(1, X), spatial(1, K)})}));
  EXPECT_EQ(w.runtime_cycles, 5 + 3 + 4 + 3);
  EXPECT_EQ(w.l2_reads, (tensor_counts{4, 2, 4}));
  EXPECT_EQ(w.l2_writes, (tensor_counts{4, 2, 4}));
  EXPECT_EQ(w.partial_sums_read_back, 2);
  EXPECT_EQ(w.l1_reads, (tensor_counts{4, 4, 4}));
  EXPECT_EQ(w.l1_writes, (tensor_counts{4, 2, 4}));
}

// Reduction inside: (x0 c0) (x0 c1) (x1 c0) (x1 c1). Input and filter change in every step: 4
// cycles, and 1 to compute in the first. An output leaves in every other step.
TEST(ExactWalkHandWorked, PartialSumsStay) {
  const exact_walk w = walk(row(1, 2, 2, 1),
                            machine(1, 1, 3),
                            levels({level(0, {temporal(1, X), temporal(1, C), spatial(1, K)})}));
  EXPECT_EQ(w.runtime_cycles, 5 + 4 + 4 + 4);
  EXPECT_EQ(w.l2_reads, (tensor_counts{4, 4, 2}));
  EXPECT_EQ(w.l2_writes, (tensor_counts{4, 2, 2}));
  EXPECT_EQ(w.partial_sums_read_back, 0);
}

// Four channels on two PEs, in two rounds: both add to one output, which leaves once.
TEST(ExactWalkHandWorked, SpatialReductionIsOneWrite) {
  const exact_walk w = walk(row(1, 4, 1, 1), machine(2), levels({level(0, {spatial(1, C)})}));
  EXPECT_EQ(w.noc, (std::vector<noc_counts>{{8, 8, 1}}));
  EXPECT_EQ(w.l2_writes.output, 1);
  EXPECT_EQ(w.l1_writes.output, 4);
  EXPECT_EQ(w.runtime_cycles, 2 + 1);
}

// Three filters on two PEs: (x0 k0,k1) (x0 k2,idle) (x1 k0,k1) (x1 k2,idle). The second PE keeps k1
// while it is idle: filter reads 2 + 1 + 1 + 1; an L2 of two steps has dropped k1: 2 + 1 + 2 + 1.
TEST(ExactWalkHandWorked, AnIdleSubClusterKeepsItsTile) {
  const layer l = row(3, 1, 2, 1);
  const mapping m = levels({level(0, {temporal(1, X), spatial(1, K)})});
  accelerator a = machine(2);
  const exact_walk w = walk(l, a, m);
  EXPECT_EQ(w.runtime_cycles, 2 + 1 + 1 + 1);
  EXPECT_EQ(w.l2_reads, (tensor_counts{2, 5, 6}));
  EXPECT_EQ(w.l1_writes, (tensor_counts{4, 5, 6}));
  EXPECT_EQ(w.noc, (std::vector<noc_counts>{{7, 9, 6}}));
  EXPECT_EQ(w.offchip_reads_small_l2, (tensor_counts{2, 6, 0}));
  EXPECT_EQ(w.l1_size_elems, 2 * (1 + 1 + 1));
  EXPECT_EQ(w.l2_size_elems, 2 * (1 + 2 + 2));

  // One element a cycle from off-chip memory; 3, 1, 3, 1 come and 2, 1, 2, 1 leave.
  a.offchip_bw = 1;
  EXPECT_EQ(walk(l, a, m).runtime_cycles, 3 + 1 + 3 + 1);
}

// Four outputs of a window of three, two for each of two sub-clusters, one for each of their PEs.
// All fills count the shared columns at each receiver, unions once for a group: L2's is columns
// 0-5, those of the sub-clusters 0-3 and 2-5.
//   below: ingress 4 + 3 at 4 a cycle: 2 cycles, then compute 3   5
//   above: ingress 6 + 3: 3 cycles, then 5                        8
TEST(ExactWalkHandWorked, NeighboursShareTheirHalo) {
  const layer l = row(1, 1, 4, 3);
  const mapping m = levels(
      {level(0, {spatial(2, X), temporal(3, S)}), level(2, {spatial(1, X), temporal(3, S)})});
  accelerator a = machine(4, 4);
  const exact_walk w = walk(l, a, m);
  EXPECT_EQ(w.runtime_cycles, 8);
  EXPECT_EQ(w.noc, (std::vector<noc_counts>{{6 + 3, 8 + 6, 4}, {8 + 6, 12 + 12, 4}}));
  EXPECT_EQ(w.cluster_buffers,
            (std::vector<cluster_buffer_counts>{{{8, 6, 4}, {8, 6, 4}, 2 * (4 + 3 + 2)}}));
  EXPECT_EQ(w.l1_writes, (tensor_counts{12, 12, 12}));
  EXPECT_EQ(w.l1_size_elems, 2 * (3 + 3 + 1));
  EXPECT_EQ(w.l2_size_elems, 2 * (6 + 3 + 4));
  EXPECT_DOUBLE_EQ(w.energy_without_clusters_nj,
                   (12 + 1.68 * (36 + 36) + 18.61 * (6 + 3 + 4) * 2) * 0.00023);
  EXPECT_DOUBLE_EQ(w.energy_nj, w.energy_without_clusters_nj + 1.68 * 36 * 0.00023);

  a.simd_lanes = 2;
  EXPECT_EQ(walk(l, a, m).runtime_cycles, 7);
}

// Windows of two columns, three apart: the third column of the gaps is never read.
TEST(ExactWalkHandWorked, AStrideLeavesGaps) {
  layer l = row(1, 1, 1, 2);
  l.stride_x = 3;
  l[X] = 3 * 3 + 2;
  const exact_walk w =
      walk(l, machine(1), levels({level(0, {temporal(2, S), temporal(9, X), spatial(1, K)})}));
  EXPECT_EQ(w.macs, 4 * 2);
  EXPECT_EQ(w.l2_reads, (tensor_counts{4 * 2, 2, 4}));
  EXPECT_EQ(w.runtime_cycles, 1 + 8);
}

TEST(ExactWalk, RefusesWhatTheModelDoesNotDefine) {
  const layer l = row(2, 2, 2, 2);
  const cluster_level whole =
      level(2, {spatial(1, K), temporal(1, C), temporal(1, X), temporal(1, S)});
  EXPECT_NO_THROW(walk(l, machine(2), levels({whole, whole})));

  const auto expect_refused = [&](std::function<void(layer&, cluster_level&)> change) {
    layer other = l;
    cluster_level changed = whole;
    change(other, changed);
    EXPECT_THROW(walk(other, machine(2), levels({whole, changed})), std::invalid_argument);
  };
  expect_refused([](layer& o, cluster_level&) { o.type = layer_type::trconv; });
  expect_refused([](layer& o, cluster_level&) { o[N] = 2; });
  expect_refused([](layer&, cluster_level& c) { c.cluster_size = 3; });
  expect_refused([](layer&, cluster_level& c) { c.cluster_size = 0; });
  expect_refused([](layer&, cluster_level& c) { --c.directive_count; });
  expect_refused([](layer&, cluster_level& c) { c.directives[0] = temporal(1, K); });
  expect_refused([](layer&, cluster_level& c) { c.directives[1] = spatial(1, C); });
  expect_refused([](layer&, cluster_level& c) { c.directives[1] = temporal(1, K); });
  expect_refused([](layer&, cluster_level& c) { c.directives[1].size = 2; });
  expect_refused([](layer&, cluster_level& c) { c.directives[2].output_centric = false; });
  expect_refused([](layer&, cluster_level& c) { c.directives[c.directive_count++].dim = G; });
}

}  // namespace
}  // namespace cugamma
