#include "search/breeding/breeding_engine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/formats/constraint_file.hpp"
#include "mapping/operators/seeding.hpp"
#include "models/maestro/legality.hpp"
#include "small_problems.hpp"

namespace cugamma {
namespace {

std::vector<layer> layers() {
  using enum layer_type;
  return {make_layer(conv, 512, 256, 30, 30, 3, 3),
          make_layer(conv, 96, 3, 227, 227, 11, 11),
          make_layer(dsconv, 1, 32, 114, 114, 3, 3),
          make_layer(gemm, 768, 3072, 512, 1, 1, 1),
          make_layer(conv, 4096, 25088, 1, 1, 1, 1)};
}

/// Individuals of every kind: drawn, bred, immigrants, attempts.
struct proposals {
  std::vector<genome> mappings;
  std::vector<std::uint64_t> identities;
  friend bool operator==(const proposals&, const proposals&) = default;
};

proposals propose_all(const breeding_lanes& lanes,
                      const breeding_plan& plan,
                      std::size_t count,
                      double guided) {
  proposals all;
  proposal_job job;
  job.plan = &plan;
  job.seed = 77;
  job.immigrants = chance_of(0.1);
  std::vector<std::uint32_t> numbers(count);
  for (std::uint32_t i = 0; i < count; ++i) numbers[i] = 3 * i + 5;
  std::vector<genome> parents;
  std::vector<genome> out(count);
  std::vector<std::uint64_t> identities(count);
  for (job.generation = 0; job.generation < 6; ++job.generation) {
    job.parents = parents.data();
    job.parent_count = static_cast<std::uint32_t>(parents.size());
    job.attempt = job.generation % 3;
    const int handful = job.generation % 3 == 0 ? 16 : static_cast<int>(job.generation % 3);
    job.draws = {100, static_cast<std::uint32_t>(100 * guided), handful};
    lanes.propose(job, numbers.data(), count, out.data(), identities.data());
    parents = out;
    all.mappings.insert(all.mappings.end(), out.begin(), out.end());
    all.identities.insert(all.identities.end(), identities.begin(), identities.end());
  }
  return all;
}

/// precondition: rates and space are such that lanes may run them
void expect_lanes_agree(const search_space& space, const breeding_rates& rates, double guided) {
  const breeding_plan plan = make_breeding_plan(space, rates);
  for (const std::size_t count : {1u, 15u, 16u, 17u, 64u, 65u, 256u}) {
    const proposals expected = propose_all(breeding_single, plan, count, guided);
    for (const breeding_lanes* lanes : usable_breeding_lanes()) {
      ASSERT_EQ(propose_all(*lanes, plan, count, guided), expected)
          << lanes->name << ", " << count << " individuals";
    }
    if (count != 256) continue;
    for (std::size_t i = 0; i < expected.mappings.size(); ++i) {
      ASSERT_EQ(identity_of(expected.mappings[i], space), expected.identities[i]) << i;
      accelerator a;
      a.num_pes = pes_of(expected.mappings[i], space);
      ASSERT_EQ(check_legality(space.target, a, to_mapping(expected.mappings[i], space.target)), 0u)
          << i;
    }
  }
}

TEST(BreedingLanes, ProposeWhatSingleIndividualsWouldBe) {
  const std::vector<space_options> options{{},
                                           {.levels_min = 1, .levels_max = 3},
                                           {.levels_min = 3, .levels_max = 3, .parallel_rs = true},
                                           {.parallel_rs = true, .factors_only = true},
                                           {.cluster_size = 12}};
  breeding_rates strict;
  strict.guided = chance_of(0.8);
  for (const layer& l : layers()) {
    for (const space_options& o : options) {
      const search_space space = make_search_space(l, small_machine(), o);
      expect_lanes_agree(space, {}, 1);
      expect_lanes_agree(space, plain_gamma_rates, 0);
      expect_lanes_agree(space, strict, 0.5);
    }
  }
}

TEST(BreedingLanes, AgreeWherePesAreSearched) {
  for (const int levels : {2, 3}) {
    search_space space = make_search_space(layers()[0], small_machine(), {.levels_max = levels});
    space.search_pes = true;
    space.pes_max = 1 << 20;
    expect_lanes_agree(space, {}, 1);
  }
}

class ConstrainedLanes : public testing::TestWithParam<std::string> {};

TEST_P(ConstrainedLanes, AgreeInEveryClass) {
  const mapping_constraint whole = read_constraint(find_constraint(GetParam()));
  for (int bits = 0; bits < flexibility_class_count; ++bits) {
    const mapping_constraint c = with_flexibility(whole, flexibility_of(bits));
    for (const layer& l : layers()) {
      space_options options;
      options.levels_min = options.levels_max = static_cast<int>(c.levels.size());
      accelerator a;
      a.l1_size_elems = 100000;
      const search_space space =
          constrain(make_search_space(constrained_layer(c, l), a, options), c);
      SCOPED_TRACE("class " + name_of(flexibility_of(bits)));
      expect_lanes_agree(space, {}, 1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All,
                         ConstrainedLanes,
                         testing::ValuesIn(constraint_names()),
                         [](const auto& tested) { return tested.param; });

TEST(BreedingEngine, NothingIsProposedTwiceInLargePopulations) {
  const search_space space = make_search_space(layers()[0], small_machine());
  breeding_options options;
  options.population = 40000;
  breeding_engine engine(space, {}, options);
  std::vector<genome> parents;
  std::set<std::uint64_t> seen;
  for (std::int64_t generation = 0; generation < 4; ++generation) {
    std::vector<genome> children(40000);
    EXPECT_EQ(engine.make_generation(parents, generation, {}, children), children.size());
    for (const genome& g : children) seen.insert(identity_of(g, space));
    parents.assign(children.begin(), children.begin() + 300);
  }
  EXPECT_EQ(seen.size(), 160000u);
}

TEST(BreedingEngine, OfAHandfulOfDrawsTheOneIsTakenThatLeavesTheFewestPesIdle) {
  const search_space space = make_search_space(layers()[0], small_machine());
  const breeding_plan plan = make_breeding_plan(space, {.fit_buffers = false});
  proposal_job job;
  job.plan = &plan;
  const auto mean_use = [&](int handful) {
    job.draws = {100, 100, handful};
    std::vector<std::uint32_t> numbers(100);
    std::iota(numbers.begin(), numbers.end(), 0u);
    std::vector<genome> drawn(numbers.size());
    std::vector<std::uint64_t> identities(numbers.size());
    breeding_single.propose(job, numbers.data(), numbers.size(), drawn.data(), identities.data());
    double sum = 0;
    for (const genome& g : drawn) {
      const auto words = std::bit_cast<operators::packed<std::uint32_t>>(g);
      sum += operators::estimated_pe_use(operators::unpack<operators::two_levels>(words), plan);
    }
    return sum / static_cast<double>(drawn.size());
  };
  const double one = mean_use(1);
  const double four = mean_use(4);
  EXPECT_GT(four, one + 0.02);
  EXPECT_GT(mean_use(16), four + 0.02);
}

std::vector<std::uint8_t> inserted(seen_set& set, const std::vector<std::uint64_t>& hashes) {
  std::vector<std::uint8_t> is_new(hashes.size());
  set.insert(hashes, is_new);
  return is_new;
}

std::vector<std::uint64_t> random_hashes(std::size_t count, std::int32_t different, int seed) {
  random_stream random(static_cast<std::uint64_t>(seed), 0, 0);
  std::vector<std::uint64_t> hashes(count);
  for (std::uint64_t& h : hashes) {
    h = static_cast<std::uint64_t>(random.below(different)) * 0x9E3779B97F4A7C15u;
  }
  return hashes;
}

TEST(SeenSet, IsTheSameAfterSavingAndRestoring) {
  for (const std::size_t population : {100u, 20000u}) {
    seen_set set(population);
    inserted(set, random_hashes(60000, 40000, 1));
    byte_writer out;
    set.save(out);
    seen_set again(population);
    byte_reader in(out.bytes());
    again.restore(in);
    EXPECT_TRUE(in.at_end());
    const auto more = random_hashes(60000, 80000, 2);
    EXPECT_EQ(inserted(again, more), inserted(set, more));
    seen_set other(population == 100 ? 20000 : 100);
    byte_reader wrong(out.bytes());
    EXPECT_THROW(
        {
          other.restore(wrong);
          if (!wrong.at_end()) throw input_error("bytes are left");
        },
        input_error);
  }
}

TEST(SeenSet, ForgetsWhenItIsFullAndGoesOn) {
  for (const std::size_t population : {100u, 20000u}) {
    seen_set set(population);
    std::uint64_t next = 0;
    std::size_t known = 0;
    std::vector<std::uint64_t> hashes(100000);
    for (int batch = 0; batch < 60; ++batch) {  // 6 million, more than the 4 that it remembers
      for (std::uint64_t& h : hashes) h = ++next * 0x9E3779B97F4A7C15u;
      const auto is_new = inserted(set, hashes);
      known += static_cast<std::size_t>(std::ranges::count(is_new, 0));
    }
    EXPECT_LT(known, 100u) << "new ones are taken for known";
    EXPECT_FALSE(set.insert(next * 0x9E3779B97F4A7C15u));
    EXPECT_TRUE(set.insert(0x9E3779B97F4A7C15u)) << "the first are forgotten";
  }
}

TEST(SeenSet, ShardsKeepTheFirstOfEquals) {
  seen_set sharded(1 << 20);
  seen_set single(100);
  for (int round = 0; round < 3; ++round) {
    const auto hashes = random_hashes(100000, 50000, round);
    EXPECT_EQ(inserted(sharded, hashes), inserted(single, hashes));
  }
}

}  // namespace
}  // namespace cugamma
