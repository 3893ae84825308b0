#include "cli/search/search_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <sstream>

#include "cli/accelerator_options.hpp"
#include "cli/cost_model_option.hpp"
#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/formats/constraint_file.hpp"
#include "cugamma/formats/network_file.hpp"
#include "cugamma/search/auto_population.hpp"
#include "cugamma/search/optimisers.hpp"
#include "cugamma/search/warm_start.hpp"

namespace cugamma::cli {
namespace {

constexpr std::int64_t default_evaluations = 100000;
/// Populations whose breeding is worth hiding behind their scoring.
constexpr std::int64_t hidden_from = 16384;

template <typename Value>
std::shared_ptr<cxxopts::Value> value_of(const std::string& text) {
  return cxxopts::value<Value>()->default_value(text);
}

void add_what(cxxopts::Options& options) {
  auto add = options.add_options();
  add("model", "name of a shipped model, or a file", cxxopts::value<std::string>(), "NAME|FILE");
  add("layer,singlelayer",
      "numbers from 1 or names, with commas between them, or all",
      value_of<std::string>("all"),
      "LIST|all");
  add("objective",
      "one to four, the first ranks, the others break ties: latency, energy, power, EDP, area, "
      "LAP, "
      "LALP, EAP, throughput, l1_size, l2_size, L-PE, L-PE-L2, PE, maestro-energy, maestro-EDP, "
      "budget-area",
      value_of<std::string>("latency,energy"),
      "LIST");
  add("pareto",
      "two or three objectives: the front of mappings that no other one beats in all of them, in "
      "place of one winner",
      cxxopts::value<std::string>(),
      "LIST");
  add("fitness1", "first objective", cxxopts::value<std::string>(), "NAME");
  add("fitness2", "second objective", cxxopts::value<std::string>(), "NAME");
  add("h,help", "print this help");
}

void add_how(cxxopts::Options& options) {
  auto add = options.add_options("Search");
  add("algorithm",
      fmt::format("{} (docs/optimisers.md)", fmt::join(known_algorithms(), ", ")),
      value_of<std::string>("gamma"),
      "NAME");
  add("population,num_pop",
      "individuals; auto: 32, with --strict 64, on a GPU twice as many, with --pareto 200",
      value_of<std::string>("auto"),
      "N|auto");
  add("selection",
      "parents are the fittest (truncation), or winners of tournaments (tournament)",
      value_of<std::string>("truncation"),
      "RULE");
  add("tournament-size", "individuals in a tournament", value_of<int>("2"), "N");
  add("front-size", "most mappings of a front", value_of<std::int64_t>("1000"), "N");
  add("reference",
      "where the hypervolume of a front ends, a figure for each objective; two runs can be "
      "compared "
      "if theirs is the same (default 1.1 times the worst figures of the first generation)",
      cxxopts::value<std::string>(),
      "LIST");
  add("islands",
      "parts of the population that breed apart (default: 1, from 16384 individuals on 2, more for "
      "several devices or processes)",
      cxxopts::value<int>(),
      "N");
  add("migration-interval",
      "generations after which the best of each island go to the next; 0: never",
      value_of<std::int64_t>("10"),
      "M");
  add("generations,epochs",
      "end after so many beyond the first population",
      cxxopts::value<std::int64_t>(),
      "N");
  add("evaluations",
      fmt::format("end after so many a layer (default {} if no end is given)", default_evaluations),
      cxxopts::value<std::int64_t>(),
      "N");
  add("time-limit", "end after so many seconds", cxxopts::value<double>(), "S");
  add("seed", "the same seed gives the same result", value_of<std::uint64_t>("1"), "N");
  add("strict", "reject also what an inner level miscounts (test 4)");
  add("maestro-compat", "believe every figure, as GAMMA does");
  add("threads", "0: all cores", value_of<int>("0"), "N");
  add_cost_model_option(options);
  add("backend", "reference, cpu, ... or auto", value_of<std::string>("auto"), "NAME");
  add("devices",
      "of the back end: all, or numbers from 0; islands are spread over them (default: the "
      "fastest)",
      cxxopts::value<std::string>(),
      "all|I,...");
}

void add_space(cxxopts::Options& options) {
  auto add = options.add_options("Mappings");
  add("levels-min,slevel_min", "cluster levels", value_of<int>("2"), "N");
  add("levels-max,slevel_max", "cluster levels, up to 3", value_of<int>("2"), "N");
  add("cluster-size,fixedCluster", "of every level; 0: free", value_of<std::int32_t>("0"), "N");
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
  add("pe-limit", "at most so many PEs", value_of<std::int32_t>("4096"), "N");
  add("area-budget",
      "mm^2 for PEs, L1 and L2; with several layers one machine is searched for all of them",
      cxxopts::value<double>(),
      "MM2");
  add("limit",
      "bounds that a mapping, with one machine for several layers the network, must keep: "
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
  add("out,outdir",
      "folder for result.json, history.csv, report.html and best.m; with --pareto also front.csv "
      "and "
      "the mappings of the front",
      cxxopts::value<std::string>(),
      "DIR");
  add("checkpoint",
      "folder to keep the state of the search in; a resumed search goes on in the same folder",
      cxxopts::value<std::string>(),
      "DIR");
  add("checkpoint-every", "seconds between checkpoints", value_of<double>("60"), "S");
  add("resume",
      "go on from a checkpoint (a folder or file), with its options; those given as well prevail",
      cxxopts::value<std::string>(),
      "DIR");
  add("format", "table or json", value_of<std::string>("table"), "FORMAT");
  add("log-level,log_level", "0 none, 1 progress, 2 every generation", value_of<int>("1"), "N");
}

network_layer chosen_layer(const network& net, const std::string& choice) {
  const auto named = std::ranges::find(net.layers, choice, &network_layer::name);
  if (named != net.layers.end()) return *named;
  std::int64_t number = 0;
  const char* end = choice.data() + choice.size();
  const auto [stop, error] = std::from_chars(choice.data(), end, number);
  if (error == std::errc{} && stop == end && number >= 1 && number <= std::ssize(net.layers)) {
    return net.layers[static_cast<std::size_t>(number - 1)];
  }
  throw input_error(fmt::format("--layer: found \"{}\", expected all, 1 to {}, or a layer of {}",
                                choice,
                                net.layers.size(),
                                net.name));
}

std::vector<network_layer> chosen_layers(const network& net, const std::string& choices) {
  if (choices == "all" || choices == "0") return net.layers;
  std::vector<network_layer> chosen;
  for (std::size_t begin = 0; begin <= choices.size();) {
    const std::size_t end = std::min(choices.find(',', begin), choices.size());
    chosen.push_back(chosen_layer(net, choices.substr(begin, end - begin)));
    begin = end + 1;
  }
  return chosen;
}

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
  if (strict && compat) {
    throw input_error("--strict and --maestro-compat cannot be given together");
  }
  if (strict) return belief::strict;
  return compat ? belief::maestro : belief::plausible;
}

template <typename Value>
Value at_least(const cxxopts::ParseResult& given, const char* name, Value least) {
  const Value found = given[name].as<Value>();
  if (found >= least) return found;
  throw input_error(fmt::format("--{}: found {}, expected {} or more", name, found, least));
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

/// The back end that --backend stands for.
std::string back_end_from(const cxxopts::ParseResult& given) {
  const auto name = given["backend"].as<std::string>();
  return name == "auto" ? available_evaluators().back() : name;
}

std::vector<int> devices_from(const cxxopts::ParseResult& given) {
  if (given.count("devices") == 0) return {};
  const std::string back_end = back_end_from(given);
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
  const bool any =
      given.count("generations") + given.count("evaluations") > 0 || given.count("time-limit") > 0;
  if (!any) stop.evaluations = default_evaluations;
  if (given.count("generations") > 0) {
    stop.generations = at_least<std::int64_t>(given, "generations", 0);
  }
  if (given.count("evaluations") > 0) {
    stop.evaluations = at_least<std::int64_t>(given, "evaluations", 1);
  }
  if (given.count("time-limit") > 0) stop.seconds = at_least<double>(given, "time-limit", 0);
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
    char* stop = nullptr;
    figures.push_back(std::strtod(number.c_str(), &stop));
    if (number.empty() || *stop != '\0') {
      throw input_error(fmt::format("--reference: found \"{}\", expected a number", number));
    }
    begin = end + 1;
  }
  return figures;
}

bool asks_for_auto_population(const cxxopts::ParseResult& given) {
  return given["population"].as<std::string>() == "auto";
}

std::int64_t population_from(const cxxopts::ParseResult& given) {
  if (asks_for_auto_population(given)) {
    return auto_population(trust_from(given), back_end_from(given) != "cuda");
  }
  const auto text = given["population"].as<std::string>();
  std::int64_t found = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, found);
  if (error == std::errc{} && stop == end && found >= 2) return found;
  throw input_error(fmt::format("--population: found {}, expected auto, or 2 or more", text));
}

/// What --pareto asks for, beside the options that every search has.
void set_front(const cxxopts::ParseResult& given, search_options& options) {
  refuse_without(given, "pareto", {"front-size", "reference"});
  if (given.count("pareto") == 0) return;
  refuse_with_pareto(given);
  const search_options front = front_options(parse_objectives(given["pareto"].as<std::string>()));
  options.objectives = front.objectives;
  options.selection = front.selection;
  if (asks_for_auto_population(given)) options.population = front.population;
  options.front_capacity = at_least<std::int64_t>(given, "front-size", 10);
  if (given.count("reference") == 0) return;
  options.reference = reference_from(given["reference"].as<std::string>());
}

void set_selection(const cxxopts::ParseResult& given, search_options& options) {
  const auto rule = given["selection"].as<std::string>();
  if (rule != "truncation" && rule != "tournament") {
    throw input_error(
        fmt::format("--selection: found \"{}\", expected truncation or tournament", rule));
  }
  if (rule == "tournament") options.selection = selection_rule::tournament;
  options.tournament_size = at_least<int>(given, "tournament-size", 1);
  if (rule != "tournament" && given.count("tournament-size") > 0) {
    throw input_error("--tournament-size: needs --selection tournament");
  }
}

search_options search_from(const cxxopts::ParseResult& given) {
  const belief trust = trust_from(given);
  search_options options;
  options.rates = rates_for(trust);
  options = options_for(given["algorithm"].as<std::string>(), options);
  options.population = population_from(given);
  options.objectives = parse_objectives(objective_list(given));
  set_selection(given, options);
  set_front(given, options);
  options.seed = given["seed"].as<std::uint64_t>();
  options.trust = trust;
  options.model = &cost_model_from(given);
  return options;
}

space_options space_from(const cxxopts::ParseResult& given,
                         const std::optional<mapping_constraint>& constraint) {
  space_options space{given["levels-min"].as<int>(),
                      given["levels-max"].as<int>(),
                      given.count("parallel-rs") > 0,
                      at_least<std::int32_t>(given, "cluster-size", 0),
                      given.count("factors-only") > 0};
  if (!constraint) return space;
  const int levels = static_cast<int>(constraint->levels.size());
  if (given.count("levels-max") == 0) space.levels_max = std::max(levels, space.levels_min);
  if (given.count("levels-min") == 0) space.levels_min = std::min(levels, space.levels_max);
  return space;
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

void read_bounds(const cxxopts::ParseResult& given, search_request& r) {
  if (given.count("limit") > 0) r.search.limits = parse_limits(given["limit"].as<std::string>());
  if (given.count("area-budget") == 0) return;
  r.area_budget_mm2 = given["area-budget"].as<double>();
  if (!(r.area_budget_mm2 > 0)) {
    throw input_error(
        fmt::format("--area-budget: found {}, expected more than 0", r.area_budget_mm2));
  }
  r.search.area_budget_um2 = r.area_budget_mm2 * 1e6;
}

/// Throws input_error for what the request's algorithm cannot do.
void check_algorithm(const search_request& r) {
  if (const auto obstacle = algorithm_obstacle(r.algorithm)) {
    throw input_error(fmt::format("--algorithm {}: {}", r.algorithm, *obstacle));
  }
  if (r.algorithm == "gamma" || r.algorithm == "gamma-plain") return;
  const auto refuse = [&](bool given, const char* what, const char* whose = "gamma") {
    if (!given) return;
    throw input_error(fmt::format("--algorithm {}: {} is for {} alone", r.algorithm, what, whose));
  };
  refuse(!r.checkpoint.empty(), "--checkpoint");
  refuse(!r.init.empty(), "--init");
  refuse(r.islands > 1, "--islands");
  refuse(r.search_pes && r.layers.size() > 1, "--num-pes search with several layers");
  refuse(r.search.selection == selection_rule::tournament, "--selection");
  const bool wants_front = r.search.selection == selection_rule::pareto;
  refuse(wants_front && r.algorithm != "nsga2", "--pareto", "gamma and nsga2");
}

/// PEs that the smallest clusters of a space need, and that the budget pays for.
void open_pes(search_space& space, const search_request& request) {
  space.search_pes = true;
  for (int level = 1; level < space.levels_max; ++level) {
    space.pes_min *= space.levels[level].cluster.low;
  }
  const double paid = request.search.area_budget_um2 / request.machine.constants.budget_pe_area_um2;
  if (paid < space.pes_max) space.pes_max = static_cast<std::int32_t>(paid);
  if (space.pes_max < space.pes_min) {
    throw input_error(fmt::format("--area-budget: {} mm^2 pay for {} PEs, the mappings need {}",
                                  request.area_budget_mm2,
                                  space.pes_max,
                                  space.pes_min));
  }
}

}  // namespace

int islands_for(const search_request& request, std::size_t layers) {
  if (request.islands > 0) return request.islands;
  const bool is_ours = request.algorithm == "gamma" || request.algorithm == "gamma-plain";
  if (!is_ours || request.search.selection == selection_rule::pareto) return 1;
  const auto searches = static_cast<std::int64_t>(std::max<std::size_t>(layers, 1));
  const std::int64_t devices = std::max<std::int64_t>(std::ssize(request.devices), 1);
  const bool worth_hiding = request.search.population >= hidden_from;
  std::int64_t wanted = devices > 1 || worth_hiding ? 2 * devices : 1;
  if (request.peers != nullptr) wanted *= request.peers->size();
  const std::int64_t most = request.search.population / 2;
  return static_cast<int>(std::min((wanted + searches - 1) / searches, most));
}

layer mapped_layer(const search_request& request, const layer& given) {
  const layer l = unit_stride(given);
  return request.constraint ? constrained_layer(*request.constraint, l) : l;
}

search_space space_for(const search_request& request, const layer& mapped) {
  search_space space = make_search_space(mapped, request.machine, request.space);
  if (request.constraint) space = constrain(space, *request.constraint);
  if (!request.search_pes) return space;
  space.pes_min = 1;
  open_pes(space, request);
  return space;
}

cxxopts::Options make_search_options() {
  cxxopts::Options options(
      "cugamma search",
      "Searches the best mapping of a network's layers onto an accelerator. Exit status: 0 found, "
      "1 bad input, 3 a layer has no feasible mapping. Ctrl-C ends the search after the current "
      "generation.\n");
  add_what(options);
  add_how(options);
  add_space(options);
  add_accelerator_options(options);
  add_co_design(options);
  add_output(options);
  return options;
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
  if (!given.unmatched().empty()) {
    throw input_error(
        fmt::format("search: found \"{}\", expected only options", given.unmatched().front()));
  }
  if (given.count("model") == 0) throw input_error("search: --model is missing");
  search_request r;
  const network net = read_network(find_model(given["model"].as<std::string>()));
  r.model = net.name;
  r.layers = chosen_layers(net, given["layer"].as<std::string>());
  r.machine = accelerator_from(given, {}, true);
  r.search_pes = searches_pes(given);
  if (r.search_pes) r.machine.num_pes = at_least<std::int32_t>(given, "pe-limit", 1);
  r.constraint = constraint_from(given);
  if (given.count("flex") > 0) {
    r.flexibility = name_of(parse_flexibility(given["flex"].as<std::string>()));
  }
  r.space = space_from(given, r.constraint);
  r.search = search_from(given);
  read_bounds(given, r);
  if (given.count("init") > 0) r.init = read_known_mappings(given["init"].as<std::string>());
  r.stop = stop_from(given);
  r.algorithm = given["algorithm"].as<std::string>();
  if (given.count("islands") > 0) r.islands = at_least<int>(given, "islands", 1);
  r.migration_interval = at_least<std::int64_t>(given, "migration-interval", 0);
  r.back_end = given["backend"].as<std::string>();
  r.devices = devices_from(given);
  r.threads = at_least<int>(given, "threads", 0);
  if (given.count("out") > 0) r.out = given["out"].as<std::string>();
  r.format = given["format"].as<std::string>();
  if (std::ranges::find(formats, r.format) == formats.end()) {
    throw input_error(fmt::format("--format: found \"{}\", expected one of {}",
                                  r.format,
                                  fmt::join(formats, ", ")));
  }
  if (given.count("resume") > 0) r.resume = r.checkpoint = given["resume"].as<std::string>();
  if (std::filesystem::is_regular_file(r.checkpoint)) {
    r.checkpoint = std::filesystem::path(r.checkpoint).parent_path().string();
  }
  if (given.count("checkpoint") > 0) r.checkpoint = given["checkpoint"].as<std::string>();
  check_algorithm(r);
  r.checkpoint_every = at_least<double>(given, "checkpoint-every", 0);
  r.arguments = arguments_of(given);
  std::erase_if(r.arguments, [](const auto& a) { return a.starts_with("--resume="); });
  r.log_level = given["log-level"].as<int>();
  return r;
}

}  // namespace cugamma::cli
