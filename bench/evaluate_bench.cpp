// Google Benchmark over every back end that can run: evaluate/<layer>/<back end>/<population>. Each
// population is compared with the reference, on a sample, before it is timed; all memory is
// allocated outside the timed region. Back ends on a device report their kernels alone as
// .../kernel.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "cugamma/evaluator.hpp"
#include "cugamma/network.hpp"
#include "cugamma/random_mapping.hpp"

namespace cugamma {
namespace {

// One layer with its population, as GAMMA draws its first one.
struct workload {
  layer l;
  accelerator a;
  std::vector<genome> genomes;
  std::vector<cost> costs;
  batch as_batch() const { return {{&l, 1}, {&a, 1}, genomes}; }
};

std::shared_ptr<workload> make_workload(const layer& l, std::size_t population) {
  auto w = std::make_shared<workload>();
  w->l = unit_stride(l);
  w->a.num_pes = 168;
  w->genomes.resize(population);
  w->costs.resize(population);
  for (std::size_t i = 0; i < population; ++i) {
    random_stream random(1, 0, i);
    w->genomes[i] = draw_mapping(w->l, w->a, mapping_draw::initial, random);
  }
  return w;
}

bool is_right(evaluator& e, const workload& w) {
  const auto sample = std::span(w.genomes).first(std::min<std::size_t>(200, w.genomes.size()));
  const batch b{{&w.l, 1}, {&w.a, 1}, sample};
  std::vector<cost> expected(sample.size()), got(sample.size());
  make_evaluator("reference")->evaluate(b, expected);
  e.evaluate(b, got);
  return expected == got;
}

void run(benchmark::State& state,
         const std::string& back_end,
         const layer& l,
         std::size_t population,
         bool kernel_only) {
  const auto w = make_workload(l, population);
  evaluator_options options;
  options.profile = kernel_only;
  const auto e = make_evaluator(back_end, options);
  if (!is_right(*e, *w)) return state.SkipWithError("a sample differs from the reference");
  for (auto _ : state) {
    e->evaluate(w->as_batch(), w->costs);
    if (kernel_only) state.SetIterationTime(e->profile().kernel_seconds);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(population));
}

void add(const std::string& name,
         const std::string& back_end,
         const layer& l,
         std::size_t population) {
  const std::string path = fmt::format("evaluate/{}/{}/{}", name, back_end, population);
  const auto whole = [=](benchmark::State& s) { run(s, back_end, l, population, false); };
  benchmark::RegisterBenchmark(path.c_str(), whole)->UseRealTime();
  if (back_end != "cuda") return;
  const auto kernel = [=](benchmark::State& s) { run(s, back_end, l, population, true); };
  benchmark::RegisterBenchmark((path + "/kernel").c_str(), kernel)->UseManualTime();
}

void add_layer(const std::string& model, const std::string& layer_name) {
  const network n = read_network(find_model(model));
  const auto found = std::ranges::find(n.layers, layer_name, &network_layer::name);
  for (const std::string& back_end : available_evaluators()) {
    for (const std::size_t population : {1024, 65536, 1048576}) {
      if (back_end == "reference" && population > 1024) continue;
      add(fmt::format("{}_{}", model, layer_name), back_end, found->l, population);
    }
  }
}

}  // namespace
}  // namespace cugamma

int main(int argc, char** argv) {
  for (const char* layer : {"conv1_1", "conv2_1", "conv4_2", "conv5_3"}) {
    cugamma::add_layer("vgg16", layer);
  }
  cugamma::add_layer("resnet50", "layer1.0.conv2");
  cugamma::add_layer("mobilenet_v2", "features.1.conv.0.0");
  cugamma::add_layer("bert_base", "attention.query_key_value");
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
