#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "models/exact/random_cases.hpp"
#include "models/exact/walk.hpp"

namespace cugamma {
namespace {

constexpr std::uint64_t seed = 20240601;

/// Checks cases of the sequence until one fails, and prints that one.
template <typename Check>
void for_each_case(std::uint64_t count, const exact_case_limits& limits, Check check) {
  for (std::uint64_t number = 0; number < count && !testing::Test::HasFailure(); ++number) {
    const exact_case c = random_exact_case(seed, number, limits);
    check(c, walk(c.l, c.a, c.m));
    if (testing::Test::HasFailure())
      ADD_FAILURE() << "seed " << seed << ", case " << number << ": " << c;
  }
}

void expect_bounds(const exact_case& c, const exact_walk& w) {
  EXPECT_EQ(w.macs, layer_macs(c.l));
  EXPECT_GE(w.runtime_cycles * c.a.num_pes * c.a.simd_lanes, w.macs);
  // L2 is filled with each element that a MAC reads, once.
  EXPECT_GE(w.l2_reads.input, w.l2_writes.input);
  EXPECT_GE(w.l2_reads.filter, w.l2_writes.filter);
  EXPECT_GE(w.offchip_reads_small_l2.input, w.l2_writes.input);
  EXPECT_GE(w.offchip_reads_small_l2.filter, w.l2_writes.filter);
  EXPECT_EQ(w.l2_writes.filter, filter_elems(c.l));
  EXPECT_LE(w.l2_writes.input, input_elems(c.l));
  EXPECT_EQ(w.l2_writes.output, output_elems(c.l) + w.partial_sums_read_back);
  EXPECT_EQ(w.l2_reads.output, w.l2_writes.output);
  std::int64_t egress_above = output_elems(c.l);
  for (const noc_counts& noc : w.noc) {
    EXPECT_GE(noc.deliveries, noc.ingress);
    EXPECT_GE(noc.egress, egress_above);
    egress_above = noc.egress;
  }
  EXPECT_LE(egress_above, w.macs);
  EXPECT_GE(w.l2_size_elems, w.l1_size_elems);
}

TEST(ExactWalkProperties, FiguresKeepTheirBounds) { for_each_case(20000, {}, expect_bounds); }

TEST(ExactWalkProperties, FourLevelsKeepThemToo) {
  for_each_case(3000, {.levels = max_levels}, expect_bounds);
}

TEST(ExactWalkProperties, LargerLayersKeepThemToo) {
  for_each_case(200, {.macs = 100000}, expect_bounds);
}

/// The cycles on another accelerator, which must change no count.
std::int64_t cycles_on(const exact_case& c, const accelerator& other, const exact_walk& w) {
  const exact_walk v = walk(c.l, other, c.m);
  EXPECT_EQ(v.noc, w.noc);
  EXPECT_EQ(v.cluster_buffers, w.cluster_buffers);
  EXPECT_EQ(v.energy_nj, w.energy_nj);
  EXPECT_EQ(v.offchip_reads_small_l2, w.offchip_reads_small_l2);
  return v.runtime_cycles;
}

TEST(ExactWalkProperties, AFasterMachineIsNeverSlower) {
  for_each_case(5000, {}, [](const exact_case& c, const exact_walk& w) {
    for (std::int32_t accelerator::*const more :
         {&accelerator::noc_bw, &accelerator::simd_lanes, &accelerator::offchip_bw}) {
      accelerator faster = c.a;
      faster.*more += 1;
      EXPECT_LE(cycles_on(c, faster, w), w.runtime_cycles);
    }
    for (std::int32_t accelerator::*const fewer :
         {&accelerator::noc_hops, &accelerator::noc_hop_latency}) {
      accelerator faster = c.a;
      faster.*fewer = std::max(0, faster.*fewer - 1);
      EXPECT_LE(cycles_on(c, faster, w), w.runtime_cycles);
    }
  });
}

// What the other tests rely on.
TEST(ExactWalkProperties, TheCasesAreOfEveryKind) {
  std::set<std::pair<layer_type, int>> types_and_levels;
  int fully_connected = 0;
  int strided = 0;
  int window_cut_in_time = 0;
  int window_parallel = 0;
  int several_rounds = 0;
  int tiles_too_large = 0;
  for (std::uint64_t number = 0; number < 2000; ++number) {
    const exact_case c = random_exact_case(seed, number);
    types_and_levels.insert({c.l.type, c.m.level_count});
    fully_connected += c.l.type == layer_type::conv && output_size(c.l, dimension::Y) == 1 &&
                       output_size(c.l, dimension::X) == 1;
    strided += c.l.stride_y > 1 || c.l.stride_x > 1;
    const cluster_level& top = c.m.levels[0];
    for (int i = 0; i < top.directive_count; ++i) {
      const directive& given = top.directives[i];
      const std::int32_t extent = output_size(c.l, given.dim);
      const bool window = given.dim == dimension::R || given.dim == dimension::S;
      const bool spatial = given.kind == directive_kind::spatial;
      window_parallel += window && spatial && given.size < extent;
      window_cut_in_time += window && !spatial && given.size < extent;
      tiles_too_large += given.size > extent;
      several_rounds += spatial && c.m.level_count == 1 && given.size * c.a.num_pes < extent;
    }
  }
  EXPECT_EQ(types_and_levels.size(), 9u);
  for (const int kind : {fully_connected,
                         strided,
                         window_cut_in_time,
                         window_parallel,
                         several_rounds,
                         tiles_too_large}) {
    EXPECT_GE(kind, 40);
  }
}

}  // namespace
}  // namespace cugamma
