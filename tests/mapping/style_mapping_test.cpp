#include "cugamma/mapping/style_mapping.hpp"

#include <gtest/gtest.h>

#include <string>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/formats/constraint_file.hpp"
#include "cugamma/formats/network_file.hpp"
#include "cugamma/mapping/search_space.hpp"
#include "models/maestro/reference/reference_model.hpp"

namespace cugamma {
namespace {

mapping_constraint style(const std::string& name) {
  return read_constraint(std::string(CUGAMMA_SOURCE_DIR "/constraints/") + name + ".yaml");
}

layer conv(int k, int c, int y, int x, int r, int s) {
  layer l;
  l.size = {k, c, y, x, r, s, 1, 1};
  return l;
}

class ClassicStyle : public testing::TestWithParam<std::string> {};

TEST_P(ClassicStyle, IsLegalOnEveryShippedNetwork) {
  const mapping_constraint c = style(GetParam());
  const accelerator a;
  for (const char* model : {"vgg16", "resnet50", "mobilenet_v2", "alexnet", "bert_base", "ncf"}) {
    const network net = read_network(std::string(CUGAMMA_SOURCE_DIR "/models/") + model + ".csv");
    for (const network_layer& l : net.layers) {
      const styled_layer styled = style_mapping(c, unit_stride(l.l), a);
      const maestro_report r =
          evaluate_reference(styled.mapped, a, to_mapping(styled.mapping, styled.mapped));
      EXPECT_TRUE(is_legal(r.figures.status)) << model << " " << l.name;
      EXPECT_EQ(layer_macs(styled.mapped), layer_macs(l.l)) << model << " " << l.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All,
                         ClassicStyle,
                         testing::ValuesIn(classic_styles()),
                         [](const auto& tested) { return tested.param; });

TEST(StyleMapping, KcpWsIsTheKnownDataflow) {
  const styled_layer styled = style_mapping(style("kcp_ws"), conv(64, 128, 58, 58, 3, 3), {});
  const genome& g = styled.mapping;
  EXPECT_EQ(parallel(g, 0), dimension::K);
  EXPECT_EQ(parallel(g, 1), dimension::C);
  EXPECT_EQ(cluster_size(g, 1), 64);
  EXPECT_EQ(tile(g, 0, dimension::C), 64);
  EXPECT_EQ(tile(g, 0, dimension::R), 3);
  // 16 rounds of 4 output channels, 2 of 64 input channels, 56 x 56 outputs, a 3 x 3 window each.
  const maestro_report r = evaluate_reference(styled.mapped, {}, to_mapping(g, styled.mapped));
  EXPECT_GE(r.figures.runtime_cycles, 16 * 2 * 56 * 56 * 9);
  EXPECT_LE(r.figures.runtime_cycles, 16 * 2 * 56 * 56 * 9 * 5 / 4);
}

TEST(StyleMapping, RowStationaryClustersAreAsLargeAsTheFilter) {
  const styled_layer styled = style_mapping(style("eye"), conv(64, 128, 60, 60, 5, 3), {});
  EXPECT_EQ(cluster_size(styled.mapping, 1), 5);
  EXPECT_EQ(second_parallel(styled.mapping, 1), index_of(dimension::Y));
}

TEST(StyleMapping, RefusesAMachineThatIsTooSmall) {
  accelerator a;
  a.num_pes = 32;
  EXPECT_THROW(style_mapping(style("dla"), conv(64, 128, 58, 58, 3, 3), a), input_error);
}

}  // namespace
}  // namespace cugamma
