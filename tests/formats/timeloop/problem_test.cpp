#include <gtest/gtest.h>

#include "formats/timeloop/small_files.hpp"

namespace cugamma::timeloop {
namespace {

problem problem_of(const std::string& text) {
  return *parse_files(std::vector<file_text>{{"p.yaml", text}}).layer;
}

std::vector<std::int64_t> sizes_of(const problem& p) {
  std::vector<std::int64_t> sizes;
  for (const dimension& d : p.dimensions) sizes.push_back(d.size);
  return sizes;
}

TEST(TimeloopProblem, ShapesHoldDimensionsTensorsAndCoefficients) {
  const problem p = problem_of(small_problem);
  EXPECT_EQ(p.name, "gemm");
  EXPECT_EQ(sizes_of(p), (std::vector<std::int64_t>{8, 6, 4}));
  ASSERT_EQ(p.tensors.size(), 3U);
  EXPECT_EQ(p.tensors[0], (tensor{"A", {{{0, 2}}, {{2, 1}}}, false}));
  EXPECT_EQ(p.tensors[2], (tensor{"Z", {{{0, 1}}, {{1, 1}}}, true}));
  EXPECT_EQ(problem_of(with(small_problem, "K: 4}", "K: 4, step: 3}")).tensors[0].axes[0][0],
            (axis_term{0, 3}));
}

TEST(TimeloopProblem, TheLayerOfACnnNeedsNoShape) {
  const std::string sizes = "R: 3, S: 2, P: 5, Q: 6, C: 7, K: 8, N: 1, Wstride: 2, Hdilation: 3";
  const problem p = problem_of("problem: {" + sizes + "}");
  EXPECT_EQ(sizes_of(p), (std::vector<std::int64_t>{3, 2, 5, 6, 7, 8, 1}));
  EXPECT_EQ(p.tensors[1].name, "Inputs");
  EXPECT_EQ(p.tensors[1].axes[2], (axis{{0, 1}, {2, 2}}));
  EXPECT_EQ(p.tensors[1].axes[3], (axis{{1, 3}, {3, 1}}));
  EXPECT_TRUE(p.tensors[2].is_output);
  EXPECT_EQ(p, problem_of("problem: {shape: cnn-layer, instance: {" + sizes + "}}"));
  EXPECT_EQ(p, problem_of("problem: {shape: cnn_layer, " + sizes + "}"));
}

TEST(TimeloopProblem, TheGemmHasAName) {
  const problem p = problem_of("problem: {shape: gemm_ABZ, M: 2, N: 3, K: 4}");
  EXPECT_EQ(macs(p), 24);
  EXPECT_EQ(p.tensors[1], (tensor{"B", {{{1, 1}}, {{2, 1}}}, false}));
}

TEST(TimeloopProblem, AProjectionMayBeAListOfDimensions) {
  const std::string flat = with(small_problem, "projection: [[[K]], [[N]]]", "projection: [K, N]");
  EXPECT_EQ(problem_of(flat), problem_of(small_problem));
}

TEST(TimeloopProblem, HyphensAreUnderscoresAndEqualKeysMayComeAgain) {
  const std::string hyphens =
      with(with(small_problem, "data_spaces", "data-spaces"), "read_write", "read-write");
  EXPECT_EQ(problem_of(hyphens), problem_of(small_problem));
  EXPECT_EQ(problem_of(with(small_problem, "K: 4}", "K: 4, M: 8}")), problem_of(small_problem));
}

TEST(TimeloopProblem, DensitiesOfOneAreDense) {
  for (const char* density : {"densities: {A: 1, B: 1.0}",
                              "commonDensity: 1",
                              "densities: {A: {distribution: fixed_structured, density: 1}}"}) {
    EXPECT_EQ(problem_of(with(small_problem, "K: 4}", std::string("K: 4, ") + density + "}")),
              problem_of(small_problem));
  }
}

}  // namespace
}  // namespace cugamma::timeloop
