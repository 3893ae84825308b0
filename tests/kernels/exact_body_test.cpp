// What a thread of the exact model's kernel does, run by a loop on the host, and what the host then
// finishes.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/formats/network_file.hpp"
#include "exact/score_body.hpp"
#include "exact/three/three_levels_body.hpp"
#include "mapping/draw_mapping.hpp"
#include "models/exact/any_genomes.hpp"
#include "models/exact/closed_genomes.hpp"
#include "models/exact/exact_model.hpp"
#include "models/exact/general_form.hpp"
#include "problem/layer_limits.hpp"

namespace cugamma {
namespace {

/// How many mappings lacked what after the score kernel, and how many the device did not finish.
struct lacking_counts {
  std::size_t nothing = 0;
  std::size_t runtime = 0;
  std::size_t everything = 0;
  std::size_t three = 0;  ///< that the kernel for three levels finished
  std::size_t unfinished = 0;
};

cost reference_of(const genome& g, const layer& l, accelerator a) {
  if (!has_loop_orders(g)) return {.status = bad_structure};
  a.num_pes = pes_of(g, a);
  return exact_model.price(l, a, to_mapping(g, l));
}

/// What the threads of the kernel for three levels do, one after the other.
lacking score_three_levels(const genome& g,
                           const exact::layer_row& l,
                           const exact::accelerator_row& a,
                           cost& out) {
  exact::three_levels t;
  const lacking lacks = exact::begin_three_levels(g, l, a, t.top_units);
  if (lacks == lacking::nothing) out = cost{.status = clusters_exceed_pes};
  if (lacks != lacking::runtime) return lacks;
  for (int d = 0; d < exact::chained::whole_dims; ++d) {
    const std::uint32_t due = exact::sum_axis(g, d, l, t.top_units, t);
    for (const std::uint32_t what : {exact::deep_sums::moves, exact::deep_sums::restarts}) {
      if ((due & what) != 0) exact::add_deep(g, d, what, l, t);
    }
  }
  exact::part_traffic all{0, 0, 0};
  for (int part = 0; part < exact::traffic_parts; ++part) {
    all = all + exact::traffic_of(part, g, t, l.closed.filter);
  }
  return exact::finish_three_levels(t, all, l, a, out);
}

/// Scores genomes as kernels and host do together and compares them with the reference; what the
/// kernels say for good of a mapping is compared before the host finishes it.
void expect_reference(const layer& l,
                      const accelerator& a,
                      std::span<const genome> genomes,
                      lacking_counts& counts) {
  const exact::layer_row layer_row = exact::make_layer_row(l);
  const exact::accelerator_row accelerator_row = exact::make_accelerator_row(a);
  for (const genome& g : genomes) {
    const cost expected = reference_of(g, l, a);
    cost c;
    lacking lacks = exact::score_two_level(g, layer_row, accelerator_row, c);
    counts.nothing += lacks == lacking::nothing ? 1 : 0;
    counts.runtime += lacks == lacking::runtime ? 1 : 0;
    counts.everything += lacks == lacking::everything ? 1 : 0;
    if (lacks == lacking::everything &&
        score_three_levels(g, layer_row, accelerator_row, c) == lacking::nothing) {
      ++counts.three;
      lacks = lacking::nothing;
    }
    if (lacks != lacking::nothing &&
        !exact::finish_on_device(g, lacks, layer_row, accelerator_row, c)) {
      ++counts.unfinished;
      if (lacks == lacking::everything) c = exact::price(g, l, a);
      if (lacks == lacking::runtime) c.runtime_cycles = exact::runtime_of(g, l, a);
    }
    ASSERT_EQ(c, expected) << a.num_pes << " PEs\n" << write_mapping("case", l, to_mapping(g, l));
  }
}

class RandomExactKernelBatch : public testing::TestWithParam<std::uint64_t> {};

// Layers of all types with strides 1 to 3, small enough that every kind of rest and of idle
// sub-cluster occurs.
TEST_P(RandomExactKernelBatch, EqualsTheReferenceOnSmallLayers) {
  random_stream random(GetParam(), 0, 0);
  lacking_counts counts;
  for (int i = 0; i < 2000; ++i) {
    const layer l = random_cases::draw_layer(random, 20000);
    accelerator a = random_cases::draw_accelerator(random, 200);
    a.l1_size_elems = random.between(10, 400);
    a.l2_size_elems = random.between(100, 4000);
    a.cluster_buffer_elems = random.between(50, 2000);
    std::vector<genome> genomes(20);
    for (genome& g : genomes) {
      g = draw_closed(random, l, a);
      if (random.below(4) == 0) set_own_pes(g, random.between(1, 50));
    }
    expect_reference(l, a, genomes, counts);
    ASSERT_FALSE(HasFatalFailure()) << "layer " << i;
  }
  EXPECT_EQ(counts.everything, 0u);
  EXPECT_GT(counts.nothing, 1000u);
  EXPECT_GT(counts.runtime, 1000u);
}

TEST_P(RandomExactKernelBatch, EqualsTheReferenceOnAnyLevels) {
  lacking_counts counts;
  for (std::uint64_t i = 0; i < 300; ++i) {
    random_stream random(GetParam(), 3, i);
    const layer l = random_cases::draw_layer(random, 5000);
    accelerator a = random_cases::draw_accelerator(random, 200);
    if (random.below(2) == 0) {
      a.noc_bw = a.offchip_bw = accelerator{}.noc_bw;
      a.noc_hops = a.noc_hop_latency = a.simd_lanes = 1;
    }
    std::vector<genome> genomes(20);
    for (genome& g : genomes) {
      g = draw_any_levels(random, l, random.below(8) == 0);
      if (random.below(4) == 0) set_own_pes(g, random.between(1, 50));
      if (random.below(8) == 0) {
        const auto any = [&] { return random.between(0, gene_dimension_count - 1); };
        set_parallel(g, any() % level_count(g), static_cast<dimension>(any()), any());
      }
    }
    expect_reference(l, a, genomes, counts);
    ASSERT_FALSE(HasFatalFailure()) << "layer " << i;
  }
  EXPECT_GT(counts.three, 300u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomExactKernelBatch, testing::Range<std::uint64_t>(1, 9));

std::vector<layer> layers_of(std::initializer_list<const char*> models) {
  std::vector<layer> layers;
  for (const char* model : models) {
    for (const network_layer& n : read_network(find_model(model)).layers) {
      layers.push_back(unit_stride(n.l));
    }
  }
  return layers;
}

/// Mappings as a search draws them, whatever their levels.
std::vector<genome> draw_as_a_search(const layer& l, const accelerator& a, int count) {
  std::vector<genome> genomes;
  for (int i = 0; i < count; ++i) {
    random_stream random(9, 0, static_cast<std::uint64_t>(i));
    const auto kind = static_cast<mapping_draw>(i % mapping_draw_count);
    genomes.push_back(draw_mapping(l, a, kind, random));
  }
  return genomes;
}

TEST(ExactKernelBody, RealLayersCostWhatTheReferenceSays) {
  std::vector<accelerator> accelerators(3);
  accelerators[0].num_pes = 168;
  accelerators[1].num_pes = 1000;
  accelerators[1].constants.cluster_energy_macs = 0;
  accelerators[2].noc_bw = 64;
  accelerators[2].offchip_bw = 3;
  accelerators[2].l2_size_elems = 4096;
  accelerators[2].cluster_buffer_elems = 3000;
  lacking_counts counts;
  for (const layer& l : layers_of({"vgg16", "mobilenet_v2", "bert_base"})) {
    for (const accelerator& a : accelerators) {
      expect_reference(l, a, draw_as_a_search(l, a, 8), counts);
      ASSERT_FALSE(HasFatalFailure());
    }
  }
  EXPECT_GT(counts.nothing, 200u);
  EXPECT_GT(counts.runtime, 50u);
  EXPECT_GT(counts.everything, 200u);
}

layer layer_of(layer_type type, std::array<std::int32_t, dimension_count> size) {
  layer l;
  l.type = type;
  l.size = size;
  return l;
}

/// Those of them that the kernel scores, and some of long tiles.
std::vector<genome> draw_for_the_kernel(const layer& l, const accelerator& a, int count) {
  const exact::layer_row layer_row = exact::make_layer_row(l);
  const exact::accelerator_row accelerator_row = exact::make_accelerator_row(a);
  std::vector<genome> genomes = draw_as_a_search(l, a, count);
  cost c;
  std::erase_if(genomes, [&](const genome& g) {
    return exact::score_two_level(g, layer_row, accelerator_row, c) == lacking::everything;
  });
  random_stream random(10, 0, 0);
  for (int i = 0; i < count; ++i) {
    genomes.push_back(draw_closed(random, l, a));
    set_cluster_size(genomes.back(), 1, random.between(1, std::min(a.num_pes, 65535)));
    if (i % 5 != 0) continue;
    genomes.push_back(draw_any_levels(random, l, false));
    const bool has_room = i % 2 == 0 && a.num_pes > 65535;
    if (has_room) set_cluster_size(genomes.back(), 2, random.between(1, 65535));
  }
  return genomes;
}

// What the kernel holds in 32 bits is as large as it can get: tiles of 2^21 - 1, windows of 1023,
// and many more PEs than there are tiles.
TEST(ExactKernelBody, LargestSizesAndMachinesCostWhatTheReferenceSays) {
  constexpr int most = max_tile;
  constexpr int window = max_filter_tile;
  using enum layer_type;
  const std::vector<layer> layers = {
      layer_of(conv, {1, 1, 1, most + window - 1, 1, window, 1, 1}),
      layer_of(conv, {3, 1, most + window - 1, 1, window, 1, 1, 1}),
      layer_of(conv, {most, 7, 1, 5, 1, 1, 1, 1}),
      layer_of(conv, {2, most, 3, 1, 1, 1, 1, 1}),
      layer_of(conv, {1, 1, 2000 + window, 2000 + window, window, window, 1, 1}),
      layer_of(conv, {1024, 1, most / 2, window, 1, window, 1, 1}),
      layer_of(conv, {65536, 32768, 1, 40, 1, 1, 1, 1}),
      layer_of(conv, {most, 1, 1, most, 1, 1, 1, 1}),
      layer_of(dsconv, {1, most, 11, 12, 3, 3, 1, 1}),
      layer_of(dsconv, {1, 5, most + 2, 40, 3, 5, 1, 1}),
      layer_of(gemm, {most, 100, most, 1, 1, 1, 1, 1}),
      layer_of(gemm, {3, most, 1000, 1, 1, 1, 1, 1})};
  for (const layer& l : layers) ASSERT_FALSE(uncountable(l));
  std::vector<accelerator> accelerators(3);
  for (accelerator& a : accelerators) {
    a.noc_bw = a.offchip_bw = std::numeric_limits<std::int32_t>::max();
  }
  accelerators[0].num_pes = 3;
  accelerators[1].num_pes = 65535;
  accelerators[2].num_pes = std::numeric_limits<std::int32_t>::max();
  lacking_counts counts;
  for (const layer& l : layers) {
    for (const accelerator& a : accelerators) {
      expect_reference(l, a, draw_for_the_kernel(l, a, 500), counts);
      ASSERT_FALSE(HasFatalFailure());
    }
  }
  EXPECT_EQ(counts.unfinished, 0u);
  EXPECT_GT(counts.three, 300u);
  EXPECT_GT(counts.nothing, 10000u);
}

TEST(ExactKernelBody, WhatIsIllegalSaysWhyAsTheReferenceDoes) {
  random_stream random(5, 0, 0);
  const layer l = layer_of(layer_type::conv, {8, 6, 12, 12, 3, 3, 1, 1});
  accelerator a;
  a.num_pes = 16;
  lacking_counts counts;
  for (int i = 0; i < 200; ++i) {
    genome g = draw_closed(random, l, a);
    expect_reference(l, a, {&g, 1}, counts);
    genome no_cluster = g, wide_cluster = g, no_tile = g, no_order = g;
    set_cluster_size(no_cluster, 1, 0);
    set_cluster_size(wide_cluster, 1, 17);
    set_tile(no_tile, i % 2, static_cast<dimension>(i % 4), 0);
    set_order(no_order, i % 2, 0, order(no_order, i % 2, 1));
    for (const genome& bad : {no_cluster, wide_cluster, no_tile, no_order}) {
      expect_reference(l, a, {&bad, 1}, counts);
      ASSERT_FALSE(is_legal(reference_of(bad, l, a).status));
    }
  }
}

}  // namespace
}  // namespace cugamma
