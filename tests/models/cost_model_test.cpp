#include "cugamma/models/cost_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/evaluate/evaluation.hpp"
#include "cugamma/error.hpp"
#include "cugamma/evaluate/ranking.hpp"
#include "small_problems.hpp"

namespace cugamma {
namespace {

/// A back end that scores one cycle more than the reference.
class slow_by_one final : public evaluator {
 public:
  std::string_view name() const override { return "slow"; }

 private:
  void do_evaluate(const batch& b, std::span<cost> out) override {
    make_evaluator("reference")->evaluate(b, out);
    for (cost& c : out) ++c.runtime_cycles;
  }
};

mapping_file one_layer() {
  named_mapping given;
  given.name = "L";
  given.l = vgg16_8();
  genome g;
  set_level_count(g, 2);
  set_cluster_size(g, 1, 4);
  for (int level = 0; level < 2; ++level) {
    for (int d = 0; d < gene_dimension_count; ++d) {
      set_order(g, level, d, static_cast<dimension>(d));
      set_tile(g, level, static_cast<dimension>(d), d < 4 ? 1 : given.l.size[d]);
    }
  }
  set_parallel(g, 0, dimension::K);
  set_parallel(g, 1, dimension::Y);
  given.m = to_mapping(g, given.l);
  return {"net", {given}};
}

TEST(CostModel, UnknownNamesListWhatThereIs) {
  try {
    find_cost_model("timeleap");
    FAIL() << "an unknown cost model was found";
  } catch (const input_error& error) {
    EXPECT_NE(std::string(error.what()).find("'timeleap'"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("maestro"), std::string::npos) << error.what();
  }
}

TEST(CostModel, OneWithFilesOfItsOwnIsKnownButNotForLayers) {
  const file_cost_model* const own = find_file_cost_model("timeloop");
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(find_file_cost_model("maestro"), nullptr);
  try {
    find_cost_model(own->name);
    FAIL() << "a model with files of its own took layers";
  } catch (const input_error& error) {
    EXPECT_NE(std::string(error.what()).find(own->files), std::string::npos) << error.what();
  }
  cost_model twin = find_cost_model("maestro");
  twin.name = own->name;
  EXPECT_THROW(register_cost_model(twin), input_error);
}

TEST(CostModel, EveryRowIsComplete) {
  for (const file_cost_model* m : file_cost_models()) {
    EXPECT_FALSE(m->name.empty() || m->about.empty() || m->files.empty());
  }
  for (const cost_model* m : cost_models()) {
    EXPECT_FALSE(m->name.empty() || m->about.empty());
    EXPECT_NE(m->obstacle, nullptr);
    EXPECT_NE(m->explain, nullptr);
    EXPECT_NE(m->price, nullptr);
    EXPECT_FALSE(m->columns.empty());
    EXPECT_LE(m->doubts.size(), static_cast<std::size_t>(max_doubts));
    for (const doubt& d : m->doubts) {
      EXPECT_EQ(d.bit & ~implausible_mask, 0u) << d.name;
      EXPECT_FALSE(d.passes.empty() || d.fails.empty() || d.rejected.empty()) << d.name;
    }
  }
}

TEST(CostModel, ExplainHoldsOneValueAColumnAndThePrice) {
  const mapping_file file = one_layer();
  for (const cost_model* m : cost_models()) {
    const report r = m->explain(file.layers[0].l, small_machine(), *file.layers[0].m);
    ASSERT_TRUE(is_legal(r.figures.status));
    EXPECT_EQ(r.values.size(), m->columns.size());
    EXPECT_EQ(m->price(file.layers[0].l, small_machine(), *file.layers[0].m), r.figures);
    for (std::size_t i = 0; i < m->columns.size(); ++i) {
      const report_column& c = m->columns[i];
      if (c.from_cost == nullptr) continue;
      EXPECT_EQ(c.from_cost(r.figures, small_machine()), r.values[i]) << c.name;
    }
  }
}

TEST(CostModel, BeliefDecidesWhichDoubtsReject) {
  const cost_model& m = find_cost_model("maestro");
  const std::uint32_t limits = illegal_mask | too_large_mask;
  EXPECT_EQ(rejecting_bits(m, belief::maestro), limits);
  EXPECT_EQ(rejecting_bits(m, belief::strict), limits | implausible_mask);
  EXPECT_EQ(rejecting_bits(m, belief::plausible),
            limits | implausible_macs | implausible_runtime | implausible_traffic);
}

TEST(Evaluation, ABackEndAskedForIsTheOneThatScores) {
  const cost_model& m = find_cost_model("maestro");
  slow_by_one slow;
  const auto by_reference =
      cli::evaluate_file(one_layer(), small_machine(), m, *make_evaluator("reference"));
  const auto by_slow = cli::evaluate_file(one_layer(), small_machine(), m, slow);
  ASSERT_TRUE(by_reference.all_ok() && by_slow.all_ok());
  const report &expected = by_reference.layers[0].figures, &got = by_slow.layers[0].figures;
  EXPECT_EQ(got.figures.runtime_cycles, expected.figures.runtime_cycles + 1);
  EXPECT_EQ(find_value(m, got, "runtime_cycles"), *find_value(m, expected, "runtime_cycles") + 1);
  EXPECT_EQ(find_value(m, got, "ingress_max"), find_value(m, expected, "ingress_max"));
  EXPECT_TRUE(by_reference.from_reference.empty());
  EXPECT_NE(std::ranges::find(by_slow.from_reference, "ingress_max"), by_slow.from_reference.end());
  EXPECT_EQ(std::ranges::find(by_slow.from_reference, "runtime_cycles"),
            by_slow.from_reference.end());
}

}  // namespace
}  // namespace cugamma
