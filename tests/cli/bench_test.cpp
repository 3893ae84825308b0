#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/bench/benchmark.hpp"
#include "cli/commands.hpp"
#include "cugamma/error.hpp"

namespace cugamma::cli {
namespace {

int run(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& a : arguments) argv.push_back(a.data());
  return run_bench(static_cast<int>(argv.size()), argv.data());
}

nlohmann::json run_json(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--format", "json"});
  testing::internal::CaptureStdout();
  EXPECT_EQ(run(arguments), exit_ok);
  return nlohmann::json::parse(testing::internal::GetCapturedStdout());
}

TEST(Bench, MeasuresEveryBackEndAtEverySize) {
  const auto j = run_json(
      {"bench", "--layer", "conv2_1", "--populations", "10,1e2", "--backends", "reference,cpu"});
  EXPECT_EQ(j.at("layers"), nlohmann::json({"vgg16/conv2_1"}));
  const auto& all = j.at("measurements");
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].at("backend"), "reference");
  EXPECT_EQ(all[3].at("backend"), "cpu");
  EXPECT_EQ(all[3].at("population"), 100);
  for (const auto& m : all) {
    EXPECT_GT(m.at("mappings_per_second"), 0);
    EXPECT_LE(m.at("seconds_least"), m.at("seconds_median"));
    EXPECT_LE(m.at("seconds_median"), m.at("seconds_most"));
  }
}

TEST(Bench, LayersAreNamedOrNumbered) {
  const std::vector<std::string> small{"bench",
                                       "--populations",
                                       "10",
                                       "--backends",
                                       "cpu",
                                       "--layer"};
  auto by_number = small;
  by_number.push_back("1");
  EXPECT_EQ(run_json(by_number).at("layers"), nlohmann::json({"vgg16/conv1_1"}));
  auto unknown = small;
  unknown.push_back("conv9_9");
  EXPECT_THROW(run(unknown), input_error);
}

TEST(Bench, RefusesWhatItCannotMeasure) {
  EXPECT_THROW(run({"bench", "--populations", "many"}), input_error);
  EXPECT_THROW(run({"bench", "--populations", "0"}), input_error);
  EXPECT_THROW(run({"bench", "--format", "yaml"}), input_error);
  EXPECT_THROW(run({"bench", "--backends", "gpu"}), input_error);
  EXPECT_THROW(
      run({"bench", "--populations", "10", "--backends", "cpu", "--maestro", "/no/such/program"}),
      backend_error);
}

// A back end that is wrong must not be timed.
class wrong_evaluator final : public evaluator {
 public:
  std::string_view name() const override { return "wrong"; }

 private:
  void do_evaluate(const batch&, std::span<cost> out) override {
    for (cost& c : out) c.num_macs = -1;
  }
};

TEST(Bench, AWrongBackEndIsRefusedBeforeItIsTimed) {
  const layer l;
  const accelerator a;
  const genome g;
  wrong_evaluator wrong;
  EXPECT_THROW(verify_sample(wrong, find_cost_model("maestro"), {{&l, 1}, {&a, 1}, {&g, 1}}, 10),
               backend_error);
}

TEST(Bench, SharesFollowFromTheRate) {
  measurement m;
  EXPECT_FALSE(shares_of(m).has_value());
  m.population = 1000;
  m.kernel_seconds = 1e-6;  // 1e9 mappings/s
  m.profile.multiprocessors = 100;
  m.profile.clock_hz = 1e9;
  m.profile.memory_bytes_s = 1.28e12;
  const auto shares = shares_of(m);
  EXPECT_NEAR(shares->arithmetic, 1e9 * kernel_lane_instructions / (4 * 32 * 1e11), 1e-12);
  EXPECT_NEAR(shares->bandwidth, 0.1, 1e-12);
}

}  // namespace
}  // namespace cugamma::cli
