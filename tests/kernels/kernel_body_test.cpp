// What a thread of the score kernel, one of the step kernel and a group of the general kernel do,
// run by loops on the host.
#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/formats/network_file.hpp"
#include "cugamma/mapping/to_genome.hpp"
#include "maestro/general_body.hpp"
#include "mapping/draw_mapping.hpp"
#include "models/maestro/golden_cases.hpp"

namespace cugamma {
namespace {

// The lanes of a group, one after the other.
struct looped_lanes {
  static constexpr unsigned count = device::group_lanes;
  template <class F>
  void each(F f) const {
    for (unsigned lane = 0; lane < count; ++lane) f(lane);
  }
  float analyse(const core::handed_tiles<device::number>& tiles, unsigned lane) const {
    return device::analyse_in_group(tiles, lane);
  }
};

// The three kernels one after the other, over the tables that the device would read.
struct host_run {
  std::vector<cost> costs;
  std::vector<std::uint32_t> steps;
  std::vector<std::uint32_t> rest;

  std::size_t by_closed_form() const { return costs.size() - steps.size() - rest.size(); }
};

host_run run_kernels(const batch& b) {
  std::vector<device::layer_table> layers;
  for (const layer& l : b.layers) layers.push_back(device::make_layer_table(l));
  std::vector<device::machine_table> machines;
  for (const accelerator& a : b.accelerators) machines.push_back(device::make_machine_table(a));

  host_run run;
  run.costs.resize(b.genomes.size());
  for (std::uint32_t i = 0; i < b.genomes.size(); ++i) {
    const genome& g = b.genomes[i];
    const auto lacks = device::score_two_level(g,
                                               layers[g.layer_index],
                                               machines[g.accelerator_index],
                                               run.costs[i]);
    if (lacks == lacking::runtime) run.steps.push_back(i);
    if (lacks == lacking::everything) run.rest.push_back(i);
  }
  device::number cycles[core::most_stepped_tiles];
  device::tile_column<1> tiles{cycles};
  for (const std::uint32_t i : run.steps) {
    const genome& g = b.genomes[i];
    device::score_steps(g,
                        layers[g.layer_index],
                        machines[g.accelerator_index],
                        tiles,
                        run.costs[i]);
  }
  device::group_memory memory;
  for (const std::uint32_t i : run.rest) {
    const genome& g = b.genomes[i];
    device::score_group(looped_lanes(),
                        g,
                        layers[g.layer_index],
                        machines[g.accelerator_index],
                        memory,
                        run.costs[i]);
  }
  return run;
}

std::vector<layer> layers_of(std::initializer_list<const char*> models) {
  std::vector<layer> layers;
  for (const char* model : models) {
    for (const network_layer& n : read_network(find_model(model)).layers) {
      layers.push_back(unit_stride(n.l));
    }
  }
  return layers;
}

std::vector<accelerator> machines() {
  std::vector<accelerator> all(4);
  all[0].num_pes = 168;
  all[1].noc_bw = 64;
  all[1].noc_hop_latency = 3;
  all[2].num_pes = 1000;
  all[2].offchip_bw = 3;
  all[3].simd_lanes = 3;
  all[3].l2_size_elems = 4096;
  return all;
}

host_run expect_reference(const batch& b) {
  const host_run run = run_kernels(b);
  std::vector<cost> expected(b.genomes.size());
  make_evaluator("reference")->evaluate(b, expected);
  for (std::size_t i = 0; i < b.genomes.size(); ++i) {
    const layer& l = b.layers[b.genomes[i].layer_index];
    EXPECT_EQ(run.costs[i], expected[i])
        << "mapping " << i << '\n'
        << write_mapping("mismatch", l, to_mapping(b.genomes[i], l));
    if (run.costs[i] != expected[i]) break;
  }
  return run;
}

class RandomKernelBatch : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomKernelBatch, EqualsTheReferenceOnRandomMappings) {
  const auto layers = layers_of({"vgg16", "mobilenet_v2", "bert_base"});
  const auto accelerators = machines();
  std::vector<genome> genomes(25000);
  draw_mappings(GetParam(), 0, layers, accelerators, genomes);
  expect_reference({layers, accelerators, genomes});
}

// What the kernels hold in 32 bits is as large as it can get. most_macs: of a layer; on a narrow
// NoC the cycles of the largest have more than 64 bits.
host_run expect_reference_of_the_largest(std::int32_t noc_bw, double most_macs) {
  constexpr int most = max_tile;
  constexpr int window = max_filter_tile;
  std::vector<layer> layers;
  for (const std::array<std::int32_t, dimension_count>& size :
       {std::array{1, 1, 1, most + window - 1, 1, window, 1, 1},
        std::array{3, 1, most + window - 1, 1, window, 1, 1, 1},
        std::array{most, 7, 1, 5, 1, 1, 1, 1},
        std::array{2, most, 3, 1, 1, 1, 1, 1},
        std::array{1, 1, 2000 + window, 2000 + window, window, window, 1, 1},
        std::array{1024, 1, most / 2, window, 1, window, 1, 1},
        std::array{65536, 32768, 1, 40, 1, 1, 1, 1},
        std::array{most, 1, 1, most, 1, 1, 1, 1}}) {
    layer l;
    l.size = size;
    if (static_cast<double>(layer_macs(l)) <= most_macs) layers.push_back(l);
  }
  std::vector<accelerator> accelerators(3);
  for (accelerator& a : accelerators) a.noc_bw = noc_bw;
  accelerators[0].num_pes = 3;
  accelerators[1].num_pes = 65535;
  accelerators[2].num_pes = std::numeric_limits<std::int32_t>::max();
  std::vector<genome> genomes;
  for (std::uint64_t i = 0; i < 120000; ++i) {
    random_stream random(9, 0, i);
    const auto l = static_cast<std::uint16_t>(i % layers.size());
    const auto a = static_cast<std::uint16_t>(i / layers.size() % accelerators.size());
    const auto kind = static_cast<mapping_draw>(i / 24 % mapping_draw_count);
    genomes.push_back(draw_mapping(layers[l], accelerators[a], kind, random));
    genomes.back().layer_index = l;
    genomes.back().accelerator_index = a;
  }
  return expect_reference({layers, accelerators, genomes});
}

TEST(KernelBody, LargestSizesAndMachinesCostWhatTheReferenceSays) {
  constexpr std::int32_t widest = std::numeric_limits<std::int32_t>::max();
  EXPECT_GT(expect_reference_of_the_largest(widest, 1e300).by_closed_form(), 12000u);
  EXPECT_GT(expect_reference_of_the_largest(0x7ffffff, 1e300).steps.size(), 1000u);
  EXPECT_GT(expect_reference_of_the_largest(1, 1e11).steps.size(), 12000u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomKernelBatch, testing::Range<std::uint64_t>(1, 9));

// As GAMMA draws its first population, a thousand for each layer of vgg16.
host_run run_as_gamma_draws(std::int32_t noc_bw) {
  const auto layers = layers_of({"vgg16"});
  accelerator a;
  a.num_pes = 168;
  a.noc_bw = noc_bw;
  std::vector<genome> genomes;
  for (const layer& l : layers) {
    for (std::uint64_t i = 0; i < 1000; ++i) {
      random_stream random(1, 0, i);
      genomes.push_back(draw_mapping(l, a, mapping_draw::initial, random));
      genomes.back().layer_index = static_cast<std::uint16_t>(&l - layers.data());
    }
  }
  return expect_reference({layers, {&a, 1}, genomes});
}

TEST(KernelBody, TheClosedFormTakesNearlyAllOfAPopulationAsGammaDrawsIt) {
  const host_run run = run_as_gamma_draws(81920000);
  EXPECT_LT(run.steps.size(), run.costs.size() / 100);
  EXPECT_LT(run.rest.size(), run.costs.size() / 1000);
}

TEST(KernelBody, StepsTakeNearlyAllOfItOnANarrowNoc) {
  for (const std::int32_t noc_bw : {1, 7, 64, 1000}) {
    const host_run run = run_as_gamma_draws(noc_bw);
    EXPECT_GT(run.steps.size(), run.costs.size() / 2) << noc_bw;
    EXPECT_LT(run.rest.size(), run.costs.size() / 1000) << noc_bw;
  }
}

TEST(KernelBody, GoldenMappingsCostWhatMaestroSays) {
  std::size_t compared = 0;
  for (const golden_table& table : golden_genome_tables) {
    for (const golden_case& golden : read_golden(table)) {
      const named_mapping n = golden_layer(golden);
      const auto g = to_genome(n.l, *n.m);
      ASSERT_TRUE(g.has_value()) << golden.id;
      const cost c = run_kernels({{&n.l, 1}, {&golden.machine, 1}, {&*g, 1}}).costs[0];
      const auto column = [&](int i) { return golden.columns.at(i).get<std::int64_t>(); };
      ASSERT_EQ(c.runtime_cycles, column(0)) << golden.id;
      ASSERT_EQ(c.l2_size_elems, column(11)) << golden.id;
      ASSERT_EQ(c.l1_size_elems, column(12)) << golden.id;
      ASSERT_EQ(c.num_macs, column(18)) << golden.id;
      const double csv_energy = golden.columns.at(1);
      ASSERT_NEAR(c.second_energy_nj, csv_energy, 1e-9 * csv_energy) << golden.id;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 2141u);
}

TEST(DeviceNumber, DividesExactlyByReciprocals) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  random_stream random(3, 0, 0);
  for (const std::int64_t divisor : {1l, 2l, 3l, 7l, 64l, 81920000l, 2147483647l}) {
    const auto d = device::make_divisor(divisor);
    const auto expect_exact = [&](std::int64_t a) {
      ASSERT_EQ(floor_div(device::number(a), d).v, a / divisor) << a << " / " << divisor;
      if (a > most / 2) return;
      const std::int64_t up = a / divisor + (a % divisor != 0 ? 1 : 0);
      ASSERT_EQ(ceil_div(device::number(a), d).v, up) << a;
      const auto word = static_cast<std::uint32_t>(a);
      if (word != a) return;
      ASSERT_EQ(ceil_div(device::size::of(word), d).v, up) << a;
    };
    for (const std::int64_t a :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{0xffffffff}, most / 2, most - 1, most}) {
      expect_exact(a);
    }
    for (int i = 0; i < 10000; ++i) {
      const auto bits = (std::int64_t{random.next()} << 31) | random.next() >> 1;
      const std::int64_t multiple = bits / divisor >> (i % 40) << (i % 20);
      for (std::int64_t off = -1; off <= 1; ++off) {
        if (multiple > 0 && multiple < most / divisor) expect_exact(multiple * divisor + off);
      }
    }
  }
}

}  // namespace
}  // namespace cugamma
