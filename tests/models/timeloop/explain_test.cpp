// Timeloop's figures of small mappings, worked out by hand.
#include "cugamma/models/timeloop/explain.hpp"

#include <gtest/gtest.h>

#include "models/timeloop/cases.hpp"

namespace cugamma::timeloop {
namespace {

/// One MAC, a buffer of one word a vector, and Dram.
architecture small_machine() {
  architecture a;
  a.arithmetic = {"Mac", 4, 4, 1, 16, 1, 0};
  storage_level buffer = make_level("Buffer", 1, 1);
  buffer.size_words = 64;
  buffer.read_pj = 1;
  buffer.fill_pj = 2;
  buffer.update_pj = 3;
  storage_level dram = make_level("Dram", 1, 1);
  dram.supports_reduction = false;
  dram.read_pj = dram.fill_pj = dram.update_pj = 100;
  a.levels = {buffer, dram};
  return a;
}

/// I[R + P] with a filter of 3 and 8 outputs.
problem small_conv() {
  problem p;
  p.dimensions = {{'R', 3}, {'P', 8}};
  p.tensors = {make_tensor("W", {{{0}}}),
               make_tensor("I", {{{0}, {1}}}),
               make_tensor("O", {{{1}}}, true)};
  return p;
}

mapping two_levels() { return {{empty_loops(), empty_loops()}}; }

TEST(TimeloopExplain, AFilterMovesOverItsInput) {
  mapping m = two_levels();
  m.levels[0].temporal[0] = 3;  // R in the buffer
  m.levels[1].temporal[1] = 8;  // P outside
  const figures f = explain(small_machine(), small_conv(), m);
  ASSERT_EQ(f.why, rejection::none);
  EXPECT_EQ(f.cycles, 24);
  EXPECT_EQ(f.macs, 24);
  EXPECT_DOUBLE_EQ(f.utilization, 0.25);
  const auto& buffer = f.levels[0].tensors;
  EXPECT_EQ(buffer[0].tile, 3);
  EXPECT_EQ(buffer[0].fills, 3);   // the filter stays
  EXPECT_EQ(buffer[1].fills, 10);  // three words first, then a new one each time
  EXPECT_EQ(buffer[1].reads, 24);
  EXPECT_EQ(buffer[2].updates, 24);
  EXPECT_EQ(buffer[2].reads, 16);  // the first of an output's three updates reads nothing
  EXPECT_EQ(buffer[2].fills, 0);
  const auto& dram = f.levels[1].tensors;
  EXPECT_EQ(dram[1].reads, 10);
  EXPECT_EQ(dram[2].updates, 8);
  EXPECT_EQ(dram[2].reads, 0);
  // Reads 24 + 24 + 16, fills 3 + 10, updates 24; of Dram 3 + 10 + 8; a MAC costs 1.
  EXPECT_DOUBLE_EQ(f.energy_pj, 64 * 1 + 13 * 2 + 24 * 3 + 21 * 100 + 24);
}

TEST(TimeloopExplain, NeighboursShareASlidingInput) {
  mapping m = two_levels();
  m.levels[0].spatial[1] = 4;   // four MACs work on neighbouring outputs
  m.levels[0].temporal[0] = 3;  // R moves them all by one input
  m.levels[0].temporal[1] = 2;
  const figures f = explain(small_machine(), small_conv(), m);
  ASSERT_EQ(f.why, rejection::none);
  EXPECT_EQ(f.cycles, 6);
  const auto& moved = f.networks[0].tensors;
  // R advances four times, and each time three MACs find their word at a neighbour.
  EXPECT_DOUBLE_EQ(moved[1].link_transfers, 12);
  // Two times all four take a word, else one: records of one element.
  ASSERT_EQ(moved[1].records.size(), 2u);
  EXPECT_DOUBLE_EQ(moved[1].records[0].scatter, 1);
  EXPECT_DOUBLE_EQ(moved[1].records[0].accesses, 4);
  EXPECT_DOUBLE_EQ(moved[1].records[1].scatter, 4);
  EXPECT_DOUBLE_EQ(moved[1].records[1].accesses, 8);
  EXPECT_EQ(f.levels[0].tensors[1].reads, 12);
  // The filter goes to all four MACs at once.
  EXPECT_DOUBLE_EQ(moved[0].records[0].multicast, 4);
}

TEST(TimeloopExplain, ABypassedLevelPassesItsAccessesOn) {
  mapping m = two_levels();
  m.levels[0].temporal[0] = 3;
  m.levels[1].temporal[1] = 8;
  m.levels[0].keep = 0b101;  // not the input
  const figures f = explain(small_machine(), small_conv(), m);
  ASSERT_EQ(f.why, rejection::none);
  EXPECT_FALSE(f.levels[0].tensors[1].is_kept);
  EXPECT_EQ(f.levels[0].tensors[1].tile, 0);
  EXPECT_EQ(f.levels[1].tensors[1].reads, 24);
}

TEST(TimeloopExplain, RejectsInTimeloopsOrder) {
  const auto why = [](const mapping& m) {
    const figures f = explain(small_machine(), small_conv(), m);
    return std::pair(f.why, f.at);
  };
  mapping m = two_levels();
  m.levels[1].spatial[0] = 3;
  EXPECT_EQ(why(m), std::pair(rejection::spatial_without_fanout, -1));
  m = two_levels();
  m.levels[0].temporal[0] = 3;
  EXPECT_EQ(why(m), std::pair(rejection::factor_product, -1));
  m.levels[0].spatial[1] = 8;
  m.levels[0].keep = m.levels[1].keep = 0b110;
  EXPECT_EQ(why(m), std::pair(rejection::tensor_kept_nowhere, -1));
  m.levels[1].keep = 0xff;
  EXPECT_EQ(why(m), std::pair(rejection::mac_instances, -1));
  m.levels[0].spatial[1] = 4;
  m.levels[0].temporal[1] = 2;
  EXPECT_EQ(why(m).first, rejection::none);
  architecture small = small_machine();
  small.levels[0].size_words = 17;  // ten inputs and eight outputs
  const figures f = explain(small, small_conv(), m);
  EXPECT_EQ(f.why, rejection::capacity);
  EXPECT_EQ(f.at, 0);
  small.levels[0].size_words = 18;
  EXPECT_EQ(explain(small, small_conv(), m).why, rejection::none);
}

TEST(TimeloopExplain, BandwidthSlowsTheMachine) {
  mapping m = two_levels();
  m.levels[0].temporal[0] = 3;
  m.levels[1].temporal[1] = 8;
  architecture a = small_machine();
  a.levels[0].read_bandwidth = 2;  // 64 reads in 24 cycles
  a.levels[0].leak_pj = 0.5;
  a.levels[1].network_latency_cycles = 5;
  const figures f = explain(a, small_conv(), m);
  EXPECT_EQ(f.levels[0].cycles, 32);
  EXPECT_DOUBLE_EQ(f.levels[0].slowdown, 0.75);
  EXPECT_EQ(f.cycles, 37);
  EXPECT_DOUBLE_EQ(f.levels[0].leak_pj, 16);
}

}  // namespace
}  // namespace cugamma::timeloop
