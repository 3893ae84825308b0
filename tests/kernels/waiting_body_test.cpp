// What the threads of the kernel for narrow NoCs do, one after the other on the host, against the
// walk over classes of steps that knows any number of levels.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "cugamma/formats/network_file.hpp"
#include "exact/waiting/step_cycles.hpp"
#include "models/exact/chained/price.hpp"
#include "models/exact/closed_genomes.hpp"

namespace cugamma {
namespace {

using namespace exact::waiting;

/// The runtime of a mapping, as a block of threads works it out.
std::int64_t of_threads(const genome& g,
                        const exact::layer_row& l,
                        const exact::accelerator_row& a) {
  const step_speeds<size, decltype(a.speeds)> v{a.speeds,
                                                size(a.speeds.delay),
                                                size(l.closed.filter)};
  dimension_facts<size> facts[exact::free_dims];
  size steps[exact::free_dims];
  for (int d = 0; d < exact::free_dims; ++d) {
    facts[d] = read_dimension(g, d, l, a.chained.limits.num_pes);
    steps[d] = facts[d].outer.steps;
  }
  mapping_loops loops;
  std::uint32_t traits[loop_count];
  for (int d = 0; d < exact::free_dims; ++d) {
    const dimension_places at = places_of(g, d, steps);
    traits[at.outer] = put_dimension(facts[d], d, l.closed.is_depthwise, at, loops);
  }
  gather_loops(traits, v, loops);
  const auto boxes = [&](loop_bits last) {
    EXPECT_EQ(last & ~loop_bits{loops.uneven}, 0u);
    return times_of_box(loops, last, v);
  };
  const outer_steps<decltype(a.speeds), decltype(boxes)> outer{loops, v, boxes};
  std::int64_t cycles = 0;
  for (std::uint32_t kinds = loops.kinds; kinds != 0; kinds &= kinds - 1) {
    cycles += outer.cycles_of(lowest(kinds)).v;
  }
  return cycles;
}

void expect_runtime(const genome& g,
                    const layer& l,
                    const accelerator& a,
                    const exact::layer_row& layer_row,
                    const exact::accelerator_row& machine) {
  ASSERT_EQ(of_threads(g, layer_row, machine),
            exact::chained::runtime_of(g, layer_row.chained, machine.chained))
      << exact_case{l, a, to_mapping(g, l)};
}

TEST(WaitingKernelBody, RuntimeIsThatOfTheClassesOfAnyNest) {
  int small = 0;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    random_stream random(3, 0, i);
    const layer l = random_cases::draw_layer(random, i % 4 == 0 ? 500000 : 2000);
    accelerator a = random_cases::draw_accelerator(random, 60);
    a.noc_bw = random.between(1, 12);
    a.offchip_bw = random.between(1, 24);
    const exact::layer_row layer_row = exact::make_layer_row(l);
    const exact::accelerator_row machine = exact::make_accelerator_row(a);
    if (!layer_row.has_small_counts || !machine.has_short_delay) continue;
    ++small;
    for (int j = 0; j < 10; ++j) {
      expect_runtime(draw_closed(random, l, a), l, a, layer_row, machine);
      ASSERT_FALSE(HasFatalFailure());
    }
  }
  EXPECT_GT(small, 3900);
}

// Counts of a step come near what 32 bits hold, cycles exceed it.
TEST(WaitingKernelBody, RuntimeOfRealLayersIsToo) {
  std::int64_t most = 0;
  for (const char* model : {"vgg16", "mobilenet_v2", "bert_base"}) {
    for (const network_layer& n : read_network(find_model(model)).layers) {
      const exact::layer_row layer_row = exact::make_layer_row(n.l);
      ASSERT_TRUE(layer_row.has_small_counts) << n.name;
      for (const std::int32_t bandwidth : {1, 7, 64, 1000}) {
        random_stream random(4, 0, static_cast<std::uint64_t>(bandwidth));
        accelerator a;
        a.noc_bw = bandwidth;
        a.offchip_bw = bandwidth / 2 + 1;
        a.noc_hops = bandwidth;
        a.noc_hop_latency = 1 << 19;
        const exact::accelerator_row machine = exact::make_accelerator_row(a);
        ASSERT_TRUE(machine.has_short_delay);
        for (int j = 0; j < 10; ++j) {
          const genome g = draw_closed(random, n.l, a);
          expect_runtime(g, n.l, a, layer_row, machine);
          ASSERT_FALSE(HasFatalFailure()) << n.name;
          most = std::max(most, of_threads(g, layer_row, machine));
        }
      }
    }
  }
  EXPECT_GT(most, std::int64_t{1} << 40);
}

// A layer or a delay beyond 32 bits is left to the walk.
TEST(WaitingKernelBody, KnowsWhatItCannotCount) {
  layer l;
  l.type = layer_type::gemm;
  l.size = {1 << 16, 1 << 16, 1, 1, 1, 1, 1, 1};
  EXPECT_FALSE(exact::make_layer_row(l).has_small_counts);
  accelerator a;
  a.noc_hops = a.noc_hop_latency = 1 << 15;
  EXPECT_FALSE(exact::make_accelerator_row(a).has_short_delay);
}

}  // namespace
}  // namespace cugamma
