#include "cugamma/formats/constraint_file.hpp"

#include <gtest/gtest.h>

#include <string>

#include "cugamma/error.hpp"
#include "mapping/constraint_cases.hpp"

namespace cugamma {
namespace {

std::string message_of(const std::string& text, const accelerator& a = {}) {
  try {
    space_of(parse_constraint(text, "f.yaml"), constraint_layers()[1], a);
  } catch (const input_error& e) {
    return e.what();
  }
  return "";
}

TEST(ConstraintFile, ContradictionsNameBothClauses) {
  EXPECT_EQ(message_of("levels:\n  - tiles: {K: 4}\n  - tiles: {K: 8}\n"),
            "f.yaml:3: \"levels[1].tiles.K: 8\" clashes with \"levels[0].tiles.K: 4\" (line 2): no "
            "mapping obeys both");
  EXPECT_EQ(message_of("levels:\n  - sp: [K]\n    sp2: [K]\n"),
            "f.yaml:2: \"levels[0].sp: [K]\" clashes with \"levels[0].sp2: [K]\" (line 3): no "
            "mapping obeys both");
  EXPECT_EQ(message_of("levels:\n  - sp: [K]\n    reduction_noc: AdderTree\n"),
            "f.yaml:2: \"levels[0].sp: [K]\" clashes with \"levels[0].reduction_noc: AdderTree\" "
            "(line 3): no mapping obeys both");
  EXPECT_EQ(message_of("levels:\n  - sp: [K]\n    tiles: {R: 1}\n"),
            "f.yaml:3: \"levels[0].tiles.R: 1\" clashes with \"levels[0].sp: [K]\" (line 2): no "
            "mapping obeys both");
  EXPECT_EQ(message_of("levels:\n  - {}\n  - sp_sz: 512\n"),
            "f.yaml:3: \"levels[1].sp_sz: 512\" clashes with the 256 PEs: no mapping obeys both");
  EXPECT_EQ(message_of("levels:\n  - {}\n  - sp_sz: 32\n  - sp_sz: 16\n"),
            "f.yaml:4: \"levels[2].sp_sz: 16\" clashes with \"levels[1].sp_sz: 32\" (line 3): no "
            "mapping obeys both");
}

std::string message_on(const layer& l, const std::string& text, const space_options& options = {}) {
  try {
    const mapping_constraint c = parse_constraint(text, "f.yaml");
    constrain(make_search_space(constrained_layer(c, l), {}, options), c);
  } catch (const input_error& e) {
    return e.what();
  }
  return "";
}

struct contradiction {
  const char* text;
  const char* message;
};

/// On a layer with K 17, C 130, Y' 17, X' 19, R 3, S 5.
TEST(ConstraintFile, MoreContradictionsNameBothClauses) {
  const contradiction all[] = {
      {"levels:\n  - tiles: {C: [1, 16]}\n  - tiles: {C: [20, 40]}\n",
       "f.yaml:3: \"levels[1].tiles.C: [20, 40]\" clashes with \"levels[0].tiles.C: [1, 16]\" "
       "(line 2)"},
      {"levels:\n  - tiles: {C: 4}\n  - {}\n  - tiles: {C: 8}\n",
       "f.yaml:4: \"levels[2].tiles.C: 8\" clashes with \"levels[0].tiles.C: 4\" (line 2)"},
      {"levels:\n  - tiles: {C: 4}\n  - tiles: {K: C}\n  - tiles: {K: 8}\n",
       "f.yaml:4: \"levels[2].tiles.K: 8\" clashes with \"levels[0].tiles.C: 4\" (line 2)"},
      {"levels:\n  - tiles: {Y: [5, R]}\n",
       "f.yaml:2: \"levels[0].tiles.Y: [5, R]\" clashes with the layer's R of 3"},
      {"levels:\n  - tiles: {K: R}\n  - tiles: {K: 8}\n",
       "f.yaml:3: \"levels[1].tiles.K: 8\" clashes with the layer's R of 3"},
      {"levels:\n  - tiles: {X: 6}\n    input_buffer: FIFO\n",
       "f.yaml:2: \"levels[0].tiles.X: 6\" clashes with \"levels[0].input_buffer: FIFO\" (line 3)"},
      {"levels:\n  - input_buffer: FIFO\n  - tiles: {Y: 8}\n",
       "f.yaml:3: \"levels[1].tiles.Y: 8\" clashes with \"levels[0].input_buffer: FIFO\" (line 2)"},
      {"levels:\n  - sp: [C, R]\n    reduction_noc: Temporal\n",
       "f.yaml:2: \"levels[0].sp: [C, R]\" clashes with \"levels[0].reduction_noc: Temporal\" "
       "(line 3)"},
      {"levels:\n  - sp: [C]\n    distribution_noc: Tree\n",
       "f.yaml:2: \"levels[0].sp: [C]\" clashes with \"levels[0].distribution_noc: Tree\" (line "
       "3)"},
      {"levels:\n  - reduction_noc: Temporal\n    tiles: {S: 1}\n",
       "f.yaml:3: \"levels[0].tiles.S: 1\" clashes with \"levels[0].reduction_noc: Temporal\" "
       "(line 2)"},
      {"levels:\n  - {sp: [R], tiles: {R: 1}}\n  - sp: [C]\n",
       "f.yaml:2: \"levels[0].tiles.R: 1\" clashes with \"levels[1].sp: [C]\" (line 3)"},
      {"levels:\n  - {}\n  - tiles: {R: 1}\n",
       "f.yaml:3: \"levels[1].tiles.R: 1\" clashes with levels[1], where R is not parallel without "
       "sp "
       "or --parallel-rs"},
  };
  for (const contradiction& c : all) {
    space_options levels;
    levels.levels_max = 3;
    EXPECT_EQ(message_on(constraint_layers()[1], c.text, levels),
              std::string(c.message) + ": no mapping obeys both")
        << c.text;
  }
}

/// What clashes on one layer can hold on another.
TEST(ConstraintFile, ContradictionsOfALayerAreItsOwn) {
  const std::string window = "levels:\n  - tiles: {X: [5, S]}\n";
  EXPECT_EQ(message_on(constraint_layers()[1], window), "");
  EXPECT_NE(message_on(constraint_layers()[0], window).find("the layer's S of 3"),
            std::string::npos);
  const std::string nested = "levels:\n  - tiles: {C: 64}\n  - tiles: {C: 100}\n";
  EXPECT_NE(message_on(constraint_layers()[1], nested), "");
  EXPECT_EQ(message_on(constraint_layers()[0], nested), "") << "three channels: both are 3";
}

TEST(ConstraintFile, TheSpaceCanContradictToo) {
  space_options eight;
  eight.cluster_size = 8;
  EXPECT_EQ(
      message_on(constraint_layers()[1], "levels:\n  - {}\n  - sp_sz: 16\n", eight),
      "f.yaml:3: \"levels[1].sp_sz: 16\" clashes with the cluster size of 8 (--cluster-size): "
      "no mapping obeys both");
  EXPECT_EQ(message_on(constraint_layers()[1], "levels:\n  - {}\n  - sp_sz: 8\n", eight), "");
  space_options one;
  one.levels_min = one.levels_max = 1;
  EXPECT_EQ(message_on(constraint_layers()[1], "levels:\n  - {}\n  - {}\n", one),
            "f.yaml: constrains 2 levels, but mappings have at most 1");
  EXPECT_EQ(message_on(constraint_layers()[1], "levels:\n  - tiles: {K: 4}\n    tiles: {K: 8}\n"),
            "f.yaml:3:5: key \"tiles\" again, expected each key once");
}

TEST(ConstraintFile, TilesThatNeverFitAreRefused) {
  accelerator a;
  a.l1_size_elems = 1000;
  const std::string text = "levels:\n  - {}\n  - tiles: {C: 100}\n";
  EXPECT_EQ(message_of(text, a).rfind("f.yaml:3: \"levels[1].tiles.C: 100\" clashes with an L1 of "
                                      "1000 elements, of which the tiles need at least ",
                                      0),
            0u)
      << message_of(text, a);
  a.l1_size_elems = 100000;
  EXPECT_EQ(message_of(text, a), "");
}

TEST(ConstraintFile, MistakesNameFileLineAndWhatIsAllowed) {
  EXPECT_EQ(message_of("levels:\n  - sp: [K, Q]\n"),
            "f.yaml:2:13: levels[0].sp[1]: found \"Q\", expected one or more of K, C, Y, X, R, S");
  EXPECT_EQ(
      message_of("levels:\n  - order: [K, K]\n"),
      "f.yaml:2:16: levels[0].order[1]: found \"K\", expected each of K, C, Y, X, R, S at most "
      "once");
  EXPECT_EQ(message_of("level:\n  - order: [K]\n"),
            "f.yaml:1:1: unknown key \"level\", expected about, layers_as, levels, inflexible");
  EXPECT_EQ(
      message_of("levels:\n  - tiles: {K: 0}\n"),
      "f.yaml:2:16: levels[0].tiles.K: found \"0\", expected 1 to 2097151, one of K, C, Y, X, "
      "R, S, or [low, high]");
  EXPECT_EQ(message_of("levels:\n  - input_buffer: DRAM\n"),
            "f.yaml:2:19: levels[0].input_buffer: found \"DRAM\", expected ScratchPad, FIFO");
  EXPECT_EQ(message_of("levels:\n  - sp: {K: C}\n"),
            "f.yaml:2:9: levels[0].sp: found {K: C}, expected a list");
  EXPECT_NE(message_of("levels: [\n").find("f.yaml:"), std::string::npos);
  EXPECT_NE(message_of("").find("f.yaml:1:1"), std::string::npos);
  EXPECT_EQ(message_of("levels:\n  - order: [K]\n---\nabout: more\n"),
            "f.yaml:3:1: found a second document, expected one");
  EXPECT_EQ(message_of("Dataflow { SpatialMap(1,1) K; }").substr(0, 33),
            "f.yaml:1:1: found a MAESTRO file,");
  EXPECT_EQ(message_of("levels: &a\n  - *a\n").substr(0, 7), "f.yaml:");
}

/// yaml-cpp's LoadAll never ends on such a text.
TEST(ConstraintFile, DeepListsAreRefusedWithTheReason) {
  const std::string message = message_of("levels:\n" + std::string(100000, '['));
  EXPECT_NE(message.find("deep in each other"), std::string::npos) << message;
  EXPECT_EQ(message.find("bad file"), std::string::npos) << message;
}

TEST(ConstraintFile, ATextThatBeginsWithACommaIsRefused) {
  EXPECT_NE(message_of(",about: x\nlevels:\n  - sp: [K]\n"), "");
}

}  // namespace
}  // namespace cugamma
