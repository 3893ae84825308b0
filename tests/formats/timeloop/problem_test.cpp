#include <gtest/gtest.h>

#include <algorithm>

#include "cugamma/formats/timeloop_output.hpp"
#include "cugamma/models/timeloop/layer_problem.hpp"
#include "formats/timeloop/small_files.hpp"

namespace cugamma::timeloop {
namespace {

problem read(const std::string& text) {
  return *parse_files(std::vector<file_text>{{"p.yaml", text}}).layer;
}

std::vector<std::int64_t> sizes_of(const problem& p) {
  std::vector<std::int64_t> sizes;
  for (const dimension& d : p.dimensions) sizes.push_back(d.size);
  return sizes;
}

TEST(TimeloopProblem, ShapesHoldDimensionsTensorsAndCoefficients) {
  const problem p = read(small_problem);
  EXPECT_EQ(p.name, "gemm");
  EXPECT_EQ(sizes_of(p), (std::vector<std::int64_t>{8, 6, 4}));
  ASSERT_EQ(p.tensors.size(), 3U);
  EXPECT_EQ(p.tensors[0], (tensor{"A", {{{0, 2}}, {{2, 1}}}, false}));
  EXPECT_EQ(p.tensors[2], (tensor{"Z", {{{0, 1}}, {{1, 1}}}, true}));
  EXPECT_EQ(read(with(small_problem, "K: 4}", "K: 4, step: 3}")).tensors[0].axes[0][0],
            (axis_term{0, 3}));
}

TEST(TimeloopProblem, TheLayerOfACnnNeedsNoShape) {
  const std::string sizes = "R: 3, S: 2, P: 5, Q: 6, C: 7, K: 8, N: 1, Wstride: 2, Hdilation: 3";
  const problem p = read("problem: {" + sizes + "}");
  EXPECT_EQ(sizes_of(p), (std::vector<std::int64_t>{3, 2, 5, 6, 7, 8, 1}));
  EXPECT_EQ(p.tensors[1].name, "Inputs");
  EXPECT_EQ(p.tensors[1].axes[2], (axis{{0, 1}, {2, 2}}));
  EXPECT_EQ(p.tensors[1].axes[3], (axis{{1, 3}, {3, 1}}));
  EXPECT_TRUE(p.tensors[2].is_output);
  EXPECT_EQ(p, read("problem: {shape: cnn-layer, instance: {" + sizes + "}}"));
  EXPECT_EQ(p, read("problem: {shape: cnn_layer, " + sizes + "}"));
}

TEST(TimeloopProblem, TheGemmHasAName) {
  const problem p = read("problem: {shape: gemm_ABZ, M: 2, N: 3, K: 4}");
  EXPECT_EQ(macs(p), 24);
  EXPECT_EQ(p.tensors[1], (tensor{"B", {{{1, 1}}, {{2, 1}}}, false}));
}

TEST(TimeloopProblem, AProjectionMayBeAListOfDimensions) {
  const std::string flat = with(small_problem, "projection: [[[K]], [[N]]]", "projection: [K, N]");
  EXPECT_EQ(read(flat), read(small_problem));
}

TEST(TimeloopProblem, HyphensAreUnderscoresAndEqualKeysMayComeAgain) {
  const std::string hyphens =
      with(with(small_problem, "data_spaces", "data-spaces"), "read_write", "read-write");
  EXPECT_EQ(read(hyphens), read(small_problem));
  EXPECT_EQ(read(with(small_problem, "K: 4}", "K: 4, M: 8}")), read(small_problem));
}

TEST(TimeloopProblem, DensitiesOfOneAreDense) {
  for (const char* density : {"densities: {A: 1, B: 1.0}",
                              "commonDensity: 1",
                              "densities: {A: {distribution: fixed_structured, density: 1}}"}) {
    EXPECT_EQ(read(with(small_problem, "K: 4}", std::string("K: 4, ") + density + "}")),
              read(small_problem));
  }
}

layer strided_layer() {
  layer l;
  l.size = {8, 4, 13, 10, 3, 2, 2, 1};  // K C Y X R S N G
  l.stride_y = 2;
  l.stride_x = 3;
  return l;
}

TEST(TimeloopProblem, LayersKeepTheirStrides) {
  const problem p = problem_of(strided_layer(), "a layer");
  EXPECT_EQ(sizes_of(p), (std::vector<std::int64_t>{3, 2, 6, 3, 4, 8, 2}));
  EXPECT_EQ(macs(p), layer_macs(strided_layer()));
  EXPECT_EQ(p.tensors[1].axes,
            (std::vector<axis>{{{6, 1}}, {{4, 1}}, {{0, 1}, {2, 2}}, {{1, 1}, {3, 3}}}));
  EXPECT_EQ(p.tensors[2].axes.size(), 4U);
}

TEST(TimeloopProblem, DepthwiseLayersHaveNoK) {
  layer l = strided_layer();
  l.type = layer_type::dsconv;
  l[cugamma::dimension::K] = 1;
  const problem p = problem_of(l, "depthwise");
  EXPECT_EQ(sizes_of(p), (std::vector<std::int64_t>{3, 2, 6, 3, 4, 2}));
  EXPECT_EQ(p.tensors[0].axes, (std::vector<axis>{{{4, 1}}, {{0, 1}}, {{1, 1}}}));
  EXPECT_EQ(p.tensors[2].axes, (std::vector<axis>{{{5, 1}}, {{4, 1}}, {{3, 1}}, {{2, 1}}}));
  EXPECT_EQ(macs(p), layer_macs(l));
}

TEST(TimeloopProblem, GroupsAreADimensionOfEveryTensor) {
  layer l = strided_layer();
  l.type = layer_type::ngconv;
  l[cugamma::dimension::G] = 5;
  const problem p = problem_of(l, "groups");
  EXPECT_EQ(macs(p), layer_macs(l));
  EXPECT_EQ(p.dimensions.back().name, 'G');
  for (const tensor& t : p.tensors) {
    EXPECT_TRUE(std::ranges::count(t.axes, axis{{7, 1}}) == 1) << t.name;
  }
}

TEST(TimeloopProblem, AGemmIsALayerOfOneColumn) {
  layer l;
  l.type = layer_type::gemm;
  l[cugamma::dimension::Y] = 512;
  l[cugamma::dimension::C] = 768;
  l[cugamma::dimension::K] = 64;
  EXPECT_EQ(sizes_of(problem_of(l, "gemm")), (std::vector<std::int64_t>{1, 1, 512, 1, 768, 64, 1}));
}

TEST(TimeloopProblem, WhatIsWrittenReadsBackTheSame) {
  const problem layers = problem_of(strided_layer(), "a layer: 1");
  EXPECT_EQ(read(problem_yaml(layers)), layers);
  const problem gemm = read(small_problem);
  EXPECT_EQ(read(problem_yaml(gemm)), gemm);
  EXPECT_NE(problem_yaml(layers).find("times2"), std::string::npos);
}

}  // namespace
}  // namespace cugamma::timeloop
