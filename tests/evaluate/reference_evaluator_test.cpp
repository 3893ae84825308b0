#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "models/maestro/reference/reference_model.hpp"

namespace cugamma {
namespace {

using enum dimension;

layer conv() {
  layer l;
  l[K] = 12;
  l[C] = 6;
  l[Y] = l[X] = 9;
  l[R] = l[S] = 3;
  return l;
}

/// Two levels, random tiles that fit and ones that do not.
genome random_genome(std::mt19937& rng) {
  const layer l = conv();
  genome g;
  set_level_count(g, 2);
  set_cluster_size(g, 1, 1 + static_cast<int>(rng() % 20));
  for (int level = 0; level < 2; ++level) {
    const int rotation = static_cast<int>(rng() % gene_dimension_count);
    for (int d = 0; d < gene_dimension_count; ++d) {
      const dimension dim = static_cast<dimension>(d);
      const int size = output_size(l, dim);
      const bool filter = dim == R || dim == S;
      set_tile(g, level, dim, filter ? size : 1 + static_cast<int>(rng() % size));
      set_order(g, level, (d + rotation) % gene_dimension_count, dim);
    }
    set_parallel(g, level, static_cast<dimension>(rng() % 4));
  }
  if (rng() % 4 == 0) set_own_pes(g, 1 + static_cast<int>(rng() % 64));
  return g;
}

struct population {
  std::vector<layer> layers{conv()};
  std::vector<accelerator> accelerators = std::vector<accelerator>(1);
  std::vector<genome> genomes;

  explicit population(int count) {
    accelerators[0].num_pes = 16;
    std::mt19937 rng(7);
    for (int i = 0; i < count; ++i) genomes.push_back(random_genome(rng));
  }
  batch view() const { return {layers, accelerators, genomes}; }
};

TEST(ReferenceEvaluator, GivesTheCostOfEachReport) {
  const population p(500);
  std::vector<cost> out(p.genomes.size());
  make_evaluator("reference")->evaluate(p.view(), out);
  int legal = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    accelerator a = p.accelerators[0];
    a.num_pes = pes_of(p.genomes[i], a);
    const mapping m = to_mapping(p.genomes[i], p.layers[0]);
    EXPECT_EQ(out[i], evaluate_reference(p.layers[0], a, m).figures) << i;
    legal += is_legal(out[i].status) ? 1 : 0;
  }
  EXPECT_GT(legal, 20);
  EXPECT_LT(legal, 480);
}

TEST(ReferenceEvaluator, ThreadsDoNotChangeTheResult) {
  const population p(300);
  std::vector<cost> one(p.genomes.size());
  std::vector<cost> three(p.genomes.size());
  make_evaluator("reference", {.threads = 1})->evaluate(p.view(), one);
  make_evaluator("reference", {.threads = 3})->evaluate(p.view(), three);
  EXPECT_EQ(one, three);
}

TEST(ReferenceEvaluator, AnIllegalMappingHasOnlyItsStatus) {
  population p(1);
  set_cluster_size(p.genomes[0], 1, 1000);
  std::vector<cost> out(1);
  make_evaluator("reference")->evaluate(p.view(), out);
  EXPECT_NE(out[0].status & clusters_exceed_pes, 0u);
  cost only_status;
  only_status.status = out[0].status;
  EXPECT_EQ(out[0], only_status);
}

TEST(ReferenceEvaluator, ABatchThatDoesNotFitIsRefused) {
  population p(2);
  const auto reference = make_evaluator("reference");
  std::vector<cost> out(2);
  EXPECT_NO_THROW(reference->evaluate({p.layers, p.accelerators, {}}, {}));
  EXPECT_THROW(reference->evaluate(p.view(), std::span(out).first(1)), input_error);
  p.accelerators[0].noc_bw = 0;
  EXPECT_THROW(reference->evaluate(p.view(), out), input_error);
  p = population(2);
  p.genomes[1].layer_index = 1;
  EXPECT_THROW(reference->evaluate(p.view(), out), input_error);
  p = population(2);
  p.layers[0].stride_x = 2;
  EXPECT_THROW(reference->evaluate(p.view(), out), input_error);
}

}  // namespace
}  // namespace cugamma
