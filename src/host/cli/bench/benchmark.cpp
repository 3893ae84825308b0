#include "cli/bench/benchmark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory_resource>

#include "cli/bench/comparison.hpp"
#include "cugamma/error.hpp"

namespace cugamma::cli {
namespace {

double seconds_of(evaluator& e, const batch& b, std::span<cost> out) {
  const auto start = std::chrono::steady_clock::now();
  e.evaluate(b, out);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

std::optional<device_shares> shares_of(const measurement& m) {
  if (m.kernel_seconds <= 0) return std::nullopt;
  const double rate = m.kernel_mappings_per_second();
  const double lanes = 4.0 * 32.0 * m.profile.multiprocessors * m.profile.clock_hz;
  return device_shares{rate * kernel_lane_instructions / lanes,
                       rate * (sizeof(genome) + sizeof(cost)) / m.profile.memory_bytes_s};
}

void verify_sample(evaluator& e, const cost_model& model, const batch& b, std::size_t sample) {
  const auto genomes = b.genomes.first(std::min(sample, b.genomes.size()));
  const batch part{b.layers, b.accelerators, genomes};
  std::vector<cost> expected(genomes.size()), got(genomes.size());
  make_evaluator("reference", {.model = &model})->evaluate(part, expected);
  e.evaluate(part, got);
  const auto [at, other] = std::ranges::mismatch(expected, got);
  if (at == expected.end()) return;
  throw backend_error(fmt::format("back end {} is wrong on mapping {} (reference, {}):\n{}",
                                  e.name(),
                                  at - expected.begin(),
                                  e.name(),
                                  describe_difference(*at, *other)));
}

std::vector<double> sorted_seconds(int repetitions, const std::function<double()>& time) {
  time();
  std::vector<double> seconds;
  for (int i = 0; i < repetitions; ++i) seconds.push_back(time());
  std::ranges::sort(seconds);
  return seconds;
}

measurement measure(const std::string& back_end,
                    const batch& population,
                    int repetitions,
                    evaluator_options options) {
  const auto e = make_evaluator(back_end, options);
  const std::pmr::vector<genome> genomes(population.genomes.begin(),
                                         population.genomes.end(),
                                         e->memory());
  std::pmr::vector<cost> out(genomes.size(), e->memory());
  const batch b{population.layers, population.accelerators, genomes};
  const std::vector<double> seconds =
      sorted_seconds(repetitions, [&] { return seconds_of(*e, b, out); });

  measurement m{back_end,
                b.genomes.size(),
                seconds[seconds.size() / 2],
                seconds.front(),
                seconds.back(),
                0,
                e->profile()};
  if (m.profile.device.empty()) return m;
  options.profile = true;
  const auto timed = make_evaluator(back_end, options);
  const std::vector<double> in_kernels = sorted_seconds(repetitions, [&] {
    timed->evaluate(b, out);
    return timed->profile().kernel_seconds;
  });
  m.kernel_seconds = in_kernels[in_kernels.size() / 2];
  return m;
}

}  // namespace cugamma::cli
