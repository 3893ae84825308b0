// Rates of Timeloop's model: timeloop/<accelerator>/<layer>/cpu/<population>/1_core and, where a
// GPU is, timeloop/<accelerator>/<layer>/cuda/<population> and .../kernel, the kernels alone
// (on_host: how many mappings they leave to the host). Accelerators are those of its golden tables:
// three levels with 64 elements (trio), five levels with 14 x 12 elements (rows). Populations are
// of random mappings that fit all fan-outs; buffers are without limit, so that all are counted to
// the end. A sample is compared with the reference before anything is timed.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>

#include "cugamma/formats/timeloop_files.hpp"
#include "cugamma/models/timeloop/device_scoring.hpp"
#include "cugamma/models/timeloop/explain.hpp"
#include "rates.hpp"

namespace cugamma::timeloop {
namespace {

struct case_of_rates {
  std::string machine_name;
  std::string layer_name;
  architecture machine;
  problem layer;
};

constexpr const char* conv_shape =
    "problem:\n"
    "  shape: cnn_layer\n"
    "  instance: {{R: 3, S: 3, P: {0}, Q: {0}, C: {1}, K: {2}, N: 1}}\n";
constexpr const char* gemm_shape =
    "problem:\n"
    "  shape:\n"
    "    dimensions: [M, N, K]\n"
    "    data_spaces:\n"
    "    - {name: A, projection: [[[M]], [[K]]]}\n"
    "    - {name: B, projection: [[[K]], [[N]]]}\n"
    "    - {name: Z, projection: [[[M]], [[N]]], read_write: true}\n"
    "  instance: {M: 512, N: 768, K: 768}\n";

std::vector<case_of_rates> all_cases() {
  const std::pair<std::string, std::string> layers[] = {
      {"vgg16_conv1_1", fmt::format(conv_shape, 224, 3, 64)},
      {"vgg16_conv4_2", fmt::format(conv_shape, 28, 512, 512)},
      {"bert_gemm_512_768_768", gemm_shape}};
  std::ifstream in(CUGAMMA_SOURCE_DIR "/tests/models/timeloop/golden/archs.json");
  const nlohmann::json machines = nlohmann::json::parse(in);
  std::vector<case_of_rates> cases;
  for (const std::string name : {"trio", "rows"}) {
    for (const auto& [layer, text] : layers) {
      const file_text files[] = {{name, machines.at(name)}, {layer, text}};
      const file_contents read = parse_files(files);
      cases.push_back({name, layer, *read.machine, *read.layer});
      for (storage_level& l : cases.back().machine.levels) l.size_words.reset();
    }
  }
  return cases;
}

void set_four_bits(std::uint8_t* bytes, int i, int value) {
  const int shift = 4 * (i % 2);
  bytes[i / 2] = static_cast<std::uint8_t>((bytes[i / 2] & ~(15 << shift)) | value << shift);
}

genome draw(std::mt19937_64& random, const genome_shape& s) {
  genome g;
  const auto count = static_cast<std::uint64_t>(s.num_places);
  for (int i = 0; i < s.num_primes; ++i) {
    set_four_bits(g.places.data(), i, static_cast<int>(random() % count));
  }
  for (std::size_t b = 0; b < static_cast<std::size_t>(s.num_levels); ++b) {
    for (std::uint8_t* order : {&g.temporal_orders[b * 5], &g.spatial_orders[b * 5]}) {
      std::array<int, max_dimensions> dimensions;
      std::iota(dimensions.begin(), dimensions.end(), 0);
      std::shuffle(dimensions.begin(), dimensions.begin() + s.num_dimensions, random);
      for (int i = 0; i < max_dimensions; ++i) {
        set_four_bits(order, i, dimensions[static_cast<std::size_t>(i)]);
      }
    }
    g.split[b] = static_cast<std::uint8_t>(random() % (s.num_dimensions + 1u));
    g.keep[b] = static_cast<std::uint8_t>(random() % 2 != 0 ? 0xff : random());
  }
  g.keep[static_cast<std::size_t>(s.num_levels - 1)] = 0xff;
  return g;
}

/// Random mappings that none rejects, repeated from `different` on.
std::vector<genome> draw_population(const scorer& s, std::size_t count) {
  std::mt19937_64 random(1);
  constexpr std::size_t different = 65536;
  std::vector<genome> genomes, drawn(1024);
  std::vector<cost> costs(drawn.size());
  while (genomes.size() < std::min(count, different)) {
    for (genome& g : drawn) g = draw(random, s.shape());
    s.score(drawn, costs);
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      if (costs[i].why == rejection::none) genomes.push_back(drawn[i]);
    }
  }
  genomes.resize(std::min({count, different, genomes.size()}));
  for (std::size_t i = 0; genomes.size() < count; ++i) genomes.push_back(genomes[i]);
  return genomes;
}

bool is_right(const case_of_rates& c,
              const genome_shape& shape,
              std::span<const genome> genomes,
              std::span<const cost> costs) {
  for (std::size_t i = 0; i < std::min<std::size_t>(200, genomes.size()); ++i) {
    const figures f = explain(c.machine, c.layer, decode(genomes[i], shape));
    if (f.cycles != costs[i].cycles || f.energy_pj != costs[i].energy_pj) return false;
  }
  return true;
}

/// Times score(genomes, costs) once a sample is right. score returns the seconds it took where they
/// are not those of a clock around it.
template <class Score>
void run(benchmark::State& state, const case_of_rates& c, std::size_t population, Score score) {
  const scorer host(c.machine, c.layer);
  const std::vector<genome> genomes = draw_population(host, population);
  std::vector<cost> costs(population);
  score(genomes, costs);
  if (!is_right(c, host.shape(), genomes, costs)) {
    return state.SkipWithError("a sample differs from the reference");
  }
  for (auto _ : state) state.SetIterationTime(score(genomes, costs));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(population));
}

void add_host(const std::string& path, const case_of_rates& c) {
  constexpr std::size_t population = 20000;
  benchmark::RegisterBenchmark(fmt::format("{}cpu/{}/1_core", path, population).c_str(),
                               [c](benchmark::State& state) {
                                 const scorer s(c.machine, c.layer);
                                 run(state, c, population, [&](const auto& genomes, auto& costs) {
                                   s.score(genomes, costs);
                                   return 0.0;
                                 });
                               });
}

void add_device(const std::string& path, const case_of_rates& c) {
  constexpr std::size_t population = 1048576;
  const auto rate = [c](bool timed) {
    return [c, timed](benchmark::State& state) {
      device_scorer s(c.machine, c.layer, timed);
      run(state, c, population, [&](const auto& genomes, auto& costs) {
        s.score(genomes, costs);
        return s.last_effort().kernel_seconds;
      });
      state.counters["on_host"] = static_cast<double>(s.last_effort().on_host);
    };
  };
  const std::string whole = fmt::format("{}cuda/{}", path, population);
  benchmark::RegisterBenchmark(whole.c_str(), rate(false))->UseRealTime();
  benchmark::RegisterBenchmark((whole + "/kernel").c_str(), rate(true))->UseManualTime();
}

}  // namespace
}  // namespace cugamma::timeloop

int main(int argc, char** argv) {
  const bool has_device = !cugamma::device_name().empty();
  for (const auto& c : cugamma::timeloop::all_cases()) {
    const std::string path = fmt::format("timeloop/{}/{}/", c.machine_name, c.layer_name);
    cugamma::timeloop::add_host(path, c);
    if (has_device) cugamma::timeloop::add_device(path, c);
  }
  return cugamma::run_benchmarks(argc, argv, true);
}
