#include "cugamma/mapping/to_genome.hpp"

#include <gtest/gtest.h>

#include "cugamma/formats/mapping_file.hpp"
#include "models/maestro/golden_cases.hpp"

namespace cugamma {
namespace {

named_mapping parse(const std::string& body) {
  return parse_mapping_file("Network n { Layer L { " + body + " } }", "x.m").layers.at(0);
}

std::string reason_of(const std::string& body) {
  const named_mapping given = parse(body);
  std::string reason;
  EXPECT_FALSE(to_genome(given.l, *given.m, &reason));
  return reason;
}

const std::string conv = "Type: CONV Dimensions { K 4 C 3 Y 8 X 8 R 3 S 3 } ";
const std::string rest =
    "TemporalMap(1,1) C; TemporalMap(1,1) X'; TemporalMap(3,3) R; TemporalMap(3,3) S;";

class GenomeTables : public testing::TestWithParam<golden_table> {};

TEST_P(GenomeTables, EveryMappingHasAGenomeThatSaysTheSame) {
  for (const golden_case& golden : read_golden(GetParam())) {
    const named_mapping read = golden_layer(golden);
    std::string reason;
    const auto g = to_genome(read.l, *read.m, &reason);
    ASSERT_TRUE(g) << golden.id << ": " << reason;
    EXPECT_TRUE(reason.empty());
    EXPECT_EQ(to_mapping(*g, read.l), *read.m) << golden.id;
  }
}

INSTANTIATE_TEST_SUITE_P(All, GenomeTables, testing::ValuesIn(golden_genome_tables), table_name);

TEST(ToGenome, Gemm) {
  const auto given = parse(
      "Type: GEMM Dimensions { M 8 N 4 K 16 } Dataflow { TemporalMap(2,2) N; SpatialMap(1,1) M; "
      "TemporalMap(3,3) K; }");
  const auto g = to_genome(given.l, *given.m);
  ASSERT_TRUE(g);
  EXPECT_EQ(to_mapping(*g, given.l), *given.m);
  EXPECT_EQ(tile(*g, 0, dimension::C), 3);
  EXPECT_EQ(tile(*g, 0, dimension::S), 1);
}

TEST(ToGenome, SaysWhatNoGenomeCanSay) {
  EXPECT_EQ(
      reason_of(
          "Type: NGCONV Dimensions { G 1 K 4 C 3 Y 8 X 8 R 3 S 3 } Dataflow { SpatialMap(1,1) K }"),
      "layers of type NGCONV have no genome");
  EXPECT_EQ(
      reason_of(
          "Type: CONV Dimensions { N 1 K 4 C 3 Y 8 X 8 R 3 S 3 } Dataflow { SpatialMap(1,1) K }"),
      "layers with a batch or groups have no genome");
  EXPECT_EQ(reason_of(conv + "Dataflow { Cluster(1,P) Cluster(1,P) Cluster(1,P) }"),
            "4 cluster levels, a genome has 1 to 3");
  EXPECT_EQ(reason_of(conv + "Dataflow { SpatialMap(1,1) G; }"),
            "cluster level 0: a directive on G");
  EXPECT_EQ(reason_of(conv + "Dataflow { SpatialMap(2,1) K; }"),
            "cluster level 0: offset of K differs from its size");
  EXPECT_EQ(reason_of(conv + "Dataflow { SpatialMap(3,3) Y; }"),
            "cluster level 0: Y instead of Y'");
  EXPECT_EQ(reason_of(conv + "Dataflow { SpatialMap(0,0) K; }"),
            "cluster level 0: size 0 of K is not 1 to 2097151");
  EXPECT_EQ(reason_of(conv + "Dataflow { SpatialMap(2048,2048) R; }"),
            "cluster level 0: size 2048 of R is not 1 to 1023");
  EXPECT_EQ(reason_of(conv + "Dataflow { SpatialMap(1,1) K; TemporalMap(1,1) K; }"),
            "cluster level 0: K named twice");
  EXPECT_EQ(reason_of(conv + "Dataflow { SpatialMap(1,1) K; " + rest + " }"),
            "cluster level 0: no directive on Y");
  EXPECT_EQ(reason_of(conv + "Dataflow { TemporalMap(1,1) K; TemporalMap(1,1) Y'; " + rest + " }"),
            "cluster level 0: no SpatialMap");
  EXPECT_EQ(
      reason_of(conv + "Dataflow { SpatialMap(1,1) K; SpatialMap(1,1) Y'; SpatialMap(1,1) C; }"),
      "cluster level 0: more than two SpatialMaps");
  EXPECT_EQ(reason_of(conv + "Dataflow { SpatialMap(1,1) K; TemporalMap(1,1) Y'; " + rest +
                      " Cluster(65536,P); SpatialMap(1,1) K; TemporalMap(1,1) Y'; " + rest + " }"),
            "cluster size 65536 is not 1 to 65535");
  EXPECT_EQ(
      reason_of("Type: DSCONV Dimensions { C 3 Y 8 X 8 R 3 S 3 } Dataflow { SpatialMap(1,1) K; }"),
      "cluster level 0: a directive on K");
}

}  // namespace
}  // namespace cugamma
