// What the threads of the kernel for two levels that cut R or S do, one after the other on the
// host, against the reference; on a GPU, the whole.
#include "exact/split/split_body.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"
#include "models/exact/any_genomes.hpp"
#include "models/exact/exact_model.hpp"

namespace cugamma {
namespace {

namespace split = exact::split;

lacking score(const genome& g,
              const exact::layer_row& l,
              const exact::accelerator_row& a,
              cost& out) {
  split::split_levels t;
  std::int32_t top_units = 0;
  const lacking lacks = split::begin_split(g, l, a, top_units);
  if (lacks == lacking::nothing) out = cost{.status = clusters_exceed_pes};
  if (lacks != lacking::runtime) return lacks;
  for (int part = 0; part < split::split_parts; ++part) split::sum_part(g, part, l, top_units, t);
  exact::part_traffic all{0, 0, 0};
  for (int part = 0; part < split::split_parts; ++part) {
    all = all + split::traffic_of(part, g, t);
  }
  return split::finish_split(t, all, l, a, out);
}

struct compared_counts {
  int unit_stride = 0;
  int strided = 0;
  int unfinished = 0;
};

/// Compares what the threads say for good of mappings with what the reference does.
void expect_reference(const layer& l,
                      const accelerator& a,
                      std::span<const genome> genomes,
                      compared_counts& counts) {
  const exact::layer_row layer_row = exact::make_layer_row(l);
  const exact::accelerator_row accelerator_row = exact::make_accelerator_row(a);
  for (const genome& g : genomes) {
    cost c;
    if (score(g, layer_row, accelerator_row, c) != lacking::nothing) {
      ++counts.unfinished;
      continue;
    }
    ++(l.stride_y == 1 && l.stride_x == 1 ? counts.unit_stride : counts.strided);
    accelerator own = a;
    own.num_pes = pes_of(g, a);
    const mapping m = to_mapping(g, l);
    ASSERT_EQ(c, exact_model.price(l, own, m)) << exact_case{l, own, m};
  }
}

/// A machine whose NoC no step waits for, with buffers that are too small for some mappings.
accelerator tight_machine(random_stream& random) {
  accelerator a = wide_machine(random);
  a.l1_size_elems = random.between(10, 400);
  a.cluster_buffer_elems = random.between(50, 2000);
  return a;
}

std::vector<genome> draw_two_levels(random_stream& random, const layer& l, std::size_t count) {
  std::vector<genome> genomes;
  while (genomes.size() < count) {
    genome g = draw_any_levels(random, l, true);
    if (level_count(g) != 2) continue;
    if (random.below(4) == 0) set_own_pes(g, random.between(1, 50));
    genomes.push_back(g);
  }
  return genomes;
}

TEST(SplitKernelBody, CostsWhatTheReferenceSays) {
  compared_counts counts;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    random_stream random(1, 6, i);
    const layer l = random_cases::draw_layer(random, i % 4 == 0 ? 500000 : 5000);
    expect_reference(l, tight_machine(random), draw_two_levels(random, l, 60), counts);
    ASSERT_FALSE(HasFatalFailure()) << "layer " << i;
  }
  EXPECT_GT(counts.unit_stride, 50000);
  EXPECT_GT(counts.strided, 20000);
}

TEST(SplitKernelBody, CostsRealAndLargestLayersWhatTheReferenceSays) {
  constexpr int most = max_tile, window = max_filter_tile;
  using enum layer_type;
  const layer layers[] = {sized_layer(conv, {512, 512, 30, 30, 3, 3}, 1),
                          sized_layer(conv, {64, 3, 230, 230, 7, 7}, 2),
                          sized_layer(conv, {96, 3, 227, 227, 11, 11}, 4),
                          sized_layer(conv, {192, 192, 17, 23, 1, 7}, 1),
                          sized_layer(dsconv, {1, 144, 58, 58, 3, 3}, 2),
                          sized_layer(conv, {1, 1, 1, most + window - 1, 1, window}, 1),
                          sized_layer(conv, {3, 1, most + window - 1, 1, window, 1}, 1),
                          sized_layer(conv, {1, 2, 2000 + window, 900, window, 3}, 3),
                          sized_layer(gemm, {most, 100, most, 1, 1, 1}, 1)};
  compared_counts counts;
  for (const layer& l : layers) {
    for (const std::int32_t pes : {7, 168, 65535, std::numeric_limits<std::int32_t>::max()}) {
      random_stream random(2, 6, static_cast<std::uint64_t>(pes));
      accelerator a;
      a.num_pes = pes;
      a.noc_bw = a.offchip_bw = std::numeric_limits<std::int32_t>::max();
      expect_reference(l, a, draw_two_levels(random, l, 100), counts);
      ASSERT_FALSE(HasFatalFailure());
    }
  }
  EXPECT_GT(counts.unit_stride, 1500);
  EXPECT_GT(counts.strided, 800);
}

// Steps that wait for the NoC, levels of another number or parallel in two dimensions, and rows
// that 32 bits do not number.
TEST(SplitKernelBody, LeavesTheRest) {
  random_stream random(3, 6, 0);
  const layer l = sized_layer(layer_type::conv, {8, 8, 12, 12, 3, 3}, 1);
  layer long_rows = l;
  long_rows.size[index_of(dimension::Y)] = 1 << 30;
  accelerator wide;
  wide.num_pes = 168;
  accelerator narrow = wide;
  narrow.noc_bw = 1;
  const exact::layer_row layer_row = exact::make_layer_row(l);
  const exact::accelerator_row machine = exact::make_accelerator_row(wide);
  for (genome g : draw_two_levels(random, l, 100)) {
    set_own_pes(g, 0);
    cost c;
    ASSERT_EQ(score(g, layer_row, machine, c), lacking::nothing);
    EXPECT_EQ(score(g, layer_row, exact::make_accelerator_row(narrow), c), lacking::runtime);
    EXPECT_EQ(score(g, exact::make_layer_row(long_rows), machine, c), lacking::everything);
    genome three = g, two_parallel = g;
    set_level_count(three, 3);
    set_parallel(two_parallel, 1, dimension::K, index_of(dimension::C));
    EXPECT_EQ(score(three, layer_row, machine, c), lacking::everything);
    EXPECT_EQ(score(two_parallel, layer_row, machine, c), lacking::everything);
  }
}

bool has_device() {
  const auto all = available_evaluators();
  return std::ranges::find(all, "cuda") != all.end();
}

// Mappings of one to three levels, most of which cut R or S, of layers with strides.
TEST(SplitDevice, HasTheBitsOfTheHost) {
  if (!has_device()) {
    const char* required = std::getenv("CUGAMMA_REQUIRE_GPU");
    if (required != nullptr && std::string_view(required) == "1") FAIL() << "no device";
    GTEST_SKIP() << "no device";
  }
  using enum layer_type;
  const layer layers[] = {sized_layer(conv, {512, 512, 30, 30, 3, 3}, 1),
                          sized_layer(conv, {64, 3, 230, 230, 7, 7}, 2),
                          sized_layer(dsconv, {1, 144, 58, 58, 3, 3}, 2),
                          sized_layer(gemm, {64, 100, 128, 1, 1, 1}, 1)};
  accelerator accelerators[2];
  accelerators[0].num_pes = 168;
  accelerators[1].noc_bw = 64;
  const auto device = make_evaluator("cuda", {.model = &exact_model});
  const auto host = make_evaluator("cpu", {.model = &exact_model});
  for (const std::size_t count : {1, 31, 33, 20000}) {
    std::vector<genome> genomes;
    for (std::uint64_t i = 0; genomes.size() < count; ++i) {
      random_stream random(4, 6, i);
      const auto l = static_cast<std::uint16_t>(i % 4);
      genome g = draw_any_levels(random, layers[l], true);
      g.layer_index = l;
      g.accelerator_index = i % 16 == 0 ? 1 : 0;
      genomes.push_back(g);
    }
    std::vector<cost> costs(count), expected(count);
    const auto score = [&](evaluator& e, std::vector<cost>& out) {
      e.evaluate({layers, accelerators, genomes}, out);
    };
    score(*device, costs);
    score(*host, expected);
    EXPECT_EQ(costs, expected) << count;
  }
}

}  // namespace
}  // namespace cugamma
