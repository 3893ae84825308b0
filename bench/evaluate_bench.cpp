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

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/mapping/search_space.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "mapping/draw_mapping.hpp"
#include "models/maestro/walked/tiles.hpp"
#include "rates.hpp"

namespace cugamma {
namespace {

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
  auto w = new_workload(unit_stride(s.l), s.noc_bw);
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

void run(benchmark::State& state, const subject& s, const evaluator_options& options) {
  const auto w = make_workload(s);
  run_rate(state, *w, s.back_end, options);
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
  add_bare_rate(path, s.back_end, with);
}

void add_layer(const std::string& model, const std::string& layer_name) {
  const layer l = layer_of(model, layer_name);
  for (const std::string& back_end : available_evaluators()) {
    for (const std::size_t population : {1024, 65536, 1048576}) {
      if (back_end == "reference" && population > 1024) continue;
      for (const bool converged : {false, true}) {
        for (const std::int32_t noc_bw : {81920000, 64}) {
          add({fmt::format("{}_{}", model, layer_name),
               l,
               converged,
               noc_bw,
               back_end,
               population});
        }
      }
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
  return cugamma::run_benchmarks(argc, argv, true);
}
