// The bulk form of Timeloop's model has the bits of its plain reference.
#include "cugamma/models/timeloop/scoring.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "cugamma/error.hpp"
#include "cugamma/models/timeloop/explain.hpp"
#include "evaluate/timeloop/reference_cost.hpp"
#include "models/lane_sets.hpp"
#include "models/timeloop/cases.hpp"
#include "models/timeloop/closed/price.hpp"
#include "models/timeloop/golden_cases.hpp"
#include "models/timeloop/lanes/lane_score.hpp"

namespace cugamma::timeloop {
namespace {

std::string shown(const cost& c) {
  return fmt::format("{} at {}: {} cycles, {} pJ, accesses {} {} {} {}",
                     name_of(c.why),
                     c.at,
                     c.cycles,
                     c.energy_pj,
                     c.accesses[0],
                     c.accesses[1],
                     c.accesses[2],
                     c.accesses[3]);
}

architecture unlimited(architecture a) {
  for (storage_level& l : a.levels) {
    l.size_words.reset();
    l.min_utilization = 0;
  }
  return a;
}

architecture without_wires(architecture a) {
  for (storage_level& l : a.levels) {
    l.router_pj = 0;
    l.energy_per_hop_pj = 0;
  }
  return a;
}

struct tally {
  int valid = 0;
  int rejected = 0;
  int closed = 0;  ///< of the valid ones, that need no element list
  int simple = 0;  ///< of these, that the lanes take
  int broken = 0;  ///< of the rejected ones, for which Timeloop stops
};

/// The lanes of every instruction set that this processor has.
std::vector<const timeloop_lanes*> all_lanes() {
  std::vector<const timeloop_lanes*> all{&lanes_base};
#if HWY_ARCH_X86_64
  if (usable_lane_sets() > 1) all.push_back(&lanes_avx2);
  if (usable_lane_sets() > 2) all.push_back(&lanes_avx512);
#endif
  return all;
}

/// Compares what the lanes do not leave over. Returns of how many mappings that is.
int compare_simple(const closed::tables& t,
                   const std::vector<genome>& genomes,
                   const std::vector<cost>& expected) {
  if (!t.may_be_simple) return 0;
  std::vector<cost> costs(genomes.size());
  std::vector<std::uint32_t> left(genomes.size());
  std::size_t num_left = 0;
  for (const timeloop_lanes* l : all_lanes()) {
    num_left = l->score(t, genomes, costs, left);
    for (std::size_t i = 0, k = 0; i < genomes.size(); ++i) {
      if (k < num_left && left[k] == i) {
        ++k;
      } else {
        EXPECT_EQ(costs[i], expected[i]) << shown(costs[i]) << "; expected " << shown(expected[i]);
      }
    }
  }
  return static_cast<int>(genomes.size() - num_left);
}

/// Compares random genomes on a machine.
void compare(const architecture& a,
             const problem& p,
             int count,
             std::mt19937_64& random,
             tally& all) {
  const scorer s(a, p);
  const closed::tables t = closed::make_tables(a, p);
  std::vector<genome> genomes;
  for (int i = 0; i < count; ++i) genomes.push_back(draw_genome(random, s.shape()));
  std::vector<cost> costs(genomes.size());
  s.score(genomes, costs);
  all.simple += compare_simple(t, genomes, costs);
  for (std::size_t i = 0; i < genomes.size(); ++i) {
    cost expected = reference_cost(a, p, decode(genomes[i], s.shape()));
    const bool is_valid = expected.why == rejection::none;
    EXPECT_EQ(costs[i].excess > 1, !is_valid);
    expected.excess = costs[i].excess;
    EXPECT_EQ(costs[i], expected) << p.name << " on " << a.name << ", genome " << i << ": "
                                  << shown(costs[i]) << "; expected " << shown(expected);
    cost c;
    closed::no_elements none;
    all.closed += is_valid && closed::score(genomes[i], t, none, c) ? 1 : 0;
    all.broken += expected.why == rejection::breakdown ? 1 : 0;
    ++(is_valid ? all.valid : all.rejected);
  }
}

/// Compares random genomes of all accelerators of cases.hpp on a problem.
tally compare(const problem& p, int count, unsigned seed) {
  tally all;
  std::mt19937_64 random(seed);
  for (const architecture& a : {rows_machine(), wired_machine(), deep_machine()}) {
    compare(a, p, count, random, all);
    compare(unlimited(a), p, count, random, all);
  }
  return all;
}

TEST(TimeloopScorer, HasTheBitsOfTheReference) {
  const problem problems[] = {make_conv({3, 3, 28, 28, 24, 48, 1}, 1, 1),
                              make_conv({5, 2, 18, 12, 8, 12, 2}, 3, 1),
                              make_conv({3, 3, 20, 24, 18, 20, 1}, 1, 2),
                              make_gemm(64, 96, 128),
                              make_scatter(),
                              make_mttkrp()};
  for (const problem& p : problems) {
    const tally all = compare(p, 250, 7);
    fmt::print("{}: {} valid, of which {} in closed form, {} simple; {} rejected\n",
               p.name,
               all.valid,
               all.closed,
               all.simple,
               all.rejected);
    EXPECT_GT(all.valid, 100);
    EXPECT_GT(all.rejected, 100);
    EXPECT_GT(all.closed, all.valid / 2);
    EXPECT_EQ(all.broken > 0, p.name == "scatter");
  }
}

class TimeloopScorerOfTable : public testing::TestWithParam<golden_table> {};

/// Scores the table's own mappings, and random ones for each pair of an accelerator and a problem.
TEST_P(TimeloopScorerOfTable, HasTheBitsOfTheReference) {
  std::mt19937_64 random(5);
  tally all;
  std::string pair;
  for (const golden_case& golden : read_golden(GetParam())) {
    const scorer s(golden.machine, golden.layer);
    const genome g = encode(golden.mapped.loops, s.shape());
    cost c;
    s.score({&g, 1}, {&c, 1});
    const cost expected = reference_cost(golden.machine, golden.layer, golden.mapped.loops);
    EXPECT_EQ(shown(c), shown(expected)) << golden.id;
    const std::string own_pair = golden.id.substr(0, golden.id.rfind('/'));
    if (own_pair == pair) continue;
    pair = own_pair;
    compare(golden.machine, golden.layer, 30, random, all);
    compare(unlimited(golden.machine), golden.layer, 60, random, all);
  }
  EXPECT_GT(all.valid, 50);
  EXPECT_GT(all.rejected, 50);
}

INSTANTIATE_TEST_SUITE_P(Tables,
                         TimeloopScorerOfTable,
                         testing::ValuesIn(golden_tables),
                         table_name);

// Elements of two loops along one axis form diagonals of many lengths. What they get on average is
// a sum of fractions, which may fall short of the whole number that it stands for: Timeloop cuts it
// down then. 6 x 6 elements do so with every fourth number of words.
TEST(TimeloopScorer, HasTheBitsOfTheReferenceOfLongDiagonals) {
  const file_contents read = parse_files(
      std::vector<file_text>{{"arch.yaml", golden_texts("archs.json").at("trio")},
                             {"problem.yaml", golden_texts("problems.json").at("conv1d")}});
  const architecture a = unlimited(*read.machine);
  const scorer s(a, *read.layer);
  const closed::tables t = closed::make_tables(a, *read.layer);
  constexpr int glb = 1, dram = 2, r = 0, p = 1;
  std::vector<genome> genomes;
  for (const int r_within : {1, 2}) {
    for (const int p_within : {1, 2, 4, 8, 16}) {
      for (unsigned choice = 0; choice < 256; ++choice) {
        mapping m;
        m.levels.assign(3, empty_loops());
        m.levels[glb].spatial[r] = m.levels[glb].spatial[p] = 6;
        m.levels[glb].temporal[r] = r_within;
        m.levels[glb].temporal[p] = p_within;
        m.levels[dram].temporal[r] = 2 / r_within;
        m.levels[dram].temporal[p] = 16 / p_within;
        m.levels[glb].split = 2;
        const auto turn = [&](unsigned bit, auto& order) {
          if ((choice >> bit & 1) != 0) std::swap(order[0], order[1]);
        };
        turn(0, m.levels[glb].temporal_order);
        turn(1, m.levels[glb].spatial_order);
        turn(2, m.levels[dram].temporal_order);
        m.levels[0].keep = choice >> 3 & 7;
        m.levels[glb].keep = (choice >> 6 & 3) + 1;
        m.levels[dram].keep = 7;
        genomes.push_back(encode(m, s.shape()));
      }
    }
  }
  std::vector<cost> expected;
  for (const genome& g : genomes) {
    expected.push_back(reference_cost(a, *read.layer, decode(g, s.shape())));
  }
  EXPECT_GT(compare_simple(t, genomes, expected), 500);
}

TEST(TimeloopScorer, HasTheBitsOfTheReferenceOnAHundredThousand) {
  const problem problems[] = {make_conv({3, 3, 28, 28, 24, 48, 1}, 1, 1),
                              make_conv({7, 7, 56, 56, 3, 64, 1}, 2, 1),
                              make_conv({4, 4, 16, 16, 8, 8, 2}, 2, 2),
                              make_scatter()};
  for (const problem& p : problems) compare(p, 4200, 11);
}

TEST(TimeloopScorer, HasTheBitsOfTheReferenceOfSimpleMappings) {
  const problem problems[] = {make_conv({3, 5, 8, 9, 4, 6, 2}, 1, 1),
                              make_conv({4, 3, 12, 6, 6, 4, 1}, 2, 1),
                              make_conv({3, 2, 6, 12, 2, 8, 1}, 3, 2),
                              make_mttkrp()};
  std::mt19937_64 random(23);
  for (const problem& p : problems) {
    tally all;
    for (int i = 0; i < 150; ++i) {
      compare(unlimited(without_wires(draw_architecture(random))), p, 10, random, all);
    }
    fmt::print("{}: {} valid, {} of them simple\n", p.name, all.valid, all.simple);
    EXPECT_GT(all.simple, 100);
  }
}

/// Any accelerators and problems: tensors that slide along several axes, diagonals of tensors,
/// outputs that slide, levels without number; every other one without wires that cost.
tally compare_drawn(int pairs, int genomes, unsigned seed) {
  std::mt19937_64 random(seed);
  tally all;
  for (int i = 0; i < pairs && !testing::Test::HasFailure(); ++i) {
    architecture a = draw_architecture(random);
    if (i % 2 == 0) a = without_wires(a);
    compare(a, draw_problem(random), genomes, random, all);
  }
  return all;
}

TEST(TimeloopScorer, HasTheBitsOfTheReferenceWhateverTheProblem) {
  const tally all = compare_drawn(400, 10, 17);
  fmt::print("{} valid, of which {} in closed form, {} simple; {} rejected, {} of them as broken\n",
             all.valid,
             all.closed,
             all.simple,
             all.rejected,
             all.broken);
  EXPECT_GT(all.valid, 300);
  EXPECT_GT(all.closed, all.valid / 2);
  EXPECT_GT(all.simple, 50);
  EXPECT_GT(all.broken, 10);
}

TEST(TimeloopScorer, HasTheBitsOfTheReferenceWhateverTheProblemOnAHundredThousand) {
  compare_drawn(5000, 20, 19);
}

TEST(TimeloopScorer, RefusesWhatDoesNotFitItsTables) {
  problem p = make_gemm(64, 64, 64);
  p.dimensions[0].size = std::int64_t{1} << 32;
  EXPECT_THROW(scorer(rows_machine(), p), input_error);
  p = make_conv({3, 3, 28, 28, 24, 48, 1}, 1, 1);
  p.tensors[1].axes[2][0].coefficient = std::int64_t{1} << 40;
  EXPECT_THROW(scorer(rows_machine(), p), input_error);
  p = make_gemm(64, 64, 64);
  p.tensors[0].axes.assign(17, {{0}});
  EXPECT_THROW(scorer(rows_machine(), p), input_error);
}

TEST(TimeloopGenome, IsItsMapping) {
  std::mt19937_64 random(3);
  for (const architecture& a : {rows_machine(), deep_machine()}) {
    const genome_shape s = make_genome_shape(a, make_conv({3, 3, 28, 28, 24, 48, 1}, 1, 1));
    for (int i = 0; i < 200; ++i) {
      const mapping m = decode(draw_genome(random, s), s);
      EXPECT_EQ(decode(encode(m, s), s), m);
    }
  }
}

TEST(TimeloopGenome, RefusesSizesWithoutDelay) {
  const auto shape_of = [](std::int64_t size) {
    return make_genome_shape(rows_machine(), make_gemm(size, 1, 1));
  };
  EXPECT_EQ(shape_of(2147483647).num_primes, 1);  // a prime
  EXPECT_EQ(shape_of(std::int64_t{1} << 62).num_primes, 62);
  EXPECT_THROW(shape_of((std::int64_t{1} << 61) - 1), input_error);  // a prime too
  EXPECT_THROW(shape_of(0), input_error);
  EXPECT_THROW(make_genome_shape(rows_machine(), make_gemm(1 << 30, 1 << 30, 1 << 30)),
               input_error);
}

TEST(TimeloopGenome, ToldFromOtherBytes) {
  std::mt19937_64 random(4);
  const genome_shape s = make_genome_shape(rows_machine(), make_gemm(64, 96, 128));
  const genome good = draw_genome(random, s);
  EXPECT_TRUE(has_shape(good, s));
  EXPECT_TRUE(has_shape(encode(decode(good, s), s), s));
  EXPECT_FALSE(has_shape(genome{}, s));  // orders of nothing but dimension 0
  genome bad = good;
  bad.places[0] = 0x04;  // places 0 to 3 exist
  EXPECT_FALSE(has_shape(bad, s));
  bad = good;
  bad.split[1] = 11;
  EXPECT_FALSE(has_shape(bad, s));
  bad = good;
  bad.spatial_orders[4] = 0xf9;
  EXPECT_FALSE(has_shape(bad, s));
  bad = good;
  bad.temporal_orders[0] = 0x43;  // dimensions 3 and 4 do not exist
  bad.temporal_orders[1] = 0x15;
  EXPECT_FALSE(has_shape(bad, s));
}

TEST(TimeloopGenome, RefusesFactorsThatItCannotHold) {
  const problem p = make_gemm(8, 8, 8);
  const genome_shape s = make_genome_shape(rows_machine(), p);
  mapping m = decode(genome{}, s);
  m.levels[0].temporal[0] = 1;
  EXPECT_THROW(encode(m, s), input_error);  // a factor is lacking
  m.levels[1].spatial[0] = 4;
  m.levels[2].temporal[0] = 4;
  EXPECT_THROW(encode(m, s), input_error);  // 16 is not 8
  m.levels[2].temporal[0] = 2;
  EXPECT_NO_THROW(encode(m, s));
  m.levels[1].spatial[0] = 1;
  m.levels[2].spatial[0] = 4;
  EXPECT_THROW(encode(m, s), input_error);  // Dram feeds one buffer
  m.levels.pop_back();
  EXPECT_THROW(encode(m, s), input_error);
}

}  // namespace
}  // namespace cugamma::timeloop
