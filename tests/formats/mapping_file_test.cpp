#include "cugamma/formats/mapping_file.hpp"

#include <gtest/gtest.h>

#include "cugamma/error.hpp"
#include "models/maestro/golden_cases.hpp"
#include "models/maestro/legality.hpp"

namespace cugamma {
namespace {

using enum dimension;

std::string in_layer(const std::string& body) {
  return "Network n {\nLayer L {\n" + body + "\n}\n}\n";
}

std::string conv_with(const std::string& dataflow) {
  return in_layer("Type: CONV\nDimensions { K: 4, C: 3, Y: 8, X: 9, R: 3, S: 2 }\nDataflow {\n" +
                  dataflow + "\n}");
}

std::string message_of(const std::string& text) {
  try {
    parse_mapping_file(text, "x.m");
  } catch (const input_error& e) {
    return e.what();
  }
  return "no error";
}

directive temporal(std::int32_t size, std::int32_t offset, dimension d, bool output = false) {
  return {size, offset, d, directive_kind::temporal, output, 0};
}
directive spatial(std::int32_t size, std::int32_t offset, dimension d, bool output = false) {
  return {size, offset, d, directive_kind::spatial, output, 0};
}

TEST(MappingFile, ReadsLayersLevelsAndSizes) {
  const mapping_file file = parse_mapping_file(
      "Constant T 5;\n// a comment\nConstant U T\nNetwork net {\n  Layer CONV1 { // another\n    "
      "Type: CONV\n"
      "    Stride { X: 2, Y: 3 }\n    Dimensions { K: 64, C: T, R: 3, S: 2, Y:224, X:112 }\n    "
      "Dataflow {\n"
      "      SpatialMap(1,1) K;\n      TemporalMap(U,4) C;\n      TemporalMap(Sz(R),1) Y;\n"
      "      TemporalMap(7,7) X';\n      Cluster(Sz(S), P);\n      SpatialMap(Sz(S),Sz(S)) S;\n    "
      "}\n  }\n}\n",
      "x.m");
  EXPECT_EQ(file.network, "net");
  ASSERT_EQ(file.layers.size(), 1u);
  const named_mapping& layer1 = file.layers[0];
  EXPECT_EQ(layer1.name, "CONV1");
  EXPECT_EQ(layer1.line, 5);
  EXPECT_EQ(layer1.l.size, (std::array<std::int32_t, 8>{64, 5, 224, 112, 3, 2, 1, 1}));
  EXPECT_EQ(layer1.l.stride_x, 2);
  EXPECT_EQ(layer1.l.stride_y, 3);
  EXPECT_TRUE(layer1.warnings.empty());
  ASSERT_TRUE(layer1.m);
  ASSERT_EQ(layer1.m->level_count, 2);
  const cluster_level& top = layer1.m->levels[0];
  ASSERT_EQ(top.directive_count, 4);
  EXPECT_EQ(top.directives[0], spatial(1, 1, K));
  EXPECT_EQ(top.directives[1], temporal(5, 4, C));
  EXPECT_EQ(top.directives[2], temporal(3, 1, Y));
  EXPECT_EQ(top.directives[3], temporal(7, 7, X, true));
  EXPECT_EQ(layer1.m->levels[1].cluster_size, 2);
  ASSERT_EQ(layer1.m->levels[1].directive_count, 1);
  EXPECT_EQ(layer1.m->levels[1].directives[0], spatial(2, 2, S));
}

TEST(MappingFile, SeparatorsAreInterchangeable) {
  const auto plain =
      parse_mapping_file(conv_with("SpatialMap(2,1) K;\nCluster(8,P);\nTemporalMap(Sz(R),1) Y'"),
                         "a");
  const auto odd = parse_mapping_file(
      "\xef\xbb\xbfNetwork n{Layer L{Type CONV\r\nDimensions{K 4,C 3 Y->8;X(9)R:3-S 2}"
      "Dataflow{SpatialMap 2 1 K Cluster:8->L TemporalMap(Sz R)>1;Y'//x\n}}}",
      "b");
  ASSERT_EQ(odd.layers.size(), 1u);
  EXPECT_EQ(odd.layers[0].l, plain.layers[0].l);
  EXPECT_EQ(odd.layers[0].m, plain.layers[0].m);
}

TEST(MappingFile, HoldsGemmAsConvDimensions) {
  const auto file =
      parse_mapping_file(in_layer("Type: GEMM\nDimensions { M: 10, N: 20, K: 30 }\nDataflow "
                                  "{\nTemporalMap(1,1) N;\nSpatialMap(2,2) M;\n"
                                  "TemporalMap(Sz(K),Sz(K)) K;\n}"),
                         "x.m");
  const named_mapping& gemm = file.layers.at(0);
  EXPECT_EQ(gemm.l.type, layer_type::gemm);
  EXPECT_EQ(gemm.l.size, (std::array<std::int32_t, 8>{20, 30, 10, 1, 1, 1, 1, 1}));
  EXPECT_EQ(gemm.l.named_batch_group, 0);
  EXPECT_EQ(gemm.m->levels[0].directives[0], temporal(1, 1, K));
  EXPECT_EQ(gemm.m->levels[0].directives[1], spatial(2, 2, Y));
  EXPECT_EQ(gemm.m->levels[0].directives[2], temporal(30, 30, C));
}

TEST(MappingFile, RemembersNamedBatchAndGroup) {
  const auto file = parse_mapping_file(
      in_layer("Type: NGCONV\nDimensions { N: 1, G: 32, K: 4, C: 4, R: 3, S: 3, Y: 8, X: 8 }"),
      "x.m");
  EXPECT_EQ(file.layers.at(0).l.type, layer_type::ngconv);
  EXPECT_EQ(file.layers[0].l.named_batch_group, 3);
  EXPECT_EQ(file.layers[0].l[G], 32);
}

TEST(MappingFile, TakesOutputSizes) {
  const auto file = parse_mapping_file(in_layer("Type: CONV\nStride { Y: 2 }\nDimensions { K: 4, "
                                                "C: 4, R: 3, S: 3, Y': 8, X': 8, X: 10 }\n"
                                                "Dataflow { SpatialMap(Sz(Y'),Sz(Y)) Y }"),
                                       "x.m");
  EXPECT_EQ(file.layers.at(0).l[Y], 17);
  EXPECT_EQ(file.layers[0].l[X], 10);
  EXPECT_EQ(file.layers[0].m->levels[0].directives[0], spatial(8, 17, Y));
}

TEST(MappingFile, LayersWithoutDataflowInheritACopy) {
  const auto file = parse_mapping_file(
      "Network n {\nLayer A { Type: CONV Dimensions { K 4 C 3 Y 8 X 8 R 3 S 3 } Dataflow { "
      "SpatialMap(1,1) K; "
      "TemporalMap(Sz(R),1) Y; } }\nLayer B { Type: CONV Dimensions { K 4 C 3 Y 8 X 8 R 1 S 1 } }\n"
      "Layer C { Type: GEMM Dimensions { M 1 N 1 K 1 } }\n}",
      "x.m");
  ASSERT_EQ(file.layers.size(), 3u);
  EXPECT_EQ(file.layers[1].m, file.layers[0].m);
  EXPECT_FALSE(file.layers[2].m);
  EXPECT_EQ(
      file.layers[2].reasons,
      std::vector<std::string>{"no Dataflow, and the directives of layer B name other dimensions"});
}

TEST(MappingFile, ModelFileHasLayersOnly) {
  const auto file = parse_mapping_file(in_layer("Type: FC\nDimensions { K 10, C 20 }"), "x.m");
  EXPECT_FALSE(file.layers.at(0).m);
  EXPECT_TRUE(file.layers[0].reasons.empty());
  EXPECT_EQ(file.layers[0].l.size, (std::array<std::int32_t, 8>{10, 20, 1, 1, 1, 1, 1, 1}));
}

TEST(MappingFile, FirstLayerWithoutDataflowHasAReason) {
  const auto file = parse_mapping_file(
      "Network n {\nLayer A { Type: FC Dimensions { K 4 C 3 } }\nLayer B { Type: FC Dimensions { K "
      "4 C 3 } Dataflow { SpatialMap(1,1) K } }\n}",
      "x.m");
  EXPECT_FALSE(file.layers.at(0).m);
  EXPECT_EQ(file.layers[0].reasons,
            std::vector<std::string>{"no Dataflow, and no layer before it has one"});
  EXPECT_TRUE(file.layers.at(1).m);
}

TEST(MappingFile, ReasonsForMappingsThatCannotBeHeld) {
  std::string clusters;
  for (int i = 0; i < max_levels; ++i) clusters += "SpatialMap(1,1) K; Cluster(2,P);\n";
  EXPECT_EQ(parse_mapping_file(conv_with(clusters), "x.m").layers.at(0).reasons,
            std::vector<std::string>{"line 9: more than 4 cluster levels"});
  std::string maps;
  for (int i = 0; i <= max_directives; ++i) maps += "TemporalMap(1,1) K;\n";
  EXPECT_EQ(parse_mapping_file(conv_with(maps), "x.m").layers.at(0).reasons,
            std::vector<std::string>{"line 22: more than 16 directives in a level"});
}

TEST(MappingFile, Warns) {
  EXPECT_EQ(
      parse_mapping_file(
          conv_with("SpatialMap(1,1) K; Cluster(2,P); SpatialMap(3,1) Y; TemporalMap(1,1) Y'"),
          "x.m")
          .layers.at(0)
          .warnings,
      std::vector<std::string>{"cluster level 1 names dimension Y' twice"});
  EXPECT_EQ(
      parse_mapping_file(in_layer("Type: DSCONV Dimensions { K 2 C 3 Y 8 X 8 R 3 S 3 S 3 }"), "x.m")
          .layers.at(0)
          .warnings,
      (std::vector<std::string>{
          "dimension S is given twice",
          "K is 2, but a DSCONV has one output channel for each input channel: taken as 1"}));
}

TEST(MappingFile, JoinsTheWordsOfAName) {
  EXPECT_EQ(parse_mapping_file("Network { Layer Conv2d-1 { Type FC Dimensions { K 1 C 1 } } Layer "
                               "{ Type FC Dimensions { K 1 C 1 } } }",
                               "x")
                .layers.at(0)
                .name,
            "Conv2d-1");
  EXPECT_EQ(parse_mapping_file("Network { Layer { Type FC Dimensions { K 1 C 1 } } }", "x")
                .layers.at(0)
                .name,
            "Layer");
}

TEST(MappingFile, SkipsAnAcceleratorBlock) {
  EXPECT_EQ(
      parse_mapping_file("Accelerator { PE { NumPEs: 128; } }\n" + conv_with("SpatialMap(1,1) K"),
                         "x")
          .layers.size(),
      1u);
}

struct malformed {
  std::string text;
  std::string message;
};
void PrintTo(const malformed& m, std::ostream* out) { *out << m.message; }

class MalformedMappingFile : public testing::TestWithParam<malformed> {};

TEST_P(MalformedMappingFile, NamesPlaceFoundAndExpected) {
  EXPECT_EQ(message_of(GetParam().text), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    MalformedMappingFile,
    testing::Values(
        malformed{"Netwrk n {",
                  "x.m:1:1: found \"Netwrk\", expected Constant, Network, Dataflow or Accelerator"},
        malformed{"Constant",
                  "x.m:1:9: found the end of the file, expected the name of a constant"},
        malformed{"Constant A }",
                  "x.m:1:12: found \"}\", expected the constant's value, a whole number"},
        malformed{"Constant A 1x;",
                  "x.m:1:12: found \"1x\", expected the constant's value, a whole number"},
        malformed{"Constant A -1;",
                  "x.m:1:12: found \"-1\", expected the constant's value, a whole number"},
        malformed{"Constant A 2147483648;",
                  "x.m:1:12: 2147483648 is too large, at most 2147483647"},
        malformed{"Network n", "x.m:1:10: found the end of the file, expected \"{\""},
        malformed{"Network n }", "x.m:1:11: found \"}\", expected \"{\""},
        malformed{"Network n {\n  Layr A",
                  "x.m:2:3: found \"Layr\", expected Layer, FPS, Probability, Dependency or \"}\""},
        malformed{"Network n {\n",
                  "x.m:2:1: found the end of the file, expected Layer, FPS, Probability, "
                  "Dependency or \"}\""},
        malformed{"Accelerator { {}", "x.m:1:17: found the end of the file, expected \"}\""},
        malformed{"Network n { }",
                  "x.m:1:14: found the end of the file, expected a Network with a Layer"},
        malformed{in_layer(""), "x.m:2:1: layer L has no Type"},
        malformed{in_layer("Type: }"), "x.m:3:7: found \"}\", expected a layer type"},
        malformed{in_layer("Type: LSTM"),
                  "x.m:3:7: found \"LSTM\", expected CONV, DSCONV, GEMM, NGCONV, TRCONV or FC"},
        malformed{in_layer("Size: 3"),
                  "x.m:3:1: found \"Size\", expected Type, Stride, Dimensions, Dataflow or \"}\""},
        malformed{in_layer("Type: FC Stride { X: 0 }"),
                  "x.m:3:22: found \"0\", expected a stride, a whole number from 1"},
        malformed{in_layer("Type: FC Stride { R: 2 }"),
                  "x.m:3:19: R has stride 2, only Y and X can have one other than 1"},
        malformed{in_layer("Type: GEMM Stride { M: 2 }"),
                  "x.m:3:21: M has stride 2, only Y and X can have one other than 1"},
        malformed{in_layer("Type: FC Dimensions K"), "x.m:3:21: found \"K\", expected \"{\""},
        malformed{in_layer("Type: FC Dimensions { {"),
                  "x.m:3:23: found \"{\", expected a dimension or \"}\""},
        malformed{in_layer("Type: FC Dimensions { K: }"),
                  "x.m:3:26: found \"}\", expected a size, a whole number from 1"},
        malformed{in_layer("Type: FC Dimensions { K: U }"),
                  "x.m:3:26: found \"U\", expected a size, a whole number from 1"},
        malformed{in_layer("Type: FC Dimensions { K: 0 }"),
                  "x.m:3:26: found \"0\", expected a size, a whole number from 1"},
        malformed{in_layer("Type: FC Dimensions { Q: 1 }"),
                  "x.m:3:23: found \"Q\", expected a dimension: K, C, Y, X, R, S, N, G, Y' or X'"},
        malformed{in_layer("Type: GEMM Dimensions { C: 1 }"),
                  "x.m:3:25: found \"C\", expected a dimension of a GEMM: M, N or K"},
        malformed{in_layer("Type: FC Dimensions { K: 1, K: 2 }"),
                  "x.m:3:29: K is given as 1 and as 2"},
        malformed{in_layer("Type: CONV Dimensions { K: 1, C: 2, R: 1 }"),
                  "x.m:2:1: layer L lacks dimension Y, X, S"},
        malformed{in_layer("Type: GEMM Dimensions { K: 1 }"),
                  "x.m:2:1: layer L lacks dimension M, N"},
        malformed{in_layer("Type: CONV Dimensions { K 1 C 1 R 3 S 3 Y 8 Y' 7 X 8 }"),
                  "x.m:2:1: layer L has Y' = 7, but its Y = 8 yields 6"},
        malformed{in_layer("Type: CONV Dimensions { K 1 C 1 R 3 S 3 Y' 2147483647 X 8 }"),
                  "x.m:2:1: Y' = 2147483647 needs an input of 2147483649, at most 2147483647"},
        malformed{in_layer("Type: FC Dimensions { K 100000000 C 100000000 }"),
                  "x.m:2:1: layer L has 1e+16 MACs, fewer than 2^53 can be counted"},
        malformed{in_layer("Type: FC Dataflow { {"),
                  "x.m:3:21: found \"{\", expected TemporalMap, SpatialMap, Cluster or \"}\""},
        malformed{conv_with("Map(1,1) K"),
                  "x.m:6:1: found \"Map\", expected TemporalMap, SpatialMap, Cluster or \"}\""},
        malformed{conv_with("SpatialMap(x,1) K"),
                  "x.m:6:12: found \"x\", expected a size: a number, a constant or Sz(dimension)"},
        malformed{conv_with("SpatialMap(-1,1) K"),
                  "x.m:6:12: found \"-1\", expected a size: a number, a constant or Sz(dimension)"},
        malformed{
            conv_with("SpatialMap(1) K"),
            "x.m:6:15: found \"K\", expected an offset: a number, a constant or Sz(dimension)"},
        malformed{conv_with("SpatialMap(1,1)"), "x.m:7:1: found \"}\", expected a dimension"},
        malformed{conv_with("SpatialMap(1,1) M"),
                  "x.m:6:17: found \"M\", expected a dimension: K, C, Y, X, R, S, N, G, Y' or X'"},
        malformed{conv_with("SpatialMap(Sz(N),1) K"),
                  "x.m:6:15: Sz(N) names a dimension that the layer's Dimensions lack"},
        malformed{conv_with("SpatialMap(Sz"),
                  "x.m:7:1: found \"}\", expected the dimension of Sz()"},
        malformed{
            conv_with("Cluster(P)"),
            "x.m:6:9: found \"P\", expected a cluster size: a number, a constant or Sz(dimension)"},
        malformed{conv_with("Cluster(2)"),
                  "x.m:7:1: found \"}\", expected the cluster type P or L"},
        malformed{conv_with("Cluster(2, Q)"),
                  "x.m:6:12: found \"Q\", expected the cluster type P or L"}));

TEST(MappingFile, NamesAFileThatCannotBeRead) {
  try {
    read_mapping_file("/nonexistent/x.m");
    FAIL();
  } catch (const input_error& e) {
    EXPECT_STREQ(e.what(),
                 "/nonexistent/x.m: cannot be opened for reading: No such file or directory");
  }
}

class GoldenMappings : public testing::TestWithParam<golden_table> {};

/// Every golden mapping is read, and what is written of it reads back the same.
TEST_P(GoldenMappings, RoundTrip) {
  for (const golden_case& golden : read_golden(GetParam())) {
    SCOPED_TRACE(golden.id);
    const named_mapping read = golden_layer(golden);
    if (output_size(read.l, Y) > 0 && output_size(read.l, X) > 0) {
      EXPECT_EQ(layer_macs(read.l), golden.layer_macs);
    }
    const auto again = parse_mapping_file(write_mapping(read.name, read.l, *read.m), golden.id);
    EXPECT_EQ(again.layers.at(0).l, read.l);
    EXPECT_EQ(again.layers[0].m, read.m);
    EXPECT_EQ(again.layers[0].name, read.name);
  }
}

INSTANTIATE_TEST_SUITE_P(Legal, GoldenMappings, testing::ValuesIn(golden_legal_tables), table_name);
INSTANTIATE_TEST_SUITE_P(Illegal,
                         GoldenMappings,
                         testing::Values(golden_illegal_table),
                         table_name);

std::vector<std::string> fitted(named_mapping& read) {
  read.warnings.clear();
  fit_tiles(read);
  return read.warnings;
}

using texts = std::vector<std::string>;

TEST(FitTiles, CutsToTheTileAbove) {
  auto file = parse_mapping_file(conv_with("SpatialMap(2,2) K;\nTemporalMap(8,2) C;\n"
                                           "TemporalMap(7,7) Y';\nCluster(2,P);\n"
                                           "SpatialMap(3,3) K;\nTemporalMap(4,5) C;"),
                                 "x.m");
  named_mapping& read = file.layers.at(0);
  EXPECT_EQ(
      fitted(read),
      (texts{"line 7, cluster level 0: TemporalMap(8,2) C is larger than C = 3 and is cut to it",
             "line 8, cluster level 0: TemporalMap(7,7) Y' is larger than Y' = 6 and is cut to it",
             "line 10, cluster level 1: SpatialMap(3,3) K is larger than K = 2 of cluster level "
             "0 and is cut to it",
             "line 11, cluster level 1: TemporalMap(4,5) C is larger than C = 3 of cluster level "
             "0 and is cut to it"}));
  const mapping& m = *read.m;
  EXPECT_EQ(m.levels[0].directives[1], temporal(3, 2, C));
  EXPECT_EQ(m.levels[0].directives[2], temporal(6, 6, Y, true));
  EXPECT_EQ(m.levels[1].directives[0], spatial(2, 2, K));
  EXPECT_EQ(m.levels[1].directives[1], temporal(3, 5, C)) << "its offset is wrong all the same";
  EXPECT_EQ(fitted(read), texts{});
  EXPECT_EQ(check_legality(read.l, {}, m), offset_exceeds_size);
}

/// A dataflow for 5 x 5 filters on a layer of 3 x 3, where MAESTRO ends without a row.
TEST(FitTiles, CutsAFilterAndThenTheRowsThatItBounds) {
  auto file = parse_mapping_file(conv_with("SpatialMap(1,1) K;\nTemporalMap(5,5) R;\n"
                                           "SpatialMap(7,9) S;\nTemporalMap(9,1) Y';"),
                                 "x.m");
  named_mapping& read = file.layers.at(0);
  EXPECT_EQ(
      fitted(read),
      (texts{"line 7, cluster level 0: TemporalMap(5,5) R is larger than R = 3 and is cut to it",
             "line 8, cluster level 0: SpatialMap(7,9) S is larger than S = 2 and is cut to it",
             "line 9, cluster level 0: TemporalMap(9,1) Y' is larger than Y' = 6 and is cut to "
             "it"}));
  EXPECT_EQ(read.m->levels[0].directives[1], temporal(3, 3, R));
}

TEST(FitTiles, LeavesWhatIsNoMapping) {
  auto open = parse_mapping_file(conv_with("TemporalMap(9,9) K;"), "x.m");
  EXPECT_EQ(fitted(open.layers.at(0)), texts{});
  auto none = parse_mapping_file(in_layer("Type: FC\nDimensions { K 10, C 20 }"), "x.m");
  EXPECT_EQ(fitted(none.layers.at(0)), texts{});
}

/// MAESTRO copies the resolved sizes of the layer before, which may be larger.
TEST(FitTiles, CutsWhatALayerInherits) {
  auto file = parse_mapping_file(
      "Network n {\nLayer A { Type: CONV Dimensions { K 4 C 3 Y 8 X 8 R 1 S 1 } Dataflow {\n"
      "SpatialMap(1,1) K;\nTemporalMap(Sz(C),Sz(C)) C; } }\n"
      "Layer B { Type: CONV Dimensions { K 4 C 2 Y 8 X 8 R 1 S 1 } }\n"
      "Layer D { Type: CONV Dimensions { K 4 C 5 Y 8 X 8 R 1 S 1 } }\n}",
      "x.m");
  EXPECT_EQ(
      fitted(file.layers.at(1)),
      texts{"line 4, cluster level 0: TemporalMap(3,3) C is larger than C = 2 and is cut to it"});
  EXPECT_EQ(fitted(file.layers.at(2)), texts{});
}

TEST(FitTiles, CountsAProductByItsOwnNames) {
  auto file =
      parse_mapping_file(in_layer("Type: GEMM\nDimensions { M: 4, N: 5, K: 6 }\nDataflow {\n"
                                  "SpatialMap(9,9) M;\nTemporalMap(7,7) K; }"),
                         "x.m");
  EXPECT_EQ(
      fitted(file.layers.at(0)),
      (texts{"line 6, cluster level 0: SpatialMap(9,9) M is larger than M = 4 and is cut to it",
             "line 7, cluster level 0: TemporalMap(7,7) K is larger than K = 6 and is cut to it"}));
}

texts places_of(const std::string& dataflow, std::uint32_t status) {
  accelerator a;
  a.num_pes = 8;
  const auto file = parse_mapping_file(conv_with(dataflow), "x.m");
  EXPECT_EQ(check_legality(file.layers.at(0).l, a, file.layers[0].m.value()), status);
  return illegal_places(file.layers[0], a, status);
}

TEST(IllegalPlaces, SayWhere) {
  EXPECT_EQ(places_of("SpatialMap(1,1) K;\nCluster(4,P);\nTemporalMap(1,1) C;", bad_structure),
            texts{"bad structure: line 7, cluster level 1: no SpatialMap, expected 1 or 2"});
  EXPECT_EQ(places_of("SpatialMap(1,1) K; SpatialMap(1,1) C; SpatialMap(1,1) Y;", bad_structure),
            texts{"bad structure: line 5, cluster level 0: 3 SpatialMaps, expected 1 or 2"});
  EXPECT_EQ(places_of("SpatialMap(1,1) K;\nTemporalMap(0,1) C;", bad_structure),
            texts{"bad structure: line 7, cluster level 0: TemporalMap(0,1) C, expected sizes and "
                  "offsets of 1 or more"});
  EXPECT_EQ(places_of("SpatialMap(1,1) K;\nCluster(0,P);\nSpatialMap(1,1) C;", bad_structure),
            texts{"bad structure: line 7, cluster level 1: Cluster(0), expected 1 or more"});
  EXPECT_EQ(places_of("SpatialMap(1,1) K;\nCluster(4,P);\nSpatialMap(1,1) C;\nCluster(3,P);\n"
                      "SpatialMap(1,1) K;",
                      clusters_exceed_pes),
            texts{"clusters exceed PEs: line 7, cluster level 1: clusters of 4 x 3 on 8 PEs"});
  EXPECT_EQ(
      places_of("SpatialMap(1,2) K;\nTemporalMap(2,3) C;", offset_exceeds_size),
      (texts{"offset > size: line 6, cluster level 0: SpatialMap(1,2) K has the offset 2, at "
             "most its size 1",
             "offset > size: line 7, cluster level 0: TemporalMap(2,3) C has the offset 3, at "
             "most its size 2"}));
  EXPECT_EQ(places_of("SpatialMap(1,1) K;\nTemporalMap(2,2) R;", partial_filter),
            texts{"partial R/S: line 7, cluster level 0: TemporalMap(2,2) R, expected "
                  "TemporalMap(3,3) R"});
  EXPECT_EQ(
      places_of("SpatialMap(1,1) K;\nTemporalMap(2,1) Y;", window_exceeds_tile),
      texts{"window exceeds tile: line 7, cluster level 0: the tile Y = 2 is smaller than R = 3"});
  EXPECT_EQ(
      places_of("SpatialMap(5,5) K;", tile_exceeds_dim),
      texts{"tile exceeds dim: line 6, cluster level 0: SpatialMap(5,5) K is larger than K = 4"});
}

TEST(ApplyDataflow, MapsTheLayersOfANetwork) {
  network net{"net", {}};
  layer conv;
  conv.size = {8, 3, 9, 9, 3, 3, 1, 1};
  conv.stride_y = 2;
  layer product;
  product.type = layer_type::gemm;
  net.layers = {{"a", conv, 2}, {"b", product, 1}};
  const std::string text =
      "// row stationary\nConstant T 2;\nDataflow {\nSpatialMap(1,1) K;\nTemporalMap(Sz(R),T) "
      "Y;\n}";
  EXPECT_TRUE(is_mapping_text(text));
  EXPECT_FALSE(is_mapping_text("levels:\n  - sp: [K]\n"));
  const mapping_file file = apply_dataflow(text, "d.m", net);
  EXPECT_EQ(file.network, "net");
  ASSERT_EQ(file.layers.size(), 2u);
  EXPECT_EQ(file.layers[0].name, "a");
  EXPECT_EQ(file.layers[0].l, conv);
  EXPECT_EQ(file.layers[0].m.value().levels[0].directives[1], temporal(3, 2, Y));
  EXPECT_FALSE(file.layers[1].m);
  EXPECT_EQ(file.layers[1].reasons,
            texts{"d.m:5:22: found \"Y\", expected a dimension of a GEMM: M, N or K"});

  const auto refusal = [&](const std::string& given) {
    try {
      apply_dataflow(given, "d.m", net);
    } catch (const input_error& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(refusal(text + "\nDataflow { }"),
            "d.m:7:1: found a second Dataflow, expected one for all layers");
  EXPECT_EQ(refusal("Constant T 2"), "d.m:1:13: found the end of the file, expected a Dataflow");
  EXPECT_EQ(refusal(in_layer("Type: FC\nDimensions { K 10, C 20 }")),
            "d.m:2:1: found a Layer, expected a Dataflow alone for the layers of --model");
  EXPECT_EQ(
      message_of(text),
      "x.m:3:1: found a Dataflow and no layer; cugamma evaluate gives it the layers of --model");
}

TEST(MappingFile, NamesWhatItLeavesOut) {
  const auto file = parse_mapping_file(
      "Accelerator Acc0 { num_pes: 4 NoC { Bandwidth: 3 } }\nFPS: 30\nNetwork n {\nFPS: 45\n"
      "Dependency: { other }\nLayer L { Probability: 0.25\nType: FC Dimensions { K 10, C 20 } } }",
      "x.m");
  EXPECT_EQ(file.layers.size(), 1u);
  const std::string rest = " is left out, it says nothing of a layer or its mapping";
  EXPECT_EQ(file.warnings,
            (texts{"x.m:1: Accelerator Acc0" + rest,
                   "x.m:2: FPS: 30" + rest,
                   "x.m:4: FPS: 45" + rest,
                   "x.m:5: Dependency" + rest,
                   "x.m:6: Probability: 0.25" + rest}));
}

TEST(WriteMapping, ReplacesReservedCharactersOfTheName) {
  const layer l;
  EXPECT_NE(write_mapping("a b-{1}", l, {}).find("Layer a_b__1_ {"), std::string::npos);
  EXPECT_NE(write_mapping("", l, {}).find("Layer Layer {"), std::string::npos);
}

}  // namespace
}  // namespace cugamma
