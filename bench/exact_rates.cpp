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
#include "mapping/draw_mapping.hpp"
#include "rates.hpp"

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

void keep_filter_whole(const layer& l, genome& g) {
  using enum dimension;
  for (int level = 0; level < level_count(g); ++level) {
    for (const dimension d : {R, S}) set_tile(g, level, d, output_size(l, d));
    if (parallel(g, level) == R) set_parallel(g, level, C);
    if (parallel(g, level) == S) set_parallel(g, level, Y);
  }
}

/// The model refuses a level that is parallel in two dimensions, and a search draws none.
void keep_one_parallel(genome& g) {
  for (int level = 0; level < level_count(g); ++level) set_parallel(g, level, parallel(g, level));
}

std::shared_ptr<workload> make_workload(const layer& l, const form& f, std::size_t population) {
  auto w = new_workload(l, f.noc_bw);
  w->l.stride_y = w->l.stride_x = f.stride;
  for (std::uint64_t i = 0; w->genomes.size() < population; ++i) {
    random_stream random(1, 0, i);
    genome g = draw_mapping(w->l, w->a, f.draw, random);
    if (level_count(g) != f.levels) continue;
    keep_one_parallel(g);
    if (!f.cuts_filter) keep_filter_whole(w->l, g);
    w->genomes.push_back(g);
  }
  return w;
}

/// The same, kept until another is asked for: repetitions do not draw again.
std::shared_ptr<workload> last_workload(const std::string& name,
                                        const layer& l,
                                        const form& f,
                                        std::size_t population) {
  static std::string last_name;
  static std::shared_ptr<workload> last;
  if (name != last_name) {
    last = make_workload(l, f, population);
    last_name = name;
  }
  return last;
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
      run_rate(state,
               *last_workload(path, l, f, population),
               back_end,
               {.threads = threads, .profile = profile, .model = &find_cost_model("exact")});
    };
  };
  if (is_device) {
    benchmark::RegisterBenchmark(path.c_str(), with(0, false))->UseRealTime();
  }
  add_bare_rate(path, back_end, with);
}

void add_layer(const std::string& model, const std::string& layer_name) {
  const layer l = unit_stride(layer_of(model, layer_name));
  for (const std::string& back_end : available_evaluators()) {
    if (back_end == "reference") continue;
    for (const form& f : forms) {
      add(fmt::format("{}_{}", model, layer_name), l, f, back_end);
    }
  }
}

}  // namespace
}  // namespace cugamma

int main(int argc, char** argv) {
  cugamma::add_layer("vgg16", "conv4_2");
  cugamma::add_layer("mobilenet_v2", "features.1.conv.0.0");
  return cugamma::run_benchmarks(argc, argv, true);
}
