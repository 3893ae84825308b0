#include "cli/search/search_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <sstream>

#include "cli/accelerator_options.hpp"
#include "cli/cost_model_option.hpp"
#include "cli/options/values.hpp"
#include "cli/search/checkpoint_options.hpp"
#include "cli/search/chosen_layers.hpp"
#include "cugamma/error.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/formats/accelerator_file.hpp"
#include "cugamma/formats/constraint_file.hpp"
#include "cugamma/formats/network_file.hpp"
#include "cugamma/search/co_design.hpp"
#include "cugamma/search/warm_start.hpp"

namespace cugamma::cli {
namespace {

constexpr int most_tournament = 10000;
constexpr std::int64_t most_front = 1000000;

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
  if (given.count("front-size") > 0) {
    options.front_capacity = whole_option<std::int64_t>(given, "front-size", 10, most_front);
  }
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
