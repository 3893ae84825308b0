#include "cli/timeloop/search/timeloop_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <initializer_list>

#include "cli/options/values.hpp"
#include "cli/search/checkpoint_options.hpp"
#include "cli/search/chosen_layers.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/accelerator_file.hpp"
#include "cugamma/formats/network_file.hpp"
#include "cugamma/models/timeloop/accelerator_architecture.hpp"
#include "files/read_file.hpp"

namespace cugamma::cli {
namespace {

const timeloop::search_options usual;

void add_what(cxxopts::Options& options) {
  auto add = options.add_options();
  add("file", "YAML files", cxxopts::value<std::vector<std::string>>());
  add("cost-model", "timeloop", cxxopts::value<std::string>(), "NAME");
  add("config-path,config_path",
      "folder of arch.yaml and problem.yaml, and of constraints.yaml if it is there",
      cxxopts::value<std::string>(),
      "DIR");
  add("accelerator",
      "a name that `cugamma accelerators` lists, or a file: one of ours in place of an "
      "architecture, "
      "or Timeloop's own with an architecture",
      cxxopts::value<std::string>(),
      "NAME|FILE");
  add("model",
      "network in place of a problem: name of a shipped model, or a file",
      cxxopts::value<std::string>(),
      "NAME|FILE");
  add("layer",
      "of the network: numbers from 1 or names, with commas between them, or all",
      value_of("all"),
      "LIST|all");
  add("objective",
      "one to four, the first ranks, the others break ties: edp, latency (delay), energy, "
      "utilization, accesses-N (of level N, 0 is the innermost), last_level_accesses; default: the "
      "files' optimization_metrics, else edp",
      cxxopts::value<std::string>(),
      "LIST");
  for (const char* name : {"fitness1", "fitness2", "fitness3"}) {
    add(name, "objective, in Gamma-Timeloop's spelling", cxxopts::value<std::string>(), "NAME");
  }
  add("pareto",
      "two or three objectives: the front of mappings that no other one beats in all of them, in "
      "place of one winner",
      cxxopts::value<std::string>(),
      "LIST");
  add("limit",
      "bounds that mappings keep, such as latency=500000,energy=1e9",
      cxxopts::value<std::string>(),
      "LIST");
}

void add_how(cxxopts::Options& options) {
  auto add = options.add_options("Search");
  add("evaluations",
      "end after so many valid mappings of a problem; default: the files' search_size, else 100000",
      cxxopts::value<std::string>(),
      "N");
  add("epochs", "end after so many generations", cxxopts::value<std::string>(), "N");
  add("time-limit",
      "end each problem's search after so many seconds, or a time such as 10m",
      cxxopts::value<std::string>(),
      "S");
  add("population,num_pops", "individuals of an island", value_of(usual.population), "N");
  add("islands", "parts that breed apart, each on a core", value_of(usual.islands), "N");
  add("migration-interval",
      "generations after which the best of each island go to the next; 0: never",
      value_of(usual.migration_interval),
      "M");
  add("seed", "the same seed gives the same result", value_of(usual.seed), "N");
  add("backend",
      "reference, cpu, cuda, or auto: cuda from populations of some thousands on, where it runs",
      value_of("auto"),
      "NAME");
  add("threads", "0: all cores", value_of(0), "N");
  add("explore-bypass,explore_bypass",
      "search which level keeps which tensor, where constraints leave it open; else every level "
      "keeps all");
}

void add_results(cxxopts::Options& options) {
  auto add = options.add_options("Results");
  add("out", "folder of results", cxxopts::value<std::string>(), "DIR");
  add("report-dir,report_dir",
      "folder of results in Gamma-Timeloop's form",
      cxxopts::value<std::string>(),
      "DIR");
  add("format", "table or json", value_of("table"), "FORMAT");
  add("verbose", "print the loop nest of every layer");
  add("log-level,log_level", "0 none, 1 progress", value_of(1), "N");
  add_checkpoint_options(add);
  add("h,help", "print this help");
  // Of Gamma-Timeloop; refused by name.
  add("use_sparse", "refused: the model is of dense tensors");
  add("density", "refused: the model is of dense tensors", cxxopts::value<std::string>());
}

/// The file of --accelerator, if it is one of Timeloop's.
std::optional<std::string> architecture_file(const cxxopts::ParseResult& given) {
  if (given.count("accelerator") == 0) return std::nullopt;
  const std::string file = find_accelerator(text_of(given, "accelerator"));
  if (!timeloop::has_architecture({file, read_file(file)})) return std::nullopt;
  return file;
}

/// own: the file of --accelerator, if it is one of Timeloop's
std::vector<std::string> files_from(const cxxopts::ParseResult& given,
                                    const std::optional<std::string>& own) {
  std::vector<std::string> files;
  if (given.count("file") > 0) files = given["file"].as<std::vector<std::string>>();
  if (own) files.insert(files.begin(), *own);
  if (given.count("config-path") == 0) return files;
  const std::filesystem::path folder = text_of(given, "config-path");
  for (const char* name : {"arch.yaml", "problem.yaml"}) files.push_back((folder / name).string());
  if (std::filesystem::exists(folder / "constraints.yaml")) {
    files.push_back((folder / "constraints.yaml").string());
  }
  return files;
}

void refuse_sparse(const cxxopts::ParseResult& given) {
  for (const char* name : {"use_sparse", "density"}) {
    if (given.count(name) == 0) continue;
    throw input_error(
        fmt::format("--{}: found sparse tensors, expected dense ones: the model "
                    "timeloop has no sparse optimizations",
                    name));
  }
}

/// Objectives as options or files name them.
std::string objective_list(const cxxopts::ParseResult& given) {
  if (given.count("objective") > 0) return text_of(given, "objective");
  std::string list;
  for (const char* name : {"fitness1", "fitness2", "fitness3"}) {
    if (given.count(name) > 0) list += (list.empty() ? "" : ",") + text_of(given, name);
  }
  return list;
}

void set_objectives(const cxxopts::ParseResult& given,
                    const timeloop::architecture& a,
                    timeloop::search_options& o) {
  if (given.count("pareto") > 0) {
    o.objectives = timeloop::parse_objectives(text_of(given, "pareto"), a);
    o.is_front = true;
  } else if (const std::string list = objective_list(given); !list.empty()) {
    o.objectives = timeloop::parse_objectives(list, a);
  }
  if (given.count("limit") > 0) o.limits = timeloop::parse_limits(text_of(given, "limit"), a);
}

void set_ends(const cxxopts::ParseResult& given, bool ends_in_time, timeloop::search_options& o) {
  if (given.count("evaluations") > 0 && given.count("epochs") > 0) {
    throw input_error("--evaluations and --epochs cannot be given together");
  }
  if (given.count("evaluations") > 0) {
    o.evaluations = whole_option<std::int64_t>(given, "evaluations", 1);
  }
  if (given.count("epochs") > 0) {
    o.evaluations = whole_option<std::int64_t>(given, "epochs", 1, 1'000'000'000) * o.population;
  }
  if (ends_in_time && given.count("time-limit") > 0) {
    o.seconds = seconds_from(text_of(given, "time-limit"), "time-limit");
    const bool has_count = given.count("evaluations") + given.count("epochs") > 0;
    if (!has_count) o.evaluations = std::numeric_limits<std::int64_t>::max() / 2;
  }
}

/// Timeloop's form of the accelerator of --accelerator, if it is given.
std::optional<timeloop::architecture> accelerator_of(const cxxopts::ParseResult& given,
                                                     std::vector<std::string>& warnings) {
  if (given.count("accelerator") == 0) return std::nullopt;
  const std::string name = text_of(given, "accelerator");
  const accelerator a =
      read_accelerator_file(find_accelerator(name), usual_accelerator(), &warnings);
  return timeloop::architecture_of(a, name);
}

/// What files hold, with an accelerator in place of an architecture.
timeloop::file_contents read_contents(const std::vector<std::string>& files,
                                      const std::optional<timeloop::architecture>& machine,
                                      const timeloop::problem* layer) {
  timeloop::file_contents contents = timeloop::read_files(files, layer);
  if (layer != nullptr && !contents.layer) contents.layer = *layer;
  if (!machine) return contents;
  if (contents.machine) {
    throw input_error(
        "--accelerator: found an architecture in the files too, expected one of them");
  }
  contents.machine = *machine;
  if (contents.layer) contents.space = no_constraints(*machine, *contents.layer);
  return contents;
}

/// Reads the request's files, for a network or for their own problem: what they have, and what
/// their mapper settings ask for. machine: in place of an architecture in the files.
void set_jobs(const std::vector<network_layer>& layers,
              const std::optional<timeloop::architecture>& machine,
              timeloop_request& r) {
  timeloop::job_list jobs = timeloop::jobs_of(layers, [&](const timeloop::problem* layer) {
    return read_contents(r.files, machine, layer);
  });
  r.machine = *jobs.contents.machine;
  r.jobs = std::move(jobs.list);
  r.warnings.insert(r.warnings.end(), jobs.contents.warnings.begin(), jobs.contents.warnings.end());
  if (jobs.contents.mapper) timeloop::set_from(*jobs.contents.mapper, r.machine, r.options);
}

}  // namespace

timeloop_request read_mapper_request(const std::vector<std::string>& files) {
  timeloop_request r;
  r.files = files;
  set_jobs({}, std::nullopt, r);
  r.options.explores_bypass = true;
  return r;
}

cxxopts::Options make_timeloop_search_options() {
  cxxopts::Options options(
      "cugamma search --cost-model timeloop",
      "Searches the best mapping of a problem onto an architecture, by Timeloop's model, from "
      "Timeloop's files. Exit status: 0 found, 1 bad input, 3 no valid mapping was found.\n\n"
      "  cugamma search --cost-model timeloop arch.yaml problem.yaml constraints.yaml\n"
      "  cugamma search --cost-model timeloop arch.yaml --model resnet50 --out out/resnet50\n");
  options.positional_help("ARCHITECTURE [PROBLEM] [CONSTRAINTS] [MAPPER]");
  add_what(options);
  add_how(options);
  add_results(options);
  options.parse_positional("file");
  return options;
}

timeloop_request read_timeloop_request(const cxxopts::ParseResult& given,
                                       std::span<const std::string_view> formats,
                                       bool ends_in_time) {
  refuse_sparse(given);
  timeloop_request r;
  const std::optional<std::string> own = architecture_file(given);
  r.files = files_from(given, own);
  const auto machine = own ? std::nullopt : accelerator_of(given, r.warnings);
  if (r.files.empty() && !(machine && given.count("model") > 0)) {
    throw input_error(
        "--cost-model timeloop: no file given, expected YAML files with architecture and "
        "problem, or --accelerator and --model");
  }
  std::vector<network_layer> layers;
  if (given.count("model") > 0) {
    const network net = read_network(find_model(text_of(given, "model")));
    r.warnings.insert(r.warnings.end(), net.warnings.begin(), net.warnings.end());
    layers = chosen_layers(net, text_of(given, "layer"));
    r.is_network = true;
  }
  set_jobs(layers, machine, r);
  timeloop::search_options& o = r.options;
  o.population = whole_option<std::int64_t>(given, "population", 2, 10'000'000);
  o.islands = whole_option<int>(given, "islands", 1, most_threads);
  o.migration_interval = whole_option<std::int64_t>(given, "migration-interval", 0);
  o.seed = whole_option<std::uint64_t>(given, "seed");
  o.explores_bypass = given.count("explore-bypass") > 0;
  set_objectives(given, r.machine, o);
  set_ends(given, ends_in_time, o);
  if (given.count("out") > 0) r.out = text_of(given, "out");
  if (given.count("report-dir") > 0) r.report_folder = text_of(given, "report-dir");
  r.format = text_of(given, "format");
  if (std::ranges::find(formats, r.format) == formats.end()) {
    refuse_value("format", r.format, fmt::format("one of: {}", fmt::join(formats, ", ")));
  }
  r.back_end = text_of(given, "backend");
  if (r.back_end == "auto") r.back_end = timeloop::fastest_back_end(o.population);
  r.is_verbose = given.count("verbose") > 0;
  r.threads = threads_option(given);
  r.log_level = whole_option<int>(given, "log-level", 0);
  r.checkpoints = checkpoints_from(given);
  return r;
}

}  // namespace cugamma::cli
