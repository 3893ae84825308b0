#include "cugamma/evaluate/timeloop_back_ends.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>

#include "cugamma/error.hpp"
#include "cugamma/models/timeloop/device_scoring.hpp"
#include "evaluate/back_end.hpp"
#include "evaluate/timeloop/reference_cost.hpp"

namespace cugamma::timeloop {
namespace {

constexpr std::size_t block = 512;  ///< mappings that a core scores at a time
constexpr std::int64_t least_for_cuda = 4096;

/// Calls score(genomes, costs) for blocks, on all cores where it pays.
template <class Score>
void score_blocks(std::span<const genome> genomes, std::span<cost> costs, const Score& score) {
  const std::size_t blocks = (genomes.size() + block - 1) / block;
  const auto one = [&](std::size_t i) {
    const std::size_t begin = i * block;
    const std::size_t count = std::min(block, genomes.size() - begin);
    score(genomes.subspan(begin, count), costs.subspan(begin, count));
  };
  if (blocks == 1) return one(0);
  tbb::parallel_for(std::size_t{0}, blocks, one);
}

score_function make_reference(const architecture& a, const problem& p) {
  const genome_shape shape = make_genome_shape(a, p);
  return [a, p, shape](std::span<const genome> genomes, std::span<cost> costs) {
    score_blocks(genomes, costs, [&](std::span<const genome> in, std::span<cost> out) {
      for (std::size_t i = 0; i < in.size(); ++i) {
        out[i] = reference_cost(a, p, decode(in[i], shape));
      }
    });
  };
}

score_function make_cpu(const architecture& a, const problem& p) {
  const auto shared = std::make_shared<const scorer>(a, p);
  return [shared](std::span<const genome> genomes, std::span<cost> costs) {
    score_blocks(genomes, costs, [&](std::span<const genome> in, std::span<cost> out) {
      shared->score(in, out);
    });
  };
}

score_function make_cuda(const architecture& a, const problem& p) {
  struct locked {
    locked(const architecture& machine, const problem& work) : device(machine, work) {}
    std::mutex one_at_a_time;
    device_scorer device;
  };
  const auto shared = std::make_shared<locked>(a, p);
  return [shared](std::span<const genome> genomes, std::span<cost> costs) {
    const std::lock_guard lock(shared->one_at_a_time);
    shared->device.score(genomes, costs);
  };
}

struct row {
  std::string_view name;
  std::optional<std::string> (*obstacle)();
  score_function (*make)(const architecture& a, const problem& p);
};
constexpr std::array rows{row{"reference", no_obstacle, make_reference},
                          row{"cpu", no_obstacle, make_cpu},
                          row{"cuda", cuda_back_end_obstacle, make_cuda}};

const row& find(std::string_view name) {
  const auto found = std::ranges::find(rows, name, &row::name);
  if (found != rows.end()) return *found;
  throw input_error(fmt::format("unknown back end \"{}\", expected auto, {}",
                                name,
                                fmt::join(back_ends(), ", ")));
}

}  // namespace

std::vector<std::string> back_ends() {
  std::vector<std::string> names;
  for (const row& r : rows) names.emplace_back(r.name);
  return names;
}

std::optional<std::string> back_end_obstacle(std::string_view name) {
  return find(name).obstacle();
}

score_function make_back_end(std::string_view name, const architecture& a, const problem& p) {
  const row& r = find(name);
  if (const auto obstacle = r.obstacle()) {
    throw backend_error(fmt::format("back end '{}' cannot run: {}", name, *obstacle));
  }
  return r.make(a, p);
}

std::string fastest_back_end(std::int64_t population) {
  return population >= least_for_cuda && !cuda_back_end_obstacle() ? "cuda" : "cpu";
}

}  // namespace cugamma::timeloop
