// Google Benchmark over every back end that can run:
// evaluate/<layer>/<draw>/<NoC>/<back end>/<population>[/1_core|/kernel]. Draws: initial (as GAMMA
// draws its first population), converged (the generations of a search after 20,000 evaluations).
// Each population is compared with the reference, on a sample, before it is timed; all memory is
// allocated outside the timed region. Back ends on a device report their kernels alone as
// .../kernel. The counter `classes` is the mean number of case classes that a mapping has.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/formats/network_file.hpp"
#include "cugamma/mapping/search_space.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "mapping/draw_mapping.hpp"
#include "models/maestro/walked/tiles.hpp"
#include "results.hpp"

namespace cugamma {
namespace {

// One layer with its population.
struct workload {
  layer l;
  accelerator a;
  std::vector<genome> genomes;
};

// What one benchmark measures.
struct subject {
  std::string layer_name;
  layer l;
  bool converged;
  std::int32_t noc_bw;
  std::string back_end;
  std::size_t population;
};

void draw_initial(workload& w) {
  for (std::size_t i = 0; i < w.genomes.size(); ++i) {
    random_stream random(1, 0, i);
    w.genomes[i] = draw_mapping(w.l, w.a, mapping_draw::initial, random);
  }
}

// The generations that a search proposes once it has converged, as many as the population takes.
void draw_converged(workload& w) {
  search_options options;
  options.population = 200;
  genetic_search search(make_search_space(w.l, w.a), w.a, options);
  const auto cpu = make_evaluator("cpu");
  std::size_t filled = 0;
  while (filled < w.genomes.size()) {
    const auto asked = search.ask(options.population);
    std::vector<cost> costs(asked.size());
    cpu->evaluate({{&w.l, 1}, {&w.a, 1}, asked}, costs);
    const std::size_t n = std::min(asked.size(), w.genomes.size() - filled);
    if (search.evaluations() >= 20000) {
      std::copy_n(asked.begin(), n, w.genomes.begin() + static_cast<std::ptrdiff_t>(filled));
      filled += n;
    }
    search.tell(costs);
  }
}

std::shared_ptr<workload> make_workload(const subject& s) {
  auto w = std::make_shared<workload>();
  w->l = unit_stride(s.l);
  w->a.num_pes = 168;
  w->a.l1_size_elems = 512;
  w->a.l2_size_elems = 108000;
  w->a.noc_bw = s.noc_bw;
  w->genomes.resize(s.population);
  s.converged ? draw_converged(*w) : draw_initial(*w);
  return w;
}

// Case classes of one level for one handed tile: pairs of an edge state and the directive that
// moves, and the first step.
double level_classes(const core::level_tables<double>& t, const core::tile_counts<double>& c) {
  double classes = 1, outer = 1;
  for (int p = 0; p < core::dims; ++p) {
    const int d = t.order[p];
    const double states = (c.steady[d] > 0 ? 1 : 0) + c.edges[d];
    classes += outer * states;
    outer *= 1 + c.edges[d];
  }
  return classes;
}

// Case classes of a two-level mapping: those of the top and of every tile that it hands down.
double mapping_classes(const genome& g, const layer& l, const accelerator& a) {
  core::prepared<double> p;
  if (core::prepare(g, core::make_layer_facts<double>(l), static_cast<double>(a.num_pes), p) != 0) {
    return 0;
  }
  const auto top = core::counts_of(p.level[0], core::whole_layer(), core::single_tile<double>{0});
  const core::tile_numbers n = core::number_tiles(p.level[0]);
  const std::uint64_t reached = core::reached_tiles(p.level[0], n, top);
  double classes = level_classes(p.level[0], top);
  for (unsigned tile = 0; tile < core::bit(n.bits); ++tile) {
    if ((reached >> tile & 1) == 0) continue;
    classes +=
        level_classes(p.level[1], core::counts_of(p.level[1], n, core::single_tile<double>{tile}));
  }
  return classes;
}

double mean_classes(const workload& w) {
  const std::size_t n = std::min<std::size_t>(2000, w.genomes.size());
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += mapping_classes(w.genomes[i], w.l, w.a);
  return sum / static_cast<double>(n);
}

bool is_right(evaluator& e, const workload& w) {
  const auto sample = std::span(w.genomes).first(std::min<std::size_t>(200, w.genomes.size()));
  const batch b{{&w.l, 1}, {&w.a, 1}, sample};
  std::vector<cost> expected(sample.size()), got(sample.size());
  make_evaluator("reference")->evaluate(b, expected);
  e.evaluate(b, got);
  return expected == got;
}

void run(benchmark::State& state, const subject& s, const evaluator_options& options) {
  const auto w = make_workload(s);
  const auto e = make_evaluator(s.back_end, options);
  const std::pmr::vector<genome> genomes(w->genomes.begin(), w->genomes.end(), e->memory());
  std::pmr::vector<cost> costs(genomes.size(), e->memory());
  if (!is_right(*e, *w)) return state.SkipWithError("a sample differs from the reference");
  for (auto _ : state) {
    e->evaluate({{&w->l, 1}, {&w->a, 1}, genomes}, costs);
    if (options.profile) state.SetIterationTime(e->profile().kernel_seconds);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(s.population));
  state.counters["classes"] = mean_classes(*w);
}

void add(const subject& s) {
  const std::string path = fmt::format("evaluate/{}/{}/noc_{}/{}/{}",
                                       s.layer_name,
                                       s.converged ? "converged" : "initial",
                                       s.noc_bw,
                                       s.back_end,
                                       s.population);
  const auto with = [=](int threads, bool profile) {
    return
        [=](benchmark::State& state) { run(state, s, {.threads = threads, .profile = profile}); };
  };
  benchmark::RegisterBenchmark(path.c_str(), with(0, false))->UseRealTime();
  if (s.back_end == "cuda") {
    benchmark::RegisterBenchmark((path + "/kernel").c_str(), with(0, true))->UseManualTime();
  } else {
    // One thread: its own CPU time is the rate of a core, whatever else the machine does.
    benchmark::RegisterBenchmark((path + "/1_core").c_str(), with(1, false));
  }
}

void add_layer(const std::string& model, const std::string& layer_name) {
  const network n = read_network(find_model(model));
  const auto found = std::ranges::find(n.layers, layer_name, &network_layer::name);
  if (found == n.layers.end()) throw input_error(fmt::format("{} has no {}", model, layer_name));
  for (const std::string& back_end : available_evaluators()) {
    for (const std::size_t population : {1024, 65536, 1048576}) {
      if (back_end == "reference" && population > 1024) continue;
      for (const bool converged : {false, true}) {
        for (const std::int32_t noc_bw : {81920000, 64}) {
          add({fmt::format("{}_{}", model, layer_name),
               found->l,
               converged,
               noc_bw,
               back_end,
               population});
        }
      }
    }
  }
}

// The name of the GPU, if one can run.
std::string device_name() {
  const auto all = available_evaluators();
  if (std::ranges::find(all, "cuda") == all.end()) return "";
  return device_of(*make_evaluator("cuda"));
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
  benchmark::AddCustomContext("commit", CUGAMMA_COMMIT);
  benchmark::AddCustomContext("machine", cugamma::machine_name(cugamma::device_name()));
  benchmark::RunSpecifiedBenchmarks();
}
