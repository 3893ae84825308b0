// Rates of the exact cost model by the form that a mapping needs:
// exact/<layer>/<form>/<back end>/<population>[/1_core|/kernel]. Forms: the levels of the mappings,
// how they are drawn (initial: as GAMMA's first population; uniform: any tiles), and what else is
// special: a NoC of few elements a cycle, R and S cut and parallel, a stride. A sample is compared
// with the reference before anything is timed; rates are of mappings.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/formats/network_file.hpp"
#include "mapping/draw_mapping.hpp"
#include "results.hpp"

namespace cugamma {
namespace {

/// What the mappings of a benchmark have in common.
struct form {
  const char* name;
  int levels = 2;
  mapping_draw draw = mapping_draw::uniform;
  std::int32_t noc_bw = accelerator{}.noc_bw;
  bool cuts_filter = false;
  std::int32_t stride = 1;
};

constexpr form forms[] = {
    {.name = "two_levels_initial", .draw = mapping_draw::initial},
    {.name = "two_levels"},
    {.name = "three_levels", .levels = 3},
    {.name = "two_levels_initial_noc_64", .draw = mapping_draw::initial, .noc_bw = 64},
    {.name = "two_levels_initial_noc_16", .draw = mapping_draw::initial, .noc_bw = 16},
    {.name = "two_levels_noc_64", .noc_bw = 64},
    {.name = "two_levels_noc_16", .noc_bw = 16},
    {.name = "three_levels_noc_64", .levels = 3, .noc_bw = 64},
    {.name = "two_levels_filter_cut", .cuts_filter = true},
    {.name = "three_levels_filter_cut", .levels = 3, .cuts_filter = true},
    {.name = "two_levels_stride_2", .stride = 2},
    {.name = "three_levels_stride_2", .levels = 3, .stride = 2},
};

/// One layer with its population.
struct workload {
  layer l;
  accelerator a;
  std::vector<genome> genomes;
};

void keep_filter_whole(const layer& l, genome& g) {
  using enum dimension;
  for (int level = 0; level < level_count(g); ++level) {
    for (const dimension d : {R, S}) set_tile(g, level, d, output_size(l, d));
    if (parallel(g, level) == R) set_parallel(g, level, C);
    if (parallel(g, level) == S) set_parallel(g, level, Y);
  }
}

std::shared_ptr<workload> make_workload(const layer& l, const form& f, std::size_t population) {
  auto w = std::make_shared<workload>();
  w->l = l;
  w->l.stride_y = w->l.stride_x = f.stride;
  w->a.num_pes = 168;
  w->a.l1_size_elems = 512;
  w->a.l2_size_elems = 108000;
  w->a.noc_bw = f.noc_bw;
  for (std::uint64_t i = 0; w->genomes.size() < population; ++i) {
    random_stream random(1, 0, i);
    genome g = draw_mapping(w->l, w->a, f.draw, random);
    if (level_count(g) != f.levels) continue;
    if (!f.cuts_filter) keep_filter_whole(w->l, g);
    w->genomes.push_back(g);
  }
  return w;
}

bool is_right(evaluator& e, const workload& w) {
  const auto sample = std::span(w.genomes).first(std::min<std::size_t>(100, w.genomes.size()));
  const batch b{{&w.l, 1}, {&w.a, 1}, sample};
  std::vector<cost> expected(sample.size()), got(sample.size());
  make_evaluator("reference", {.model = &find_cost_model("exact")})->evaluate(b, expected);
  e.evaluate(b, got);
  return expected == got;
}

void run(benchmark::State& state,
         const layer& l,
         const form& f,
         std::size_t population,
         const std::string& back_end,
         const evaluator_options& options) {
  const auto w = make_workload(l, f, population);
  const auto e = make_evaluator(back_end, options);
  const std::pmr::vector<genome> genomes(w->genomes.begin(), w->genomes.end(), e->memory());
  std::pmr::vector<cost> costs(genomes.size(), e->memory());
  if (!is_right(*e, *w)) return state.SkipWithError("a sample differs from the reference");
  for (auto _ : state) {
    e->evaluate({{&w->l, 1}, {&w->a, 1}, genomes}, costs);
    if (options.profile) state.SetIterationTime(e->profile().kernel_seconds);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(population));
}

void add(const std::string& layer_name,
         const layer& l,
         const form& f,
         const std::string& back_end) {
  const bool is_device = back_end == "cuda";
  const std::size_t population = is_device ? 1048576 : 8192;
  const std::string path =
      fmt::format("exact/{}/{}/{}/{}", layer_name, f.name, back_end, population);
  const auto with = [=](int threads, bool profile) {
    return [=](benchmark::State& state) {
      run(state,
          l,
          f,
          population,
          back_end,
          {.threads = threads, .profile = profile, .model = &find_cost_model("exact")});
    };
  };
  if (is_device) {
    benchmark::RegisterBenchmark(path.c_str(), with(0, false))->UseRealTime();
    benchmark::RegisterBenchmark((path + "/kernel").c_str(), with(0, true))->UseManualTime();
  } else {
    // One thread: its own CPU time is the rate of a core, whatever else the machine does.
    benchmark::RegisterBenchmark((path + "/1_core").c_str(), with(1, false));
  }
}

void add_layer(const std::string& model, const std::string& layer_name) {
  const network n = read_network(find_model(model));
  const auto found = std::ranges::find(n.layers, layer_name, &network_layer::name);
  for (const std::string& back_end : available_evaluators()) {
    if (back_end == "reference") continue;
    for (const form& f : forms) {
      add(fmt::format("{}_{}", model, layer_name), unit_stride(found->l), f, back_end);
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
  cugamma::add_layer("vgg16", "conv4_2");
  cugamma::add_layer("mobilenet_v2", "features.1.conv.0.0");
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::AddCustomContext("commit", CUGAMMA_COMMIT);
  benchmark::AddCustomContext("machine", cugamma::machine_name(cugamma::device_name()));
  benchmark::RunSpecifiedBenchmarks();
}
