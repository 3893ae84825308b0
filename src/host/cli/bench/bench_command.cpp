#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cxxopts.hpp>
#include <nlohmann/json.hpp>

#include "cli/accelerator_options.hpp"
#include "cli/bench/benchmark.hpp"
#include "cli/bench/comparison.hpp"
#include "cli/bench/measurements_writer.hpp"
#include "cli/commands.hpp"
#include "cli/cost_model_option.hpp"
#include "cli/options/values.hpp"
#include "cli/output/terminal.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "files/json_text.hpp"
#include "formats/accelerator/accelerator_json.hpp"
#include "mapping/draw_mapping.hpp"
#include "search/network/memory.hpp"

namespace cugamma::cli {
namespace {

using nlohmann::ordered_json;
using name_list = std::vector<std::string>;

cxxopts::Options bench_options() {
  cxxopts::Options options(
      "cugamma bench",
      "Times the back ends on populations drawn as GAMMA draws its first one. A sample of each is "
      "compared with the reference before anything is timed.\n");
  auto add = options.add_options();
  add("model", "network", cxxopts::value<std::string>()->default_value("vgg16"), "NAME");
  add("layer",
      "layer by name or 1-based number (default: all, mixed)",
      cxxopts::value<std::string>(),
      "LAYER");
  add("populations",
      "sizes",
      cxxopts::value<name_list>()->default_value("1e3,1e4,1e5,1e6"),
      "N,...");
  add("backends", "back ends (default: all that can run)", cxxopts::value<name_list>(), "NAME,...");
  add("repetitions", "timed calls", cxxopts::value<std::string>()->default_value("5"), "N");
  add("sample",
      "mappings compared first",
      cxxopts::value<std::string>()->default_value("1000"),
      "N");
  add("seed", "decides the mappings", cxxopts::value<std::string>()->default_value("1"), "N");
  add("threads",
      "host threads, 0 = all cores",
      cxxopts::value<std::string>()->default_value("0"),
      "N");
  add("maestro",
      "MAESTRO's own program, run on 20 of the mappings",
      cxxopts::value<std::string>(),
      "PATH");
  add("format", "table or json", cxxopts::value<std::string>()->default_value("table"), "FORMAT");
  add_cost_model_option(options, default_search_model);
  add("h,help", "print this help");
  add_accelerator_options(options, accelerator{});
  return options;
}

// Leaves one layer of a test bed: the one with that name, or that number.
void choose_layer(test_bed& bed, const std::string& which) {
  std::vector<std::size_t> named;
  for (std::size_t i = 0; i < bed.layers.size(); ++i) {
    if (bed.layer_names[i].ends_with("/" + which)) named.push_back(i);
  }
  for (std::size_t i = 0; named.empty() && i < bed.layers.size(); ++i) {
    if (std::to_string(i + 1) == which) named.push_back(i);
  }
  if (named.size() != 1) {
    throw input_error(fmt::format("--layer: found \"{}\"{}, expected a layer's name or 1 to {}",
                                  which,
                                  named.empty() ? "" : ", which stands for several layers",
                                  bed.layers.size()));
  }
  bed.layers = {bed.layers[named[0]]};
  bed.layer_names = {bed.layer_names[named[0]]};
}

std::vector<genome> draw_population(const test_bed& bed, std::uint64_t seed, std::size_t count) {
  std::vector<genome> all(count);
  for (std::size_t i = 0; i < count; ++i) {
    random_stream random(seed, 0, i);
    const std::size_t l = i % bed.layers.size();
    all[i] = draw_mapping(bed.layers[l], bed.accelerators[0], mapping_draw::initial, random);
    all[i].layer_index = static_cast<std::uint16_t>(l);
  }
  return all;
}

void print_maestro(const maestro_run& run, const std::vector<measurement>& all) {
  const double rate = static_cast<double>(run.mappings) / run.seconds;
  put("MAESTRO: {} mappings, {} without figures, {} with other figures, {:.1f} mappings/s\n",
      run.mappings,
      run.failed,
      run.differing,
      rate);
  const auto best = std::ranges::max_element(all, {}, &measurement::mappings_per_second);
  put("  {} is {:.0f} times as fast\n", best->back_end, best->mappings_per_second() / rate);
}

// Every back end on every population, verified first.
std::vector<measurement> measure_all(const cxxopts::ParseResult& given, const batch& b) {
  const evaluator_options options{.threads = threads_option(given),
                                  .model = &cost_model_from(given)};
  const name_list back_ends = given.count("backends") > 0 ? given["backends"].as<name_list>()
                                                          : available_evaluators(*options.model);
  std::vector<measurement> all;
  for (const std::string& name : back_ends) {
    verify_sample(*make_evaluator(name, options),
                  *options.model,
                  b,
                  whole_option<std::size_t>(given, "sample"));
    for (const std::size_t population : read_populations(given["populations"].as<name_list>())) {
      const batch part{b.layers, b.accelerators, b.genomes.first(population)};
      all.push_back(measure(name, part, whole_option<int>(given, "repetitions", 1), options));
    }
  }
  return all;
}

}  // namespace

int run_bench(int argc, char** argv) {
  cxxopts::Options options = bench_options();
  const cxxopts::ParseResult given = parse_command(options, argc, argv);
  if (given.count("help") > 0) {
    put("{}", options.help());
    return exit_ok;
  }
  refuse_arguments(given, "bench");
  const std::string format = given["format"].as<std::string>();
  if (format != "table" && format != "json") {
    throw input_error(fmt::format("--format: found \"{}\", expected table or json", format));
  }
  test_bed bed = make_test_bed({given["model"].as<std::string>()});
  if (given.count("layer") > 0) choose_layer(bed, given["layer"].as<std::string>());
  bed.accelerators = {accelerator_from(given, {}, false, &bed.warnings)};
  print_warnings(bed.warnings);
  const auto sizes = read_populations(given["populations"].as<name_list>());
  expect_memory(static_cast<double>(*std::ranges::max_element(sizes)));
  const auto genomes = draw_population(bed,
                                       whole_option<std::uint64_t>(given, "seed"),
                                       *std::ranges::max_element(sizes));
  const batch b{bed.layers, bed.accelerators, genomes};

  const std::vector<measurement> all = measure_all(given, b);
  std::optional<maestro_run> maestro;
  if (given.count("maestro") > 0) maestro = run_maestro(given["maestro"].as<std::string>(), b, 20);
  if (format == "table") {
    print_table(all,
                fmt::format("cost model {}, {} layers of {}, {}",
                            cost_model_from(given).name,
                            bed.layers.size(),
                            given["model"].as<std::string>(),
                            describe(bed.accelerators[0])));
    if (maestro) print_maestro(*maestro, all);
    return exit_ok;
  }
  ordered_json j{{"cost_model", cost_model_from(given).name},
                 {"model", given["model"].as<std::string>()},
                 {"layers", bed.layer_names},
                 {"accelerator", accelerator_json(bed.accelerators[0])}};
  for (const measurement& m : all) j["measurements"].push_back(to_json(m));
  if (maestro) {
    j["maestro"] = {{"mappings", maestro->mappings},
                    {"without_figures", maestro->failed},
                    {"with_other_figures", maestro->differing},
                    {"seconds", maestro->seconds}};
  }
  put_text(json_text(j));
  return exit_ok;
}

}  // namespace cugamma::cli
