#include "cli/search/search_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <sstream>

#include "cli/accelerator_options.hpp"
#include "cli/cost_model_option.hpp"
#include "cli/options/values.hpp"
#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/formats/accelerator_file.hpp"
#include "cugamma/formats/constraint_file.hpp"
#include "cugamma/formats/network_file.hpp"
#include "cugamma/search/co_design.hpp"
#include "cugamma/search/optimisers.hpp"
#include "cugamma/search/warm_start.hpp"
#include "files/did_you_mean.hpp"

namespace cugamma::cli {
namespace {

const network_search_request defaults;
constexpr int most_tournament = 10000;
constexpr std::int64_t most_front = 1000000;

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
  add("front-size", "most mappings of a front", value_of(defaults.search.front_capacity), "N");
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
  add("seed", "the same seed gives the same result", value_of(defaults.search.seed), "N");
  add("believe",
      "of a cost model whose figures can be doubted (maestro): strict rejects mappings that fail a "
      "test, plausible lets test 4 fail, maestro believes every figure, as GAMMA does",
      value_of(std::string(name_of(defaults.search.trust))),
      "HOW");
  add("strict", "the same as --believe strict");
  add("maestro-compat", "the same as --believe maestro");
  add("threads", "0: all cores", value_of(defaults.threads), "N");
  add_cost_model_option(options, default_search_model);
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
      "mm^2 for PEs, L1 and L2; with several layers one accelerator is searched for all of them",
      cxxopts::value<std::string>(),
      "MM2");
  add("limit",
      "bounds that a mapping, with one accelerator for several layers the network, must keep: "
      "power=500,area=2.0e6,... (throughput: at least)",
      cxxopts::value<std::string>(),
      "LIST");
  add("init",
      "mappings to start from: result.json of a search, or a MAESTRO file",
      cxxopts::value<std::string>(),
      "FILE");
}

void add_output(cxxopts::Options& options) {
  auto add = options.add_options("Output");
  add("verbose", "print the loop nest and all figures of every layer");
  add("checkpoint",
      "folder to keep the state of the search in; a resumed search goes on in the same folder",
      cxxopts::value<std::string>(),
      "DIR");
  add("checkpoint-every",
      "seconds between checkpoints, or a time such as 5m",
      value_of(defaults.checkpoints.every_seconds),
      "S");
  add("resume",
      "go on from a checkpoint (a folder or file), with its options; those given as well prevail",
      cxxopts::value<std::string>(),
      "DIR");
  add("format", "table or json", value_of<std::string>("table"), "FORMAT");
  add("log-level,log_level", "0 none, 1 progress, 2 every generation", value_of(1), "N");
}

/// Throws input_error if a name stands for several layers.
void check_unique(const network& net, const std::string& name) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    if (net.layers[i].name == name) numbers.push_back(i + 1);
  }
  if (numbers.size() == 1) return;
  throw input_error(
      fmt::format("--layer: {} has {} layers \"{}\", expected one of their numbers {}",
                  net.name,
                  numbers.size(),
                  name,
                  fmt::join(numbers, ", ")));
}

network_layer chosen_layer(const network& net, const std::string& choice) {
  const auto named = std::ranges::find(net.layers, choice, &network_layer::name);
  if (named != net.layers.end()) {
    check_unique(net, choice);
    return *named;
  }
  std::int64_t number = 0;
  const char* end = choice.data() + choice.size();
  const auto [stop, error] = std::from_chars(choice.data(), end, number);
  if (error == std::errc{} && stop == end && number >= 1 && number <= std::ssize(net.layers)) {
    return net.layers[static_cast<std::size_t>(number - 1)];
  }
  std::vector<std::string> names;
  const bool is_number = choice.find_first_not_of("0123456789") == std::string::npos;
  for (const network_layer& l : net.layers) {
    if (!is_number) names.push_back(l.name);
  }
  throw input_error(fmt::format(
      "--layer: found \"{}\"{}",
      choice,
      did_you_mean(
          choice,
          names,
          fmt::format(", expected all, 1 to {}, or a layer of {}", net.layers.size(), net.name))));
}

}  // namespace

std::vector<network_layer> chosen_layers(const network& net, const std::string& choices) {
  if (choices == "all" || choices == "0") return net.layers;
  // A name may hold commas.
  const bool is_name = std::ranges::count(net.layers, choices, &network_layer::name) > 0;
  if (is_name) return {chosen_layer(net, choices)};
  std::vector<network_layer> chosen;
  for (std::size_t begin = 0; begin <= choices.size();) {
    const std::size_t end = std::min(choices.find(',', begin), choices.size());
    chosen.push_back(chosen_layer(net, choices.substr(begin, end - begin)));
    begin = end + 1;
  }
  return chosen;
}

namespace {

std::string objective_list(const cxxopts::ParseResult& given) {
  if (given.count("fitness1") == 0 && given.count("fitness2") == 0) {
    return given["objective"].as<std::string>();
  }
  if (given.count("objective") > 0) {
    throw input_error("--objective and --fitness1/--fitness2 cannot be given together");
  }
  const auto name = [&](const char* option, const char* missing) {
    return given.count(option) > 0 ? given[option].as<std::string>() : std::string(missing);
  };
  return name("fitness1", "latency") + "," + name("fitness2", "energy");
}

belief trust_from(const cxxopts::ParseResult& given) {
  const bool strict = given.count("strict") > 0;
  const bool compat = given.count("maestro-compat") > 0;
  if (strict + compat + (given.count("believe") > 0) > 1) {
    throw input_error("--believe, --strict and --maestro-compat exclude each other");
  }
  if (strict) return belief::strict;
  return compat ? belief::maestro : parse_belief(given["believe"].as<std::string>());
}

int number_of_device(const std::string& text, int count) {
  int number = -1;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{} && stop == end && number >= 0 && number < count) return number;
  throw input_error(fmt::format("--devices: found \"{}\", expected all or numbers from 0 to {}",
                                text,
                                count - 1));
}

std::vector<int> devices_from(const cxxopts::ParseResult& given) {
  if (given.count("devices") == 0) return {};
  auto back_end = given["backend"].as<std::string>();
  if (back_end == "auto") back_end = available_evaluators(cost_model_from(given)).back();
  const int count = device_count(back_end);
  if (count == 0) {
    throw input_error(fmt::format("--devices: back end '{}' has none on this machine", back_end));
  }
  const auto choice = given["devices"].as<std::string>();
  std::vector<int> devices;
  if (choice == "all") {
    for (int i = 0; i < count; ++i) devices.push_back(i);
    return devices;
  }
  std::istringstream list(choice);
  for (std::string text; std::getline(list, text, ',');) {
    devices.push_back(number_of_device(text, count));
  }
  return devices;
}

stop_rule stop_from(const cxxopts::ParseResult& given) {
  stop_rule stop;
  if (given.count("generations") > 0) {
    stop.generations = whole_option<std::int64_t>(given, "generations", 0);
  }
  if (given.count("evaluations") > 0) {
    stop.evaluations = whole_option<std::int64_t>(given, "evaluations", 1);
  }
  if (given.count("time-limit") > 0) {
    stop.seconds = seconds_from(text_of(given, "time-limit"), "time-limit");
  }
  return stop;
}

/// Options that mean something only with another one.
void refuse_without(const cxxopts::ParseResult& given,
                    const char* needed,
                    std::initializer_list<const char*> options) {
  if (given.count(needed) > 0) return;
  for (const char* option : options) {
    if (given.count(option) == 0) continue;
    throw input_error(fmt::format("--{}: needs --{}", option, needed));
  }
}

void refuse_with_pareto(const cxxopts::ParseResult& given) {
  for (const char* option : {"objective", "fitness1", "fitness2", "selection"}) {
    if (given.count(option) == 0) continue;
    throw input_error(
        fmt::format("--pareto and --{} cannot be given together: a front has no first objective",
                    option));
  }
}

std::vector<double> reference_from(const std::string& list) {
  std::vector<double> figures;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const std::string number = list.substr(begin, end - begin);
    figures.push_back(real_from(number, "reference", 0));
    begin = end + 1;
  }
  return figures;
}

/// 0: as suits the search.
std::int64_t population_from(const cxxopts::ParseResult& given) {
  const auto text = given["population"].as<std::string>();
  if (text == "auto") return 0;
  if (text.find_first_of("0123456789") == std::string::npos) {
    refuse_value("population", text, "auto, or 2 or more");
  }
  return whole_from<std::int64_t>(text, "population", 2);
}

/// What --pareto asks for, beside the options that every search has.
void set_front(const cxxopts::ParseResult& given, search_options& options) {
  refuse_without(given, "pareto", {"front-size", "reference"});
  if (given.count("pareto") == 0) return;
  refuse_with_pareto(given);
  options.objectives = parse_objectives(given["pareto"].as<std::string>());
  options.selection = selection_rule::pareto;
  options.front_capacity = whole_option<std::int64_t>(given, "front-size", 10, most_front);
  if (given.count("reference") == 0) return;
  options.reference = reference_from(given["reference"].as<std::string>());
}

void set_selection(const cxxopts::ParseResult& given, search_options& options) {
  const auto rule = given["selection"].as<std::string>();
  if (rule != name_of(selection_rule::truncation) && rule != name_of(selection_rule::tournament)) {
    throw input_error(fmt::format(
        "--selection: found \"{}\", expected truncation or tournament (--pareto asks for a front)",
        rule));
  }
  options.selection = parse_selection(rule);
  options.tournament_size = whole_option<int>(given, "tournament-size", 1, most_tournament);
  if (options.selection != selection_rule::tournament && given.count("tournament-size") > 0) {
    throw input_error("--tournament-size: needs --selection tournament");
  }
}

search_options search_from(const cxxopts::ParseResult& given) {
  search_options options = open_options();
  options.population = population_from(given);
  options.objectives = parse_objectives(objective_list(given));
  set_selection(given, options);
  set_front(given, options);
  options.seed = whole_option<std::uint64_t>(given, "seed");
  options.model = &cost_model_from(given);
  options.trust = trust_from(given);
  if (given.count("limit") > 0) options.limits = parse_limits(given["limit"].as<std::string>());
  return options;
}

/// 0 levels where none are given: as suits the search.
space_options space_from(const cxxopts::ParseResult& given) {
  const auto levels = [&](const char* name) {
    return given.count(name) > 0 ? whole_option<int>(given, name, 1) : 0;
  };
  return {levels("levels-min"),
          levels("levels-max"),
          given.count("parallel-rs") > 0,
          whole_option<std::int32_t>(given, "cluster-size", 0),
          given.count("factors-only") > 0};
}

std::optional<mapping_constraint> constraint_from(const cxxopts::ParseResult& given) {
  if (given.count("constraint") == 0) {
    if (given.count("flex") == 0) return std::nullopt;
    throw input_error("--flex: frees axes of a constraint, but --constraint is missing");
  }
  const auto c = read_constraint(find_constraint(given["constraint"].as<std::string>()));
  if (given.count("flex") == 0) return c;
  return with_flexibility(c, parse_flexibility(given["flex"].as<std::string>()));
}

/// 0: none.
double area_budget_from(const cxxopts::ParseResult& given) {
  if (given.count("area-budget") == 0) return 0;
  const double mm2 = real_from(text_of(given, "area-budget"), "area-budget", 0);
  if (mm2 > 0) return mm2;
  throw input_error("--area-budget: found 0, expected more than 0");
}

checkpoint_plan checkpoints_from(const cxxopts::ParseResult& given) {
  checkpoint_plan plan;
  if (given.count("resume") > 0) plan.resume = plan.folder = given["resume"].as<std::string>();
  std::error_code ignored;
  if (std::filesystem::is_regular_file(plan.folder, ignored)) {
    const auto folder = std::filesystem::path(plan.folder).parent_path();
    plan.folder = folder.empty() ? "." : folder.string();
  }
  if (given.count("checkpoint") > 0) plan.folder = given["checkpoint"].as<std::string>();
  plan.every_seconds = seconds_from(text_of(given, "checkpoint-every"), "checkpoint-every");
  plan.arguments = arguments_of(given);
  std::erase_if(plan.arguments, [](const auto& a) { return a.starts_with("--resume="); });
  return plan;
}

network_search_request network_search_from(const cxxopts::ParseResult& given,
                                           std::vector<std::string>& warnings) {
  network_search_request r;
  const network net = read_network(find_model(given["model"].as<std::string>()));
  std::ranges::copy(net.warnings, std::back_inserter(warnings));
  r.model = net.name;
  r.layers = chosen_layers(net, given["layer"].as<std::string>());
  r.machine = accelerator_from(given, usual_accelerator(), true, &warnings);
  r.search_pes = searches_pes(given);
  if (r.search_pes) r.machine.num_pes = whole_option<std::int32_t>(given, "pe-limit", 1);
  if (!r.search_pes && given.count("pe-limit") > 0) {
    throw input_error("--pe-limit: needs --num-pes search");
  }
  r.constraint = constraint_from(given);
  if (given.count("flex") > 0) {
    r.flexibility = name_of(parse_flexibility(given["flex"].as<std::string>()));
  }
  r.space = space_from(given);
  r.search = search_from(given);
  r.area_budget_mm2 = area_budget_from(given);
  if (given.count("init") > 0) r.init = read_known_mappings(given["init"].as<std::string>());
  r.stop = stop_from(given);
  r.algorithm = given["algorithm"].as<std::string>();
  if (given.count("islands") > 0) r.islands = whole_option<int>(given, "islands", 1);
  r.migration_interval = whole_option<std::int64_t>(given, "migration-interval", 0);
  r.back_end = given["backend"].as<std::string>();
  r.devices = devices_from(given);
  r.threads = threads_option(given);
  r.checkpoints = checkpoints_from(given);
  return completed(std::move(r));
}

std::vector<std::string> inputs_of(const cxxopts::ParseResult& given) {
  std::vector<std::string> files{find_model(given["model"].as<std::string>())};
  if (given.count("init") > 0) files.push_back(given["init"].as<std::string>());
  if (given.count("accelerator") > 0) {
    files.push_back(find_accelerator(given["accelerator"].as<std::string>()));
  }
  if (given.count("constraint") > 0) {
    files.push_back(find_constraint(given["constraint"].as<std::string>()));
  }
  return files;
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

std::vector<std::string> arguments_of(const cxxopts::ParseResult& given) {
  std::vector<std::string> arguments;
  for (const cxxopts::KeyValue& option : given.arguments()) {
    arguments.push_back(fmt::format("--{}={}", option.key(), option.value()));
  }
  return arguments;
}

search_request read_search_request(const cxxopts::ParseResult& given,
                                   std::span<const std::string_view> formats) {
  if (given.count("model") == 0) {
    throw input_error(
        "--model is missing, expected a network's name or file; `cugamma networks` "
        "lists the names");
  }
  search_request r;
  r.network = network_search_from(given, r.warnings);
  r.inputs = inputs_of(given);
  if (given.count("out") > 0) r.out = given["out"].as<std::string>();
  r.format = given["format"].as<std::string>();
  if (std::ranges::find(formats, r.format) == formats.end()) {
    throw input_error(fmt::format("--format: found \"{}\", expected one of {}",
                                  r.format,
                                  fmt::join(formats, ", ")));
  }
  r.is_verbose = given.count("verbose") > 0;
  r.log_level = whole_option<int>(given, "log-level", 0);
  return r;
}

}  // namespace cugamma::cli
