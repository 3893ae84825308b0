#pragma once

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <vector>

#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/formats/network_file.hpp"
#include "results.hpp"

/// What the benchmarks of evaluators have in common.
namespace cugamma {

/// One layer and its population on the accelerator of GAMMA's run_gamma.sh.
struct workload {
  layer l;
  accelerator a;
  std::vector<genome> genomes;
};

inline std::shared_ptr<workload> new_workload(const layer& l, std::int32_t noc_bw) {
  auto w = std::make_shared<workload>();
  w->l = l;
  w->a.num_pes = 168;
  w->a.l1_size_elems = 512;
  w->a.l2_size_elems = 108000;
  w->a.noc_bw = noc_bw;
  return w;
}

/// A layer of a network. Throws input_error for a name that it has not.
inline layer layer_of(const std::string& model, const std::string& layer_name) {
  const network n = read_network(find_model(model));
  const auto found = std::ranges::find(n.layers, layer_name, &network_layer::name);
  if (found == n.layers.end()) throw input_error(fmt::format("{} has no {}", model, layer_name));
  return found->l;
}

/// Whether an evaluator gives a sample the costs that the reference gives it.
inline bool is_right(evaluator& e, const workload& w, const cost_model& model) {
  const auto sample = std::span(w.genomes).first(std::min<std::size_t>(200, w.genomes.size()));
  const batch b{{&w.l, 1}, {&w.a, 1}, sample};
  std::vector<cost> expected(sample.size()), got(sample.size());
  make_evaluator("reference", {.model = &model})->evaluate(b, expected);
  e.evaluate(b, got);
  return expected == got;
}

/// Times a back end, once a sample is right; all memory is allocated outside the timed region. With
/// options.profile the time is that of the kernels.
inline void run_rate(benchmark::State& state,
                     const workload& w,
                     const std::string& back_end,
                     const evaluator_options& options) {
  const auto e = make_evaluator(back_end, options);
  const std::pmr::vector<genome> genomes(w.genomes.begin(), w.genomes.end(), e->memory());
  std::pmr::vector<cost> costs(genomes.size(), e->memory());
  if (!is_right(*e, w, *options.model)) {
    return state.SkipWithError("a sample differs from the reference");
  }
  for (auto _ : state) {
    e->evaluate({{&w.l, 1}, {&w.a, 1}, genomes}, costs);
    if (options.profile) state.SetIterationTime(e->profile().kernel_seconds);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(genomes.size()));
}

/// Registers the time of a device's kernels alone (path/kernel), of the host that of one thread
/// (path/1_core): its own CPU time is the rate of a core, whatever else the machine does.
/// with(threads, profile) makes the function that runs.
template <class With>
void add_bare_rate(const std::string& path, const std::string& back_end, const With& with) {
  if (back_end == "cuda") {
    benchmark::RegisterBenchmark((path + "/kernel").c_str(), with(0, true))->UseManualTime();
  } else {
    benchmark::RegisterBenchmark((path + "/1_core").c_str(), with(1, false));
  }
}

/// The name of the GPU, if one can run.
inline std::string device_name() {
  const auto all = available_evaluators();
  if (std::ranges::find(all, "cuda") == all.end()) return "";
  return device_of(*make_evaluator("cuda"));
}

/// Runs what is registered; the exit status. The results name the machine, with the GPU where
/// evaluators run.
inline int run_benchmarks(int argc, char** argv, bool runs_evaluators) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::AddCustomContext("commit", CUGAMMA_COMMIT);
  benchmark::AddCustomContext("machine", machine_name(runs_evaluators ? device_name() : ""));
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace cugamma
