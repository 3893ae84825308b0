#include <gtest/gtest.h>

#include <array>

#include "cli/bench/comparison.hpp"
#include "cli/commands.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/mapping/random_mapping.hpp"

namespace cugamma::cli {
namespace {

TEST(Validate, AMappingIsDescribedSoThatItReadsBack) {
  test_bed bed = make_test_bed({"vgg16", "mobilenet_v2", "bert_base"});
  bed.accelerators = varied_accelerators();
  std::vector<genome> genomes(300);
  draw_mappings(5, 0, bed.layers, bed.accelerators, genomes);
  for (const genome& g : genomes) {
    if (!has_loop_orders(g)) continue;
    const layer& l = bed.layers[g.layer_index];
    const std::string text = describe_mapping(bed, g);
    EXPECT_NE(text.find(bed.layer_names[g.layer_index]), std::string::npos);
    const mapping_file file = parse_mapping_file(text, "described.m");
    ASSERT_EQ(file.layers.size(), 1u);
    EXPECT_EQ(file.layers[0].l, l);
    if (file.layers[0].m) {
      EXPECT_EQ(*file.layers[0].m, to_mapping(g, l)) << text;
    }
  }
}

TEST(Validate, ADifferenceNamesItsFieldsOnly) {
  cost a, b;
  EXPECT_EQ(describe_difference(a, b), "");
  b.num_macs = 7;
  b.status = exceeds_l1;
  EXPECT_EQ(describe_difference(a, b),
            "  status: 0x0 (), 0x10000 (exceeds L1)\n  num_macs: 0, 7\n");
}

TEST(Validate, ATestBedHasEachLayerOnce) {
  const test_bed once = make_test_bed({"vgg16"});
  const test_bed twice = make_test_bed({"vgg16", "vgg16"});
  EXPECT_EQ(once.layers, twice.layers);
  EXPECT_EQ(once.layers.size(), once.layer_names.size());
  EXPECT_THROW(make_test_bed({"no_such_network"}), input_error);
}

int run(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& a : arguments) argv.push_back(a.data());
  return run_validate(static_cast<int>(argv.size()), argv.data());
}

TEST(Validate, ThePathsAgreeOnEveryNetwork) {
  EXPECT_EQ(run({"validate", "--count", "5000", "--seed", "3"}), exit_ok);
}

TEST(Validate, UnknownBackEndsAreRefused) {
  EXPECT_THROW(run({"validate", "--count", "10", "--backends", "cpu,gpu"}), input_error);
}

}  // namespace
}  // namespace cugamma::cli
