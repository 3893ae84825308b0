#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <vector>

#include "cli/certify/proof_options.hpp"
#include "cli/commands.hpp"
#include "cli/compare/contest.hpp"
#include "cli/compare/contest_options.hpp"
#include "cli/compare/contest_writer.hpp"
#include "cli/interrupt_guard.hpp"
#include "cli/options/values.hpp"
#include "cli/output/places.hpp"
#include "cli/output/terminal.hpp"
#include "cli/search/model_choice.hpp"
#include "cli/search/search_options.hpp"
#include "cli/search/search_request.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/search/optimisers.hpp"

namespace cugamma::cli {
namespace {

contest_heading heading_of(const contest_plan& plan) {
  const objective o = plan.request.search.objectives[0];
  return {plan.request.model,
          std::string(cugamma::name_of(o)),
          std::string(unit_of(o)),
          [o](double value) { return figure_of_value(o, value); },
          plan.seeds,
          plan.evaluations,
          plan.seconds};
}

/// Proves the optima of the contest's layers, beginning with a search like its own.
std::vector<certified_layer> prove_layers(const contest_plan& plan,
                                          const certify_options& how,
                                          int log_level) {
  network_search_request request = plan.request;
  request.stop.evaluations = plan.evaluations;
  request.stop.seconds = std::numeric_limits<double>::infinity();
  return prove_optima(search_network(request), how, log_level);
}

std::vector<std::string> algorithms_from(const cxxopts::ParseResult& given) {
  if (given.count("algorithms") == 0) {
    std::vector<std::string> names = known_algorithms();
    std::erase_if(names, [](const std::string& name) { return algorithm_obstacle(name); });
    return names;
  }
  const auto names = given["algorithms"].as<std::vector<std::string>>();
  for (const std::string& name : names) {
    const auto obstacle = algorithm_obstacle(name);
    if (obstacle) throw input_error(fmt::format("--algorithms: {}: {}", name, *obstacle));
  }
  return names;
}

contest_plan read_plan(const cxxopts::ParseResult& given, const network_search_request& request) {
  contest_plan plan;
  plan.request = request;
  plan.algorithms = algorithms_from(given);
  const contest_size size = contest_size_from(given);
  plan.seeds = size.seeds;
  plan.seconds = size.seconds;
  if (given.count("evaluations") > 0) plan.evaluations = plan.request.stop.evaluations;
  return plan;
}

}  // namespace

int run_compare(int argc, char** argv) {
  cxxopts::Options options = make_search_options();
  add_contest_options(options, "of those that --algorithm knows, all by default", "layer");
  const cxxopts::ParseResult given = parse_search_arguments(options, argc, argv);
  if (given.count("help") > 0) {
    put_text(
        own_help(options,
                 "compare",
                 "Runs search algorithms at equal evaluations (10000 each by default) and at "
                 "equal time and tells how good their results are: docs/optimisers.md.",
                 "Compare",
                 "  cugamma compare --model vgg16 --layer 2 --accelerator eyeriss\n"
                 "  cugamma compare --model vgg16 --layer 2 --algorithms gamma,cmaes --seeds 3\n"
                 "  cugamma compare --model resnet50 --layer conv1 --seconds 5 --format csv\n"));
    return exit_ok;
  }
  refuse_search_options(given,
                        {"algorithm",
                         "generations",
                         "checkpoint",
                         "checkpoint-every",
                         "resume",
                         "init",
                         "islands",
                         "migration-interval",
                         "devices",
                         "pareto",
                         "out"});
  const search_request asked = read_search_request(given, contest_formats);
  print_warnings(asked.warnings);
  contest_plan plan = read_plan(given, asked.network);
  warn_of_belief(plan.request);
  const bool proves = given.count("prove") > 0;
  if (proves) expect_certifiable(plan.request);
  expect_stdout("");
  const interrupt_guard guard;
  plan.request.stop.interrupted = &interrupt_guard::was_interrupted;
  std::vector<contestant> all = hold_contest(plan, [&asked](const contestant& c) {
    if (asked.log_level <= 0) return;
    say("{}, equal {}: {} is done\n", c.layer, name_of(c.budget), c.algorithm);
  });
  std::vector<certified_layer> proved;
  if (proves) proved = prove_layers(plan, certify_options_from(given), asked.log_level);
  for (const certified_layer& l : proved) add_optima(l.name, {l.lower, l.upper}, all);
  const contest_heading heading = heading_of(plan);
  if (!put_text(contest_text(heading, all, asked.format))) rescue(contest_json(heading, all));
  return proves ? exit_code_of(proved) : exit_ok;
}

}  // namespace cugamma::cli
