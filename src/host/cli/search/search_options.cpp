#include "cli/search/search_options.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "cli/accelerator_options.hpp"
#include "cli/cost_model_option.hpp"
#include "cli/options/values.hpp"
#include "cli/search/checkpoint_options.hpp"
#include "cugamma/search/co_design.hpp"
#include "cugamma/search/network_search.hpp"
#include "cugamma/search/optimisers.hpp"

namespace cugamma::cli {
namespace {

const network_search_request defaults;

std::string default_objectives() {
  std::vector<std::string_view> names;
  for (const objective o : defaults.search.objectives) names.push_back(name_of(o));
  return fmt::format("{}", fmt::join(names, ","));
}

void add_what(cxxopts::Options& options) {
  auto add = options.add_options("Essential");
  add("model",
      "name of a shipped network (`cugamma networks` lists them), or a file",
      cxxopts::value<std::string>(),
      "NAME|FILE");
  add("layer,singlelayer",
      "numbers from 1 or names, with commas between them, or all",
      value_of<std::string>("all"),
      "LIST|all");
  add("objective",
      "one to four, the first ranks, the others break ties: latency, energy, power, EDP, area, "
      "LAP, "
      "LALP, EAP, throughput, l1_size, l2_size, L-PE, L-PE-L2, PE, maestro-energy, maestro-EDP, "
      "budget-area",
      value_of(default_objectives()),
      "LIST");
  add("pareto",
      "two or three objectives: the front of mappings that no other one beats in all of them, in "
      "place of one winner",
      cxxopts::value<std::string>(),
      "LIST");
  add("evaluations",
      fmt::format("end after so many a layer (default {} if no end is given)", default_evaluations),
      cxxopts::value<std::string>(),
      "N");
  add("out,outdir",
      "folder for result.json, history.csv, report.html and best.m; with --pareto also front.csv "
      "and "
      "the mappings of the front",
      cxxopts::value<std::string>(),
      "DIR");
  add("h,help", "print this help");
}

/// What only GAMMA's spelling has.
void add_gammas(cxxopts::Options& options) {
  auto add = options.add_options("GAMMA's spelling (--num_pe, --epochs, ... are known too)");
  add("fitness1", "first objective", cxxopts::value<std::string>(), "NAME");
  add("fitness2", "second objective", cxxopts::value<std::string>(), "NAME");
}

/// How individuals come about.
void add_breeding(cxxopts::Options& options) {
  auto add = options.add_options("Search");
  add("algorithm",
      fmt::format("{} (docs/optimisers.md)", fmt::join(known_algorithms(), ", ")),
      value_of(defaults.algorithm),
      "NAME");
  add("population,num_pop",
      "individuals; auto: 64, with --believe plausible or maestro 32, on a GPU twice as many, with "
      "--pareto 200",
      value_of<std::string>("auto"),
      "N|auto");
  add("selection",
      "parents are the fittest (truncation), or winners of tournaments (tournament)",
      value_of(std::string(name_of(defaults.search.selection))),
      "RULE");
  add("tournament-size",
      "individuals in a tournament",
      value_of(defaults.search.tournament_size),
      "N");
  add("front-size",
      "most mappings of a front (default: 1000, of each of several layers 200)",
      cxxopts::value<std::string>(),
      "N");
  add("reference",
      "where the hypervolume of a front ends, a figure for each objective; two runs can be "
      "compared "
      "if theirs is the same (default 1.1 times the worst figures of the first generation)",
      cxxopts::value<std::string>(),
      "LIST");
  add("islands",
      "parts of the population that breed apart (default: 1, from 16384 individuals on 2, more for "
      "several devices or processes)",
      cxxopts::value<std::string>(),
      "N");
  add("migration-interval",
      "generations after which the best of each island go to the next; 0: never",
      value_of(defaults.migration_interval),
      "M");
}

/// When a search ends, what it believes and where it runs.
void add_run(cxxopts::Options& options) {
  auto add = options.add_options("Search");
  add("generations,epochs",
      "end after so many beyond the first population",
      cxxopts::value<std::string>(),
      "N");
  add("time-limit",
      "end after so many seconds, or a time such as 10m or 1h30m",
      cxxopts::value<std::string>(),
      "S");
  add("limit",
      "bounds that each mapping must keep, with --num-pes search the network: "
      "power=500,area=2.0e6,... (throughput: at least)",
      cxxopts::value<std::string>(),
      "LIST");
  add("init",
      "mappings to start from: result.json of a search, or a MAESTRO file",
      cxxopts::value<std::string>(),
      "FILE");
  add("seed", "the same seed gives the same result", value_of(defaults.search.seed), "N");
  add("believe",
      "of a cost model whose figures can be doubted (maestro): strict rejects mappings that fail a "
      "test, plausible lets test 4 fail, maestro believes every figure, as GAMMA does",
      value_of(std::string(name_of(defaults.search.trust))),
      "HOW");
  add("strict", "the same as --believe strict");
  add("maestro-compat", "the same as --believe maestro");
  add("threads", "0: all cores", value_of(defaults.threads), "N");
  add_cost_model_option(options, default_search_model, "Search");
  add("backend", "reference, cpu, ... or auto", value_of(defaults.back_end), "NAME");
  add("devices",
      "of the back end: all, or numbers from 0; islands are spread over them (default: the "
      "fastest)",
      cxxopts::value<std::string>(),
      "all|I,...");
}

void add_space(cxxopts::Options& options) {
  auto add = options.add_options("Mappings");
  add("levels-min,slevel_min", "cluster levels", value_of(space_options{}.levels_min), "N");
  add("levels-max,slevel_max",
      "cluster levels, up to 3",
      value_of(space_options{}.levels_max),
      "N");
  add("cluster-size,fixedCluster",
      "of every level; 0: free",
      value_of(defaults.space.cluster_size),
      "N");
  add("parallel-rs,parRS", "R and S may be parallel");
  add("factors-only,use_factor", "every tile divides the one above it");
  add("constraint",
      "only what an accelerator can run: dla, eye, tpu, shidiannao, kcp_ws, xp_ws, ykp_os, rs, or "
      "a file (docs/constraints.md)",
      cxxopts::value<std::string>(),
      "NAME|FILE");
  add("flex",
      "axes that the constraint leaves free: none, all, letters of TOPS (tile, order, parallelism, "
      "shape), or four bits",
      cxxopts::value<std::string>(),
      "AXES");
}

void add_co_design(cxxopts::Options& options) {
  auto add = options.add_options("Hardware search (--num-pes search, docs/networks.md)");
  add("pe-limit", "at most so many PEs", value_of(default_pe_limit), "N");
  add("area-budget",
      "mm^2 for PEs, L1 and L2; with several layers one accelerator is searched for all of them. "
      "Without --num-pes search each mapping keeps it",
      cxxopts::value<std::string>(),
      "MM2");
}

void add_output(cxxopts::Options& options) {
  auto add = options.add_options("Output");
  add("verbose", "print the loop nest and all figures of every layer");
  add_checkpoint_options(add);
  add("format", "table or json", value_of<std::string>("table"), "FORMAT");
  add("log-level,log_level", "0 none, 1 progress, 2 every generation", value_of(1), "N");
}

}  // namespace

cxxopts::Options make_search_options() {
  cxxopts::Options options(
      "cugamma search",
      "Searches the best mapping of a network's layers onto an accelerator. Exit status: 0 found, "
      "1 bad input, 2 a back end cannot run here, 3 a layer has no feasible mapping, 4 an optimum "
      "is not proven. Ctrl-C ends the search after the current generation.\n");
  add_what(options);
  add_breeding(options);
  add_run(options);
  add_space(options);
  add_accelerator_options(options);
  add_co_design(options);
  add_output(options);
  add_gammas(options);
  return options;
}

std::string search_help(const cxxopts::Options& options) {
  return help_text(
      options,
      {"Essential", "Accelerator", "Search", "Mappings", "Output"},
      "  cugamma search --model resnet50 --accelerator eyeriss --objective EDP --out out\n"
      "  cugamma search --model vgg16 --layer conv1_1 --accelerator edge --prove\n"
      "  cugamma search --model net.csv --num-pes search --area-budget 1 --time-limit 1m\n");
}

std::string own_help(const cxxopts::Options& options,
                     std::string_view command,
                     std::string_view about,
                     std::string_view group,
                     std::string_view examples) {
  std::string own;
  if (!group.empty()) {
    const std::string all = options.help({std::string(group)}, false);
    own = "\n" + all.substr(all.find(fmt::format(" {} options:", group)));
  }
  return fmt::format(
      "{}\n\nUsage:\n  cugamma {} [OPTION...]\n{}\n The other options are those of `cugamma "
      "search` "
      "(see its --help).\n\nExamples:\n{}",
      about,
      command,
      own,
      examples);
}

}  // namespace cugamma::cli
