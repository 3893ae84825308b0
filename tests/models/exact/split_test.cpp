// Mappings of two and three levels that cut R and S or are parallel in them: the forms without
// lists, in SIMD lanes and of plain numbers, against the reference.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <vector>

#include "models/exact/any_genomes.hpp"
#include "models/exact/cpu/exact_scoring.hpp"
#include "models/exact/figures.hpp"
#include "models/exact/scored_genomes.hpp"
#include "models/exact/split_filter/split_form.hpp"

namespace cugamma {
namespace {

genome draw_levels(random_stream& random, const layer& l, int levels) {
  while (true) {
    const genome g = draw_any_levels(random, l, true);
    if (level_count(g) == levels) return g;
  }
}

void expect_reference(const layer& l, const accelerator& a, const std::vector<genome>& genomes) {
  expect_costs_of_model(*exact::make_scoring(), l, a, genomes);
}

void expect_reference(random_stream& random,
                      const layer& l,
                      const accelerator& a,
                      int levels,
                      int count) {
  std::vector<genome> genomes(static_cast<std::size_t>(count));
  for (genome& g : genomes) {
    g = draw_levels(random, l, levels);
    if (random.below(4) == 0) set_own_pes(g, random.between(1, 50));
  }
  expect_reference(l, a, genomes);
}

class SplitForm : public testing::TestWithParam<int> {
 protected:
  int levels() const { return GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(Levels, SplitForm, testing::Values(2, 3));

TEST_P(SplitForm, CostsInLanesWhatTheReferenceSays) {
  for (std::uint64_t i = 0; i < 150; ++i) {
    random_stream random(1, 5, i);
    const layer l = random_cases::draw_layer(random, i % 4 == 0 ? 500000 : 5000);
    const bool is_narrow = i % 8 == 0;
    const accelerator a =
        is_narrow ? random_cases::draw_accelerator(random, 200) : wide_machine(random);
    expect_reference(random, l, a, levels(), 200);
    ASSERT_FALSE(HasFatalFailure()) << "layer " << i;
  }
}

TEST_P(SplitForm, CostsRealLayersWhatTheReferenceSays) {
  const layer layers[] = {sized_layer(layer_type::conv, {512, 512, 30, 30, 3, 3}, 1),
                          sized_layer(layer_type::conv, {64, 3, 230, 230, 7, 7}, 2),
                          sized_layer(layer_type::conv, {96, 3, 227, 227, 11, 11}, 4),
                          sized_layer(layer_type::conv, {256, 48, 31, 31, 5, 5}, 1),
                          sized_layer(layer_type::dsconv, {1, 144, 58, 58, 3, 3}, 2),
                          sized_layer(layer_type::conv, {192, 192, 17, 23, 1, 7}, 1)};
  random_stream random(2, 5, 0);
  for (const layer& l : layers) {
    for (int i = 0; i < 4; ++i) expect_reference(random, l, wide_machine(random), levels(), 250);
    ASSERT_FALSE(HasFatalFailure());
  }
}

/// A genome's genes as plain numbers.
core::two_level_genes<double, exact::split::dims> genes_of(const genome& g,
                                                           const layer& l,
                                                           const accelerator& a) {
  core::two_level_genes<double, exact::split::dims> out;
  for (int level = 0; level < 2; ++level) {
    for (int p = 0; p < exact::split::dims; ++p) {
      const dimension d = order(g, level, p);
      const bool is_depthwise_k =
          l.type == layer_type::dsconv && d == dimension::C && parallel(g, level) == dimension::K;
      out.tile[level][index_of(d)] = tile(g, level, d);
      out.position[level][index_of(d)] = p;
      out.spatial[level][index_of(d)] = parallel(g, level) == d || is_depthwise_k;
    }
  }
  out.pes = a.num_pes;
  out.cluster_size = cluster_size(g, 1);
  return out;
}

TEST(SplitNumbers, CountAsPlainNumbersWhatTheReferenceSays) {
  int compared[2] = {};  // of unit strides, of others
  for (std::uint64_t i = 0; i < 4000; ++i) {
    random_stream random(3, 5, i);
    const layer l = random_cases::draw_layer(random, 5000);
    const accelerator a = wide_machine(random);
    const genome g = draw_levels(random, l, 2);
    const auto expected = exact::evaluate(l, a, to_mapping(g, l));
    if (expected.status != 0) continue;
    const auto f = exact::split::split_form(genes_of(g, l, a),
                                            exact::split::make_split_layer<double>(l),
                                            exact::make_closed_accelerator<double>(a));
    ++compared[l.stride_y == 1 && l.stride_x == 1 ? 0 : 1];
    const auto& all = expected.all;
    const exact_case at{l, a, to_mapping(g, l)};
    EXPECT_EQ(f.runtime_cycles, all.runtime_cycles) << at;
    ASSERT_EQ(f.l1_fills, all.l1.writes.input + all.l1.writes.filter) << at;
    ASSERT_EQ(f.l2_traffic,
              all.l2.reads.input + all.l2.reads.filter + all.l2.reads.output + all.l2.writes.output)
        << at;
    ASSERT_EQ(f.cluster_traffic, all.cluster_accesses()) << at;
  }
  EXPECT_GT(compared[0], 1500);
  EXPECT_GT(compared[1], 500);
}

// So many MACs that lanes could not count them.
TEST_P(SplitForm, LeavesLayersThatLanesCannotCount) {
  random_stream random(4, 5, 0);
  const layer l = sized_layer(layer_type::conv, {1 << 20, 1 << 20, 66, 66, 3, 3}, 1);
  expect_reference(random, l, wide_machine(random), levels(), 100);
}

}  // namespace
}  // namespace cugamma
