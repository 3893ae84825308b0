#include <gtest/gtest.h>

#include "cugamma/formats/timeloop_output.hpp"
#include "formats/timeloop/small_files.hpp"

namespace cugamma::timeloop {
namespace {

/// The small architecture's Buffer with other attributes.
storage_level buffer_with(const std::string& attributes) {
  small_files files;
  files.architecture = with(small_architecture,
                            "{depth: 512, width: 64, word_bits: 16, block_size: 4}",
                            "{" + attributes + "}");
  return files.read().machine->levels.at(0);
}

architecture machine_with(const std::string& tables) {
  small_files files;
  files.more = tables;
  return *files.read().machine;
}

TEST(TimeloopArchitecture, TheDeeperTheInner) {
  const architecture a = machine_with("");
  EXPECT_EQ(a.name, "system");
  ASSERT_EQ(a.levels.size(), 2U);
  EXPECT_EQ(a.levels[0].name, "Buffer");
  EXPECT_EQ(a.levels[1].name, "Dram");
  EXPECT_TRUE(a.levels[1].is_dram);
  EXPECT_FALSE(a.levels[1].supports_reduction);
  EXPECT_FALSE(a.levels[1].size_words.has_value());
  EXPECT_TRUE(a.levels[0].supports_reduction);
  EXPECT_EQ(a.levels[0].size_words, 2048);
  EXPECT_EQ(a.arithmetic.name, "Mac");
  EXPECT_EQ(a.arithmetic.instances, 8);
  EXPECT_EQ(a.arithmetic.mesh_x, 4);
  EXPECT_EQ(a.arithmetic.mesh_y, 2);
}

TEST(TimeloopArchitecture, LaterInAListIsInnerAndRangesMultiply) {
  small_files files;
  files.mapping = "";
  files.architecture = R"(
arch:
  version: 0.4
  subtree:
  - name: top
    local:
    - {name: Main, class: LPDDR_DRAM, attributes: {word-bits: 8}}
    subtree:
    - name: PE[1..4]
      attributes: {technology: 40nm}
      local:
      - {name: First, class: SRAM, attributes: {entries: 10}}
      - {name: adder_tree, class: adder}
      - {name: 'Second[0..2]', class: smartbuffer_SRAM, attributes: {entries: 10}}
      - {name: 'Alu[0..5]', class: fpmac, attributes: {word_bits: 8}}
)";
  const architecture a = *files.read().machine;
  ASSERT_EQ(a.levels.size(), 3U);
  EXPECT_EQ(a.levels[0].name, "Second");
  EXPECT_EQ(a.levels[0].instances, 12);
  EXPECT_EQ(a.levels[1].name, "First");
  EXPECT_EQ(a.levels[1].instances, 4);
  EXPECT_EQ(a.levels[1].mesh_x, 4);
  EXPECT_EQ(a.levels[1].mesh_y, 1);
  EXPECT_TRUE(a.levels[2].is_dram);
  EXPECT_EQ(a.levels[2].word_bits, 8);
  EXPECT_EQ(a.arithmetic.instances, 24);
  EXPECT_DOUBLE_EQ(a.arithmetic.mac_pj, 0.25);
  EXPECT_EQ(fan_out_of(a, 1).x, 3);
}

TEST(TimeloopArchitecture, WidthBlockAndClusterFollowFromOneAnother) {
  const auto expect = [](const std::string& attributes, std::int64_t block, std::int64_t cluster) {
    const storage_level l = buffer_with(attributes);
    EXPECT_EQ(l.block_size, block) << attributes;
    EXPECT_EQ(l.cluster_size, cluster) << attributes;
  };
  expect("entries: 64", 1, 1);
  expect("entries: 64, n_words: 3", 3, 1);
  expect("entries: 64, width: 64", 4, 1);
  expect("entries: 64, memory_width: 64, cluster_size: 2", 2, 2);
  expect("entries: 64, data-storage-width: 64, block-size: 2", 2, 2);
  expect("entries: 64, width: 64, block_size: 2, cluster_size: 2", 2, 2);
  expect("entries: 64, width: 64, word_width: 8", 8, 1);
}

TEST(TimeloopArchitecture, SizesAreInWords) {
  EXPECT_EQ(buffer_with("entries: 100").size_words, 100);
  EXPECT_EQ(buffer_with("memory_depth: 100, block_size: 4").size_words, 400);
  EXPECT_EQ(buffer_with("sizeKB: 2, datawidth: 8").size_words, 2048);
  EXPECT_EQ(buffer_with("sizeKB: 2147483648").size_words, std::int64_t{1} << 40);
  EXPECT_EQ(buffer_with("word_bits: 8").size_words, std::nullopt);
  EXPECT_EQ(usable_size(buffer_with("entries: 101, multiple-buffering: 2.0")), 50);
}

TEST(TimeloopArchitecture, AttributesThatFiguresNeed) {
  const storage_level l = buffer_with(
      "entries: 64, bandwidth: 6, shared_bandwidth: 5.5, network_fill_latency: 3, "
      "network_drain_latency: 4, router_energy: 0.5, wire_energy: 0.25, tile_width: 100, "
      "energy_per_hop: 0.125, network_word_bits: 20, addr_gen_energy: 2, cluster_area: 12, "
      "cluster_size: 4, reduction_supported: false, min_utilization: 0.5, instances: 2, "
      "per_dataspace_bandwidth_consumption_scale: {B: 0.5}");
  EXPECT_EQ(l.read_bandwidth, 3);
  EXPECT_EQ(l.write_bandwidth, 3);
  EXPECT_EQ(l.shared_bandwidth, 5.5);
  EXPECT_EQ(l.network_latency_cycles, 7);
  EXPECT_EQ(l.router_pj, 0.5);
  EXPECT_EQ(l.wire_pj, 0.25);
  EXPECT_EQ(l.tile_width_um, 100);
  EXPECT_EQ(l.energy_per_hop_pj, 0.125);
  EXPECT_EQ(l.network_word_bits, 20);
  EXPECT_EQ(l.address_generation_pj, 2);
  EXPECT_EQ(l.area_um2, 3);
  EXPECT_FALSE(l.supports_reduction);
  EXPECT_EQ(l.min_utilization, 0.5);
  EXPECT_EQ(l.instances, 2);
  EXPECT_EQ(l.bandwidth_scales, (std::vector<double>{1, 0.5, 1}));
}

TEST(TimeloopArchitecture, BuiltInEnergies) {
  const architecture a = machine_with("");
  EXPECT_DOUBLE_EQ(a.levels[1].read_pj, 800);  // 200 * 64 bits / 16
  // 4 KB: 1.0 at 0.5 KB, 6.0 at 100 KB, for 16 bits.
  EXPECT_DOUBLE_EQ(a.levels[0].read_pj, ((4 - 0.5) * 5 / 99.5 + 1) * 4);
  EXPECT_EQ(a.levels[0].read_pj, a.levels[0].update_pj);
  EXPECT_EQ(buffer_with("entries: 0").read_pj, 0);
  EXPECT_EQ(buffer_with("word_bits: 8").fill_pj, 0);
  EXPECT_EQ(buffer_with("vector_access_energy: 7.5").fill_pj, 7.5);
}

TEST(TimeloopArchitecture, EnergyTablesGiveTheLargestOfTheFirstName) {
  const architecture a = machine_with(R"(
ERT:
  version: 0.3
  tables:
  - name: system.chip.Buffer
    actions:
    - {name: read, arguments: {x: 0}, energy: 2}
    - {name: read, arguments: {x: 1}, energy: 3}
    - {name: write, energy: 4}
    - {name: random_update, energy: 5}
    - {name: leak, energy: 0.5}
  - name: system.chip.Mac[0..7]
    actions: [{name: compute, energy: 9}, {name: mult, energy: 1.5}]
  - name: system.unknown[0..3]
    actions: []
  - name: system.wire
    actions: [{name: transfer_random, energy: 0.1}]
ART:
  version: 0.3
  tables:
  - {name: 'system.chip.Mac[0..7]', area: 0.1}
  - {name: system.chip.Buffer, area: 70}
)");
  EXPECT_EQ(a.levels[0].read_pj, 3);
  EXPECT_EQ(a.levels[0].fill_pj, 4);
  EXPECT_EQ(a.levels[0].update_pj, 5);
  EXPECT_EQ(a.levels[0].leak_pj, 0.5);
  EXPECT_EQ(a.levels[1].read_pj, 800);
  EXPECT_EQ(a.levels[1].wire_pj, static_cast<double>(0.1F));
  EXPECT_EQ(a.arithmetic.mac_pj, 1.5);
  EXPECT_EQ(a.arithmetic.area_um2, static_cast<double>(0.1F));
  EXPECT_EQ(a.levels[0].area_um2, 70);
}

TEST(TimeloopArchitecture, EnergyTablesOfVersion02AreTables) {
  const architecture a = machine_with(R"(
ERT:
  version: 0.2
  tables:
    system.Dram:
      read: {energy: 600}
      write: [{arguments: {a: 1}, energy: 500}, {energy: 700}]
)");
  EXPECT_EQ(a.levels[1].read_pj, 600);
  EXPECT_EQ(a.levels[1].fill_pj, 700);
  EXPECT_EQ(a.levels[1].update_pj, 700);
}

TEST(TimeloopArchitecture, AccelergysComponentsAreNoLossBesideItsTables) {
  const std::string tables = "ERT: {version: 0.3, tables: []}\n";
  EXPECT_EQ(machine_with(tables + "compound_components: {version: 0.3, classes: []}\n"),
            machine_with(tables));
}

TEST(TimeloopArchitecture, AnEnergyOfItsOwnStays) {
  small_files files;
  files.architecture =
      with(small_architecture, "depth: 512", "depth: 512, vector_access_energy: 7");
  files.more =
      "ERT: {version: 0.4, tables: [{name: a.Buffer, actions: [{name: read, energy: 2}, {name: "
      "leak, energy: 1}]}]}";
  const storage_level l = files.read().machine->levels[0];
  EXPECT_EQ(l.read_pj, 7);
  EXPECT_EQ(l.leak_pj, 0);
}

TEST(TimeloopArchitecture, ReferenceTablesAreWrittenAndReadBack) {
  small_files files;
  files.architecture =
      with(small_architecture, "depth: 512", "depth: 512, addr_gen_energy: 0.1, cluster_area: 2.5");
  const architecture a = *files.read().machine;
  files.more = energy_table_yaml(a) + area_table_yaml(a);
  EXPECT_NE(files.more.find("name: leak"), std::string::npos) << files.more;
  EXPECT_EQ(*files.read().machine, a);
}

TEST(TimeloopArchitecture, WhatHasNoEffectIsSaid) {
  small_files files;
  files.architecture =
      with(small_architecture, "depth: 512", "depth: 512, n_banks: 2, colour: red");
  files.more = "ART: {version: 0.3, tables: []}";
  EXPECT_EQ(files.read().warnings,
            (std::vector<std::string>{"arch.yaml:14: attribute colour of Buffer has no effect",
                                      "more.yaml:1: ART has no effect without an ERT"}));
}

TEST(TimeloopArchitecture, ATreeThatHoldsItselfIsRefused) {
  small_files files;
  files.architecture =
      "architecture:\n  version: 0.3\n  subtree: &again\n  - name: a\n    subtree: *again\n";
  EXPECT_EQ(files.message().rfind("arch.yaml:", 0), 0U) << files.message();
}

TEST(TimeloopArchitecture, SixLevelsAndNoMore) {
  const auto chain = [](int levels) {
    std::string text = "architecture:\n  version: 0.3\n  subtree:\n  - local:\n";
    for (int i = 0; i < levels; ++i) {
      text += "    - {name: L" + std::to_string(i) + ", class: SRAM, attributes: {}}\n";
    }
    small_files files;
    files.mapping = "";
    files.architecture = text + "    - {name: Mac, class: mac, attributes: {}}\n";
    return files;
  };
  EXPECT_EQ(chain(6).read().machine->levels.size(), 6U);
  EXPECT_EQ(chain(6).read().machine->levels[0].name, "L5");
  EXPECT_EQ(chain(7).message(),
            "arch.yaml:11:7: architecture.subtree[0].local[6]: found a level more, expected 1 to 6 "
            "storage levels");
}

}  // namespace
}  // namespace cugamma::timeloop
