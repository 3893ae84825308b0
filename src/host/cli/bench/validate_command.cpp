#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cxxopts.hpp>
#include <memory>
#include <optional>

#include "cli/bench/against_command.hpp"
#include "cli/bench/comparison.hpp"
#include "cli/commands.hpp"
#include "cli/cost_model_option.hpp"
#include "cli/options/values.hpp"
#include "cli/output/terminal.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/network_file.hpp"
#include "cugamma/mapping/random_mapping.hpp"

namespace cugamma::cli {
namespace {

using seconds = std::chrono::duration<double>;

cxxopts::Options validate_options() {
  cxxopts::Options options("cugamma validate",
                           "Scores random legal and illegal mappings on several back ends and "
                           "compares every field. Exit "
                           "status: 0 all equal, 4 a difference, printed as a mapping file. With "
                           "--against: tells how far the figures of two cost models are apart.\n");
  auto add = options.add_options();
  add("count",
      "mappings (default 1000000); with --against of each layer and draw (default 1000)",
      cxxopts::value<std::string>(),
      "N");
  add("seed", "decides the mappings", cxxopts::value<std::string>()->default_value("1"), "N");
  add("model", "networks (default: all)", cxxopts::value<std::vector<std::string>>(), "NAME,...");
  add("backends",
      "back ends to compare (default: all that can run)",
      cxxopts::value<std::vector<std::string>>(),
      "NAME,...");
  add("threads",
      "host threads, 0 = all cores",
      cxxopts::value<std::string>()->default_value("0"),
      "N");
  add_cost_model_option(options);
  add("h,help", "print this help");
  add_against_options(options);
  return options;
}

// A back end, what it made of the current batch, and how long it took over all batches.
struct contestant {
  std::unique_ptr<evaluator> back_end;
  std::vector<cost> costs;
  seconds spent{0};

  void score(const batch& b) {
    costs.resize(b.genomes.size());
    const auto start = std::chrono::steady_clock::now();
    back_end->evaluate(b, costs);
    spent += std::chrono::steady_clock::now() - start;
  }
};

std::vector<contestant> make_contestants(const cxxopts::ParseResult& given,
                                         const cost_model& model) {
  const std::vector<std::string> names = given.count("backends") > 0
                                             ? given["backends"].as<std::vector<std::string>>()
                                             : available_evaluators(model);
  evaluator_options options{.model = &model};
  options.threads = threads_option(given);
  std::vector<contestant> all;
  for (const std::string& name : names) all.push_back({make_evaluator(name, options), {}, {}});
  return all;
}

std::uint64_t count_from(const cxxopts::ParseResult& given) {
  if (given.count("count") == 0) return 1000000;
  return whole_option<std::uint64_t>(given, "count");
}

void print_obstacles(const cost_model& model) {
  for (const std::string& name : known_evaluators()) {
    if (const auto obstacle = evaluator_obstacle(name, model)) {
      put("back end {} cannot run here: {}\n", name, *obstacle);
    }
  }
}

// The first mapping on which a back end differs from the first one, reported; true if there is one.
bool report_difference(const test_bed& bed,
                       std::span<const genome> genomes,
                       const std::vector<contestant>& all,
                       std::uint64_t first) {
  for (std::size_t i = 0; i < genomes.size(); ++i) {
    for (const contestant& c : all) {
      if (c.costs[i] == all[0].costs[i]) continue;
      put("mapping {} differs, {} and {}:\n{}\n{}",
          first + i,
          all[0].back_end->name(),
          c.back_end->name(),
          describe_difference(all[0].costs[i], c.costs[i]),
          describe_mapping(bed, genomes[i]));
      return true;
    }
  }
  return false;
}

void print_summary(const cost_model& model,
                   const std::vector<contestant>& all,
                   std::uint64_t count,
                   std::uint64_t legal) {
  put("cost model {}, {} mappings, {} legal: every field equal on every back end\n",
      model.name,
      count,
      legal);
  for (const contestant& c : all) {
    put("  {:<10} {:>12.0f} mappings/s\n",
        c.back_end->name(),
        static_cast<double>(count) / c.spent.count());
  }
}

}  // namespace

int run_validate(int argc, char** argv) {
  cxxopts::Options options = validate_options();
  const cxxopts::ParseResult given = parse_command(options, argc, argv);
  if (given.count("help") > 0) {
    put("{}", options.help());
    return exit_ok;
  }
  refuse_arguments(given, "validate");
  refuse_idle_options(given);
  if (given.count("against") > 0) return run_against(given);
  const cost_model& model = cost_model_from(given);
  test_bed bed = make_test_bed(
      given.count("model") > 0 ? given["model"].as<std::vector<std::string>>() : model_names());
  print_warnings(bed.warnings);
  bed.accelerators = varied_accelerators();
  std::vector<contestant> all = make_contestants(given, model);
  const std::uint64_t count = count_from(given);
  const std::uint64_t seed = whole_option<std::uint64_t>(given, "seed");
  print_obstacles(model);

  std::uint64_t legal = 0;
  std::vector<genome> genomes;
  for (std::uint64_t first = 0; first < count; first += genomes.size()) {
    genomes.resize(std::min<std::uint64_t>(count - first, 1 << 16));
    draw_mappings(seed, first, bed.layers, bed.accelerators, genomes);
    const batch b{bed.layers, bed.accelerators, genomes};
    for (contestant& c : all) c.score(b);
    if (report_difference(bed, genomes, all, first)) return exit_different;
    legal += std::ranges::count_if(all[0].costs, [](const cost& c) { return is_legal(c.status); });
  }
  print_summary(model, all, count, legal);
  return exit_ok;
}

}  // namespace cugamma::cli
