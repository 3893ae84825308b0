#include <gtest/gtest.h>

#include "chunk_plan.hpp"
#include "launch_policy.hpp"
#include "maestro/maestro_launch.hpp"

namespace cugamma {
namespace {

TEST(LaunchPolicy, EveryMappingHasAThreadAndNoBlockIsEmpty) {
  for (const int multiprocessors : {1, 20, 132, 192}) {
    for (const std::size_t n : {1ul, 31ul, 32ul, 33ul, 4095ul, 4096ul, 4097ul, 1000000ul}) {
      const launch_policy p = choose_launch(n, multiprocessors);
      EXPECT_LE(p.block_threads, max_block_threads);
      EXPECT_GE(std::size_t{1} * block_count(n, p) * p.block_threads, n);
      EXPECT_LT(std::size_t{1} * (block_count(n, p) - 1) * p.block_threads, n);
    }
  }
}

TEST(LaunchPolicy, SmallPopulationsAreSpreadAndReadInPlace) {
  static_assert(choose_launch(20, 132).block_threads == 32);
  static_assert(choose_launch(mapped_limit, 132).mapped);
  static_assert(!choose_launch(mapped_limit + 1, 132).mapped);
  static_assert(choose_launch(1000000, 132).block_threads == max_block_threads);
}

TEST(LaunchPolicy, KernelsForWhatIsLeftNeverStartMoreThanTheirListOrTheDevice) {
  static_assert(general_blocks(1, 132) == 1);
  static_assert(general_blocks(8, 132) == 1);
  static_assert(general_blocks(9, 132) == 2);
  static_assert(general_blocks(10000000, 132) == 132 * general_resident_blocks);
  static_assert(step_blocks(128, 132) == 1);
  static_assert(step_blocks(129, 132) == 2);
  static_assert(step_blocks(10000000, 132) == 132 * step_resident_blocks);
}

void expect_covers(std::size_t population, const chunk_plan& p) {
  ASSERT_GT(p.chunk, 0u);
  EXPECT_GE(p.chunk * p.count, population);
  EXPECT_LT(p.chunk * (p.count - 1), population);
}

TEST(ChunkPlan, CoversAnyPopulation) {
  for (const std::size_t n : {1ul, 2ul, 65536ul, 262144ul, 262145ul, 10000000ul, 4000000000ul}) {
    expect_covers(n, plan_chunks(n, 128, 1ul << 30, 3));
  }
}

TEST(ChunkPlan, StaysWithinTheDeviceMemory) {
  for (const std::size_t free : {384ul, 1000ul, 1ul << 20, 1ul << 28}) {
    const chunk_plan p = plan_chunks(10000000, 128, free, 3);
    expect_covers(10000000, p);
    EXPECT_LE(p.chunk * 128 * p.streams, free);
  }
}

TEST(ChunkPlan, SaysWhenNothingFitsAndWhenThereIsNothing) {
  static_assert(plan_chunks(1000, 128, 383, 3).chunk == 0);
  static_assert(plan_chunks(0, 128, 1 << 20, 3) == chunk_plan{});
}

TEST(ChunkPlan, CutsPopulationsOfAnySizeIntoSeveralChunks) {
  for (const std::size_t n : {65536ul, 300000ul, 1000000ul, 10000000ul}) {
    const chunk_plan p = plan_chunks(n, 128, 1ul << 30, 4);
    EXPECT_GE(p.count, 4u) << n;
    EXPECT_EQ(p.streams, 4) << n;
    EXPECT_LE(p.chunk, most_chunk) << n;
  }
}

}  // namespace
}  // namespace cugamma
