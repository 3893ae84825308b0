#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cxxopts.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/bench/measurements_writer.hpp"
#include "cli/commands.hpp"
#include "cli/options/values.hpp"
#include "cli/output/terminal.hpp"
#include "cli/timeloop/given_problem.hpp"
#include "cli/timeloop/timeloop_commands.hpp"
#include "cugamma/error.hpp"
#include "cugamma/evaluate/timeloop_back_ends.hpp"
#include "cugamma/formats/timeloop_output.hpp"
#include "files/json_text.hpp"
#include "search/network/memory.hpp"
#include "search/threads/thread_limit.hpp"
#include "search/timeloop/proposals.hpp"

namespace cugamma::cli {
namespace {

using name_list = std::vector<std::string>;

cxxopts::Options bench_options() {
  cxxopts::Options options(
      "cugamma bench --cost-model timeloop",
      "Times the back ends on populations drawn as a search draws its first one. A sample of each "
      "is compared with the reference before anything is timed.\n");
  options.positional_help("ARCHITECTURE PROBLEM [CONSTRAINTS]");
  auto add = options.add_options();
  add("file", "YAML files", cxxopts::value<name_list>());
  add("cost-model", "timeloop", cxxopts::value<std::string>(), "NAME");
  add("populations", "sizes", cxxopts::value<name_list>()->default_value("1e3,1e4,1e5"), "N,...");
  add("backends",
      "back ends (default: all that can run but the reference, which is slow)",
      cxxopts::value<name_list>(),
      "NAME,...");
  add("repetitions", "timed calls", value_of(5), "N");
  add("sample", "mappings compared first", value_of(1000), "N");
  add("seed", "decides the mappings", value_of(1), "N");
  add("threads", "host threads, 0 = all cores", value_of(0), "N");
  add("format", "table or json", value_of("table"), "FORMAT");
  add("h,help", "print this help");
  options.parse_positional("file");
  return options;
}

std::vector<timeloop::genome> draw_population(const timeloop::map_space& space,
                                              std::uint64_t seed,
                                              std::size_t count) {
  std::vector<timeloop::genome> all(count);
  for (std::size_t i = 0; i < count; ++i) {
    random_stream random(seed, 0, i);
    all[i] = timeloop::draw_genome(space, random);
  }
  return all;
}

/// Throws backend_error with the first mapping that a back end scores otherwise than the reference.
void verify_sample(const timeloop::file_contents& c,
                   const std::string& back_end,
                   std::span<const timeloop::genome> sample) {
  std::vector<timeloop::cost> expected(sample.size()), got(sample.size());
  timeloop::make_back_end("reference", *c.machine, *c.layer)(sample, expected);
  timeloop::make_back_end(back_end, *c.machine, *c.layer)(sample, got);
  for (std::size_t i = 0; i < sample.size(); ++i) {
    expected[i].excess = got[i].excess = 0;  // a hint for searches that the reference does not give
    if (expected[i] == got[i]) continue;
    const auto shape = timeloop::make_genome_shape(*c.machine, *c.layer);
    throw backend_error(fmt::format(
        "back end {} is wrong on a mapping: {} cycles and {} pJ, reference {} and {}\n{}",
        back_end,
        got[i].cycles,
        got[i].energy_pj,
        expected[i].cycles,
        expected[i].energy_pj,
        timeloop::mapping_yaml(*c.machine, *c.layer, timeloop::decode(sample[i], shape))));
  }
}

measurement measure(const timeloop::score_function& score,
                    const std::string& back_end,
                    std::span<const timeloop::genome> population,
                    int repetitions) {
  std::vector<timeloop::cost> costs(population.size());
  const std::vector<double> seconds = sorted_seconds(repetitions, [&] {
    const auto start = std::chrono::steady_clock::now();
    score(population, costs);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  });
  return {back_end,
          population.size(),
          seconds[seconds.size() / 2],
          seconds.front(),
          seconds.back(),
          0,
          {}};
}

/// Every back end on every population, verified first.
std::vector<measurement> measure_all(const cxxopts::ParseResult& given,
                                     const timeloop::file_contents& c) {
  const std::vector<std::size_t> sizes = read_populations(given["populations"].as<name_list>());
  const std::size_t largest = *std::ranges::max_element(sizes);
  expect_memory(static_cast<double>(largest));
  const auto space = timeloop::make_map_space(*c.machine, *c.layer, *c.space, false);
  const std::vector<timeloop::genome> genomes =
      draw_population(space, whole_option<std::uint64_t>(given, "seed"), largest);
  const std::size_t sample = std::min(whole_option<std::size_t>(given, "sample"), largest);
  name_list back_ends = back_ends_asked_for(given);
  if (given.count("backends") == 0) std::erase(back_ends, "reference");
  std::vector<measurement> all;
  for (const std::string& name : back_ends) {
    verify_sample(c, name, std::span(genomes).first(sample));
    const auto score = timeloop::make_back_end(name, *c.machine, *c.layer);
    for (const std::size_t size : sizes) {
      all.push_back(measure(score,
                            name,
                            std::span(genomes).first(size),
                            whole_option<int>(given, "repetitions", 1)));
    }
  }
  return all;
}

}  // namespace

int run_timeloop_bench(int argc, char** argv) {
  cxxopts::Options options = bench_options();
  const cxxopts::ParseResult given = parse_command(options, argc, argv);
  if (given.count("help") > 0) {
    put_text(options.help());
    return exit_ok;
  }
  const std::string format = text_of(given, "format");
  if (format != "table" && format != "json") refuse_value("format", format, "table or json");
  const timeloop::file_contents c = read_given_problem(given, "bench");
  const thread_limit limit(threads_option(given));
  const std::vector<measurement> all = measure_all(given, c);
  if (format == "table") {
    print_table(all,
                fmt::format("cost model timeloop, architecture {}, problem {}",
                            c.machine->name,
                            c.layer->name));
    return exit_ok;
  }
  nlohmann::ordered_json j{{"cost_model", "timeloop"},
                           {"architecture", c.machine->name},
                           {"problem", c.layer->name}};
  for (const measurement& m : all) j["measurements"].push_back(to_json(m));
  put_text(json_text(j));
  return exit_ok;
}

}  // namespace cugamma::cli
