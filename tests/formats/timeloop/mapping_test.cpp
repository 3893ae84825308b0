#include <gtest/gtest.h>

#include "cugamma/formats/timeloop_output.hpp"
#include "formats/timeloop/small_files.hpp"

namespace cugamma::timeloop {
namespace {

given_mapping mapping_of(const std::string& text) {
  small_files files;
  files.mapping = text;
  return files.read().mappings.at(0);
}

given_mapping changed(const std::string& part, const std::string& other) {
  return mapping_of(with(small_mapping, part, other));
}

TEST(TimeloopMapping, DirectivesSetFactorsOrdersSplitAndTensors) {
  const given_mapping given = mapping_of(small_mapping);
  EXPECT_EQ(given.file, "map.yaml");
  ASSERT_EQ(given.why, rejection::none) << given.reason;
  const level_loops& buffer = given.loops.levels[0];
  const level_loops& dram = given.loops.levels[1];
  EXPECT_EQ(dram.temporal[1], 3);
  EXPECT_EQ(dram.spatial, empty_loops().spatial);
  EXPECT_EQ(buffer.temporal[2], 2);
  EXPECT_EQ(buffer.spatial[0], 2);
  EXPECT_EQ(buffer.spatial_order[0], 2);
  EXPECT_EQ(buffer.spatial_order[3], 3);
  EXPECT_EQ(buffer.split, 2);
  EXPECT_EQ(buffer.keep & 7, 5);
  EXPECT_EQ(dram.keep & 7, 7);
}

TEST(TimeloopMapping, WaysToSayTheSame) {
  const mapping expected = mapping_of(small_mapping).loops;
  for (const auto& [part, other] : std::vector<std::pair<std::string, std::string>>{
           {"M=2 N=3 K=1", "M2 N3 K1"},
           {"M=2 N=3 K=1", "'M = 2, N == 3'"},
           {"M=2 N=3 K=1", "'M=2 N=3 # K=7'"},
           {"M=2 N=3 K=1", "'M=2,2 N=3'"},
           {"target: Dram", "target: 1"},
           {"permutation: KMN", "permutation: K M N"},
           {"permutation: KMN", "permutation: K"},
           {"type: datatype", "type: dataspace"},
           {"type: datatype", "type: bypass"},
           {"keep: [A, Z], ", ""},
           {"bypass: [B]", "bypass: B"},
           {"split: 2", "split: 2, no_reuse: []"},
           {"mapping:\n", "mapping:\n- {target: Dram, type: temporal, factors: M=8}\n"},
           {", permutation: KMN, split: 2", ", permutation: KM, split: 2"}}) {
    const given_mapping given = changed(part, other);
    EXPECT_EQ(given.loops, expected) << other << " " << given.reason;
  }
}

TEST(TimeloopMapping, ZeroIsTheWholeDimensionAndLevelsMayBeLeftOut) {
  const mapping m =
      mapping_of("mapping: [{target: Dram, type: temporal, factors: M0 N0 K=0}]").loops;
  EXPECT_EQ(m.levels[1].temporal[0], 8);
  EXPECT_EQ(m.levels[1].temporal[1], 6);
  EXPECT_EQ(m.levels[0], empty_loops());
}

TEST(TimeloopMapping, RejectionsWhileReadingNameThePlace) {
  const auto expect = [](const given_mapping& given, rejection why, const std::string& reason) {
    EXPECT_EQ(given.why, why);
    EXPECT_EQ(given.reason, reason);
    EXPECT_TRUE(given.loops.levels.empty());
  };
  expect(changed("M=2 N=3 K=1", "M=2 N=3 X=1"),
         rejection::unknown_dimension,
         "map.yaml:2:43: mapping[0].factors: the problem has no dimension X");
  expect(changed("permutation: NKM", "permutation: NKX"),
         rejection::unknown_dimension,
         "map.yaml:3:71: mapping[1].permutation: the problem has no dimension X");
  expect(changed("{target: Buffer, type: spatial", "{target: Dram, type: spatial"),
         rejection::spatial_without_fanout,
         "map.yaml:4:3: mapping[2]: level Dram has one instance of the next inner level, no "
         "fan-out");
  expect(changed("M=2 N=3 K=1", "'M=2 N=3,2'"),
         rejection::imperfect_not_supported,
         "map.yaml:2:43: mapping[0].factors: N=3,2: the last part differs, which is not modelled");
  expect(changed("M=2 N=3 K=1", "M=4 N=3"),
         rejection::factor_product,
         "map.yaml:2:1: mapping: the factors of M multiply to 16, its size is 8");
}

TEST(TimeloopMapping, TheFirstRuleThatFailsCounts) {
  EXPECT_EQ(changed("M=2 N=3 K=1", "'M=5,2 N=3'").why, rejection::imperfect_not_supported);
  const std::string both =
      with(with(small_mapping, "M=2 N=3 K=1", "'M=5,2 N=3'"), "K=2, perm", "X=2, perm");
  EXPECT_EQ(mapping_of(both).why, rejection::unknown_dimension);
}

TEST(TimeloopMapping, SeveralFilesGiveSeveralMappings) {
  small_files files;
  files.more = with(small_mapping, "keep: [A, Z], bypass: [B]", "bypass: [A]");
  const auto mappings = files.read().mappings;
  ASSERT_EQ(mappings.size(), 2U);
  EXPECT_EQ(mappings[1].file, "more.yaml");
  EXPECT_EQ(mappings[1].loops.levels[0].keep & 7, 6);
}

TEST(TimeloopMapping, OneFileMayHoldAll) {
  const std::string all = std::string(small_mapping) + small_problem + small_architecture;
  const file_contents one = parse_files(std::vector<file_text>{{"map.yaml", all}});
  const file_contents three = small_files().read();
  EXPECT_EQ(one.mappings, three.mappings);
  EXPECT_EQ(one.machine, three.machine);
  EXPECT_EQ(one.layer, three.layer);
}

TEST(TimeloopMapping, AMappingNeedsItsProblemAndArchitecture) {
  small_files files;
  files.problem = "";
  EXPECT_EQ(files.message(),
            "map.yaml:2:1: mapping without a problem, expected both in the files given");
  files.problem = small_problem;
  files.architecture = "";
  EXPECT_EQ(files.message(),
            "map.yaml:2:1: mapping without an architecture, expected both in the files given");
}

TEST(TimeloopMapping, WhatIsWrittenReadsBackTheSame) {
  const file_contents read = small_files().read();
  mapping m = read.mappings.at(0).loops;
  const auto round_trip = [&] {
    const given_mapping again = mapping_of(mapping_yaml(*read.machine, *read.layer, m));
    EXPECT_EQ(again.loops, m) << again.reason;
  };
  round_trip();
  m.levels[0].split = 0;
  m.levels[0].keep = 0xf8;
  round_trip();
  m.levels[1].temporal_order = m.levels[0].spatial_order;
  m.levels[0].split = max_dimensions;
  round_trip();
}

/// Letters of a permutation can be a word that YAML takes for no text.
TEST(TimeloopMapping, PermutationsAreWrittenInQuotes) {
  small_files files;
  files.mapping = "";
  files.problem =
      "problem:\n  shape:\n    dimensions: [N, O]\n    data_spaces:\n"
      "    - {name: A, projection: [N]}\n    - {name: 'yes', projection: [O], read_write: true}\n"
      "  instance: {N: 2, O: 2}\n";
  const file_contents read = files.read();
  const mapping m{{empty_loops(), empty_loops()}};
  const std::string text = mapping_yaml(*read.machine, *read.layer, m);
  EXPECT_NE(text.find("permutation: \"NO\""), std::string::npos) << text;
}

}  // namespace
}  // namespace cugamma::timeloop
