#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/mapping/random_mapping.hpp"
#include "cugamma/mapping/to_genome.hpp"
#include "models/maestro/cpu/lane_score.hpp"
#include "models/maestro/golden_cases.hpp"
#include "models/maestro/walked/walk.hpp"

namespace cugamma {
namespace {

std::string text(const cost& c) {
  return fmt::format(
      "runtime {} macs {} energy {} second energy {} l1 {} l2 {} cluster buffer {} status {:x} "
      "doubt {}",
      c.runtime_cycles,
      c.num_macs,
      c.energy_nj,
      c.second_energy_nj,
      c.l1_size_elems,
      c.l2_size_elems,
      c.cluster_buffer_elems,
      c.status,
      c.doubt);
}

/// Layers whose dimensions have few and many divisors, of every type that a genome can map.
std::vector<layer> odd_layers() {
  std::vector<layer> layers;
  const auto add = [&](layer_type type, std::array<std::int32_t, 6> size) {
    layer l;
    l.type = type;
    std::copy(size.begin(), size.end(), l.size.begin());
    layers.push_back(l);
  };
  add(layer_type::conv, {64, 3, 226, 226, 3, 3});
  add(layer_type::conv, {512, 256, 30, 30, 3, 3});
  add(layer_type::conv, {7, 5, 9, 8, 3, 2});
  add(layer_type::conv, {100, 10, 7, 30, 1, 7});
  add(layer_type::conv, {1000, 2048, 1, 1, 1, 1});
  add(layer_type::dsconv, {1, 32, 114, 114, 3, 3});
  add(layer_type::dsconv, {1, 33, 12, 19, 4, 3});
  add(layer_type::gemm, {768, 768, 512, 1, 1, 1});
  add(layer_type::gemm, {53, 71, 37, 1, 1, 1});
  return layers;
}

/// Accelerators on which the closed form holds, and such on which NoC, off-chip link or lanes rule
/// it out.
std::vector<accelerator> odd_machines() {
  std::vector<accelerator> machines;
  for (const std::int32_t bw : {81920000, 100000, 64, 7, 1}) {
    for (const std::int32_t pes : {168, 16, 1024}) {
      accelerator a;
      a.num_pes = pes;
      a.noc_bw = bw;
      a.noc_hop_latency = pes % 5;
      a.offchip_bw = pes == 16 ? 4 : bw;
      a.simd_lanes = bw == 7 ? 3 : 1;
      a.l1_size_elems = 512;
      a.l2_size_elems = pes == 16 ? unlimited : 108000;
      a.cluster_buffer_elems = pes == 168 ? 5000 : unlimited;
      machines.push_back(a);
    }
  }
  return machines;
}

/// The smaller the product of tiles, the easier a failing mapping is to work by hand.
double size_of(const genome& g) {
  double size = level_count(g);
  for (int d = 0; d < gene_dimension_count; ++d) size *= tile(g, 0, static_cast<dimension>(d));
  return size;
}

void expect_equal(const batch& b, const std::vector<cost>& expected, const std::vector<cost>& got) {
  std::ptrdiff_t smallest = -1;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] == got[i]) continue;
    if (smallest < 0 || size_of(b.genomes[i]) < size_of(b.genomes[smallest])) {
      smallest = static_cast<std::ptrdiff_t>(i);
    }
  }
  if (smallest < 0) return;
  const genome& g = b.genomes[smallest];
  const layer& l = b.layers[g.layer_index];
  const accelerator& a = b.accelerators[g.accelerator_index];
  FAIL() << "mapping " << smallest << " on " << a.num_pes << " PEs, NoC " << a.noc_bw
         << ", latency " << a.noc_hop_latency << ", off-chip " << a.offchip_bw << ", lanes "
         << a.simd_lanes << '\n'
         << write_mapping("smallest", l, to_mapping(g, l)) << "expected "
         << text(expected[smallest]) << "\ngot      " << text(got[smallest]);
}

class RandomBatch : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomBatch, CpuEqualsReferenceOnEveryField) {
  const auto layers = odd_layers();
  const auto machines = odd_machines();
  std::vector<genome> genomes(50000);
  draw_mappings(GetParam(), 0, layers, machines, genomes);
  const batch b{layers, machines, genomes};
  std::vector<cost> expected(genomes.size()), got(genomes.size());
  make_evaluator("reference")->evaluate(b, expected);
  make_evaluator("cpu")->evaluate(b, got);
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  expect_equal(b, expected, got);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomBatch, testing::Values(1, 2, 3, 4));

TEST(CpuEvaluator, EveryInstructionSetGivesTheSameCostsAsTheCore) {
  const auto layers = odd_layers();
  auto machines = odd_machines();
  machines.resize(6);
  for (std::size_t p = 0; p < layers.size(); ++p) {
    const accelerator& a = machines[p % machines.size()];
    std::vector<genome> genomes(4099);
    draw_mappings(p, 0, {&layers[p], 1}, {&a, 1}, genomes);
    const auto facts = core::make_layer_facts<double>(layers[p]);
    const cpu_layer l{facts,
                      core::make_two_level_layer(facts),
                      core::make_gene_context(layers[p]),
                      totals_of(layers[p])};
    const cpu_machine m{core::make_machine_facts<double>(a), a};
    for (const cpu_lanes* set : usable_lanes()) {
      std::vector<cost> got(genomes.size());
      std::vector<std::uint32_t> left(genomes.size() + 1);
      left.resize(set->score(l, m, genomes, got, left));
      EXPECT_LT(left.size(), genomes.size()) << set->name << " scored nothing";
      std::size_t next = 0;
      for (std::size_t i = 0; i < genomes.size(); ++i) {
        if (next < left.size() && left[next] == i) {
          ++next;
          continue;
        }
        const std::int32_t pes = pes_of(genomes[i], a);
        core::walk_memory<double, 1> memory;
        core::walk(core::one_lane(), genomes[i], facts, m.facts, pes, memory);
        const cost c = core::walked_cost(facts, memory, problem_of(l, m), pes);
        ASSERT_TRUE(is_legal(c.status)) << set->name << " took an illegal mapping";
        ASSERT_EQ(got[i], c) << set->name << ", layer " << p << ", mapping " << i;
      }
    }
  }
}

TEST(CpuEvaluator, GoldenMappingsCostWhatTheReferenceSays) {
  std::vector<golden_table> tables(golden_genome_tables.begin(), golden_genome_tables.end());
  tables.push_back(golden_illegal_table);
  std::size_t compared = 0;
  for (const golden_table& table : tables) {
    for (const golden_case& golden : read_golden(table)) {
      const named_mapping n = golden_layer(golden);
      const auto g = to_genome(n.l, *n.m);
      if (!g) continue;
      const batch b{{&n.l, 1}, {&golden.machine, 1}, {&*g, 1}};
      std::vector<cost> expected(1), got(1);
      make_evaluator("reference")->evaluate(b, expected);
      make_evaluator("cpu")->evaluate(b, got);
      ASSERT_EQ(got[0], expected[0]) << golden.id;
      ++compared;
    }
  }
  EXPECT_GT(compared, 2800u);
}

TEST(CpuEvaluator, AMixedBatchCostsWhatItsPartsCost) {
  const auto layers = odd_layers();
  const auto machines = odd_machines();
  std::vector<genome> genomes(3000);
  draw_mappings(9, 0, layers, machines, genomes);
  std::vector<cost> mixed(genomes.size());
  const auto cpu = make_evaluator("cpu");
  cpu->evaluate({layers, machines, genomes}, mixed);
  for (std::size_t i = 0; i < genomes.size(); ++i) {
    std::vector<cost> alone(1);
    cpu->evaluate({layers, machines, {&genomes[i], 1}}, alone);
    ASSERT_EQ(mixed[i], alone[0]) << i;
  }
}

}  // namespace
}  // namespace cugamma
