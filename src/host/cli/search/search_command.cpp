#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/certify/certify_writer.hpp"
#include "cli/certify/proof_options.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt_guard.hpp"
#include "cli/options/values.hpp"
#include "cli/output/places.hpp"
#include "cli/output/said_of.hpp"
#include "cli/output/terminal.hpp"
#include "cli/processes.hpp"
#include "cli/search/checkpoint_options.hpp"
#include "cli/search/missing_layers.hpp"
#include "cli/search/model_choice.hpp"
#include "cli/search/search_options.hpp"
#include "cli/search/search_request.hpp"
#include "cli/search/search_writer.hpp"
#include "cli/several/several_searches.hpp"
#include "cli/warnings.hpp"
#include "cugamma/certify/certify.hpp"
#include "cugamma/error.hpp"
#include "cugamma/search/network_search.hpp"
#include "files/json_text.hpp"
#include "files/read_file.hpp"
#include "search/network/result_files.hpp"
#include "search/network/shape_searches.hpp"

namespace cugamma::cli {
namespace {

/// Shows on stderr how a search comes along: one line that changes on a terminal, else a line now
/// and then, or one a generation.
class progress_line {
 public:
  progress_line(const search_request& request)
      : request_(request.network),
        shapes_(list_shapes(request.network)),
        objectives_(request.network.search.objectives),
        is_lone_layer_(request.network.layers.size() == 1),
        level_(request.log_level),
        live_(isatty(STDERR_FILENO) == 1 && request.log_level == 1) {}

  void show(const run_summary& run, const std::string& stage) {
    if (level_ <= 0 || run.logs.empty()) return;
    if (level_ == 1 && run.seconds < next_) return;
    next_ = run.seconds + (live_ ? 0.1 : 2.0);
    if (live_) {
      show_line(text(run, stage, terminal_width()));
    } else {
      say("{}\n", text(run, stage, std::string::npos));
    }
  }

  void finish() const {
    if (live_) show_line("");
  }

 private:
  /// As much as there is room for, what matters most first.
  std::string text(const run_summary& run, const std::string& stage, std::size_t room) const {
    std::vector<std::string> parts{fmt::format("{:.1f} s", run.seconds)};
    if (is_lone_layer_) parts.push_back(best_text(run));
    if (!stage.empty()) parts.push_back(stage);
    add_way(run, stage, parts);
    parts.push_back(fmt::format("{} evaluations", run.evaluations));
    const double rate = static_cast<double>(run.evaluations) / run.seconds;
    parts.push_back(fmt::format("{:.3g} mappings/s", rate));
    if (is_lone_layer_) parts.push_back(fmt::format("generation {}", run.generations - 1));
    std::string line;
    for (const std::string& part : parts) {
      const std::string longer = line.empty() ? part : line + ", " + part;
      if (longer.size() > room) break;
      line = longer;
    }
    return line;
  }

  std::string best_text(const run_summary& run) const {
    const std::optional<search_rank> found = best_of_islands(run);
    if (!found) return "nothing feasible yet";
    return best_text(figure_of_value(objectives_[0], found->values[0]));
  }

  std::string best_text(double best) const {
    const std::string_view unit = unit_of(objectives_[0]);
    return fmt::format("best {} {:.8g}{}{}",
                       cugamma::name_of(objectives_[0]),
                       best,
                       unit.empty() ? "" : " ",
                       unit);
  }

  /// How much of the search is done: the share of its evaluations, generations or time, whichever
  /// ends it first; of a contest, whose evaluations nobody knows, the share of its time.
  double share_done(const run_summary& run, bool is_contest) const {
    const auto share = [](double done, double most) { return most > 0 ? done / most : 1.0; };
    const auto shapes = static_cast<double>(shapes_.layers.size());
    const stop_rule& stop = request_.stop;
    if (is_contest) return std::min(1.0, share(run.seconds, stop.seconds));
    return std::min(1.0,
                    std::max({share(run.seconds, stop.seconds),
                              share(static_cast<double>(run.generations),
                                    static_cast<double>(stop.generations)),
                              share(static_cast<double>(run.evaluations),
                                    static_cast<double>(stop.evaluations) * shapes)}));
  }

  void add_way(const run_summary& run,
               const std::string& stage,
               std::vector<std::string>& parts) const {
    const double done = share_done(run, !stage.empty());
    if (done > 0) {
      parts.push_back(fmt::format("{:.0f} %", 100 * done));
      if (done < 1) parts.push_back(fmt::format("{:.0f} s left", run.seconds * (1 - done) / done));
    }
    if (is_lone_layer_ || !stage.empty() || request_.peers != nullptr) return;
    add_layers(run, parts);
  }

  /// Layers that are done, and what the network has come to.
  void add_layers(const run_summary& run, std::vector<std::string>& parts) const {
    const std::span<const search_log> logs(run.logs);
    const std::size_t each = logs.size() / shapes_.layers.size();  // islands
    if (each == 0) return;
    double sum = 0;
    std::size_t done = 0, mapped = 0;
    for (std::size_t i = 0; i < request_.layers.size(); ++i) {
      const auto own = logs.subspan(shapes_.shape_of[i] * each, each);
      std::int64_t evaluations = 0;
      for (const search_log& log : own) {
        if (!log.history.empty()) evaluations += log.history.back().evaluations;
      }
      if (evaluations >= request_.stop.evaluations) ++done;
      const std::optional<search_rank> best = best_of(own);
      if (!best) continue;
      ++mapped;
      sum += static_cast<double>(request_.layers[i].count) *
             figure_of_value(objectives_[0], best->values[0]);
    }
    parts.push_back(fmt::format("{} of {} layers done", done, request_.layers.size()));
    const bool adds_up =
        objectives_[0] == objective::latency || objectives_[0] == objective::energy;
    if (mapped < request_.layers.size()) {
      parts.push_back(fmt::format("{} have a mapping", mapped));
    } else if (adds_up) {
      parts.push_back(best_text(sum));
    }
  }

  static std::optional<search_rank> best_of_islands(const run_summary& run) {
    return best_of(run.logs);
  }

  static std::optional<search_rank> best_of(std::span<const search_log> logs) {
    std::optional<search_rank> best;
    for (const search_log& log : logs) {
      if (log.history.empty() || !log.history.back().best) continue;
      const search_rank& own = *log.history.back().best;
      if (!best || own < *best) best = own;
    }
    return best;
  }

  const network_search_request& request_;
  layer_shapes shapes_;
  std::vector<objective> objectives_;
  bool is_lone_layer_;
  int level_;
  bool live_;
  double next_ = 0;
};

/// A word as a shell reads it.
std::string shell_word(std::string_view word) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) || std::string_view("-_=.,/:+@%").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, plain)) return std::string(word);
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// Says which layers have no more mappings than were tried.
void print_exhausted(const network_search_result& result) {
  const stop_rule& stop = result.request.stop;
  const bool ends_by_evaluations =
      std::isinf(stop.seconds) && stop.generations >= std::numeric_limits<std::int64_t>::max() - 1;
  if (!ends_by_evaluations || result.run.was_interrupted || result.request.search_pes) return;
  said_of all;
  for (const searched_layer& l : result.layers) {
    if (l.evaluations >= stop.evaluations) continue;
    all.add(l.name,
            fmt::format("the search found no mapping to try after {} of {} evaluations: its space "
                        "is exhausted, or nearly so",
                        l.evaluations,
                        stop.evaluations));
  }
  say("{}", all.lines("layer"));
}

/// Says which bounds a network breaks though each of its layers keeps them.
void print_bounds_of_layers(const network_search_result& result) {
  const network_search_request& request = result.request;
  if (request.search_pes || result.layers.size() < 2 || !result.all_found()) return;
  const network_figures network = result.network();
  const auto print = [](std::string_view bound, double most, std::string_view found) {
    say("network: each layer keeps {} {:.8g}, all together have {}; --num-pes search bounds the "
        "network\n",
        bound,
        most,
        found);
  };
  for (const objective_limit& limit : request.search.limits) {
    if (beyond({&limit, 1}, network) == 0) continue;
    print(fmt::format("--limit {}", cugamma::name_of(limit.o)),
          limit.bound,
          fmt::format("{:.8g} {}", figure(limit.o, network), unit_of(limit.o)));
  }
  const double budget = request.area_budget_mm2, area = network.budget_area() / 1e6;
  if (budget > 0 && area > budget) print("--area-budget", budget, fmt::format("{:.6g} mm^2", area));
}

void print_broken_limits(const network_search_result& result) {
  if (result.beyond_limits() == 0) return;
  const network_figures network = result.network();
  for (const objective_limit& limit : result.request.search.limits) {
    if (beyond({&limit, 1}, network) == 0) continue;
    say("network: no accelerator keeps the limit {}={:.8g}, the nearest has {:.8g}\n",
        cugamma::name_of(limit.o),
        limit.bound,
        figure(limit.o, network));
  }
}

/// What is left of a search whose processes were lost.
std::string last_words(const checkpoint_plan& plan) {
  if (plan.folder.empty()) return "no checkpoint was asked for (--checkpoint)";
  return fmt::format("--resume {} goes on from the last checkpoint", plan.folder);
}

/// Takes the places that the search will write to, before it begins.
void claim_places(folder_lock& lock, const search_request& request) {
  expect_stdout(request.out);
  const std::string& checkpoints = request.network.checkpoints.folder;
  if (!checkpoints.empty()) claim_folder(lock, "checkpoint", checkpoints);
  if (request.out.empty()) return;
  claim_folder(lock, "out", request.out);
  for (const auto& path : result_paths(request.network, request.out)) {
    try_output(path, request.inputs);
  }
}

/// Whether the folder of --out has this result, if not all of its files.
bool holds_result(const std::string& out, const std::string& json) {
  try {
    return !out.empty() && read_file(out + "/result.json") == json;
  } catch (const input_error&) {
    return false;
  }
}

/// What was proved after a search (--prove), if that was asked for.
using proofs = std::optional<std::vector<certified_layer>>;

/// result.json, with what was proved as its member "proof".
std::string json_of(const network_search_result& result, const proofs& proved) {
  const std::string json = result_json(result);
  if (!proved) return json;
  auto both = nlohmann::ordered_json::parse(json);
  both["proof"] =
      nlohmann::ordered_json::parse(certify_json(*proved, *result.request.search.model));
  return json_text(both);
}

std::string printed_table(const network_search_result& result,
                          const proofs& proved,
                          bool is_verbose) {
  const std::string table = as_table(result, is_verbose);
  return proved ? table + "\n" + proofs_beside(*proved, result) : table;
}

/// Whether the files of --out, if it is given, are written.
bool write_files(const network_search_result& result,
                 const std::string& out,
                 const std::string& json,
                 const proofs& proved) {
  if (out.empty()) return true;
  const bool has_result = is_written([&] { write_result(result, out, json); });
  const bool has_proofs =
      !proved || is_written([&] { write_certificates(result.request, *proved, out + "/proof"); });
  return has_result && has_proofs;
}

/// Writes and prints what was found, each as far as it can be; the exit status.
int put_out(const network_search_result& result,
            const search_request& request,
            const proofs& proved) {
  const std::string json = json_of(result, proved);
  const bool has_files = write_files(result, request.out, json, proved);
  const bool is_printed =
      put_text(request.format == "json" ? json : printed_table(result, proved, request.is_verbose));
  if ((!has_files || !is_printed) && !holds_result(request.out, json)) rescue(json);
  say("{}", missing_layers(result).lines("layer"));
  print_exhausted(result);
  print_broken_limits(result);
  print_bounds_of_layers(result);
  if (!can_go_on(result.run.was_interrupted, result.checkpoint_problem) || !has_files) {
    return exit_bad_input;
  }
  if (!result.all_found() || result.beyond_limits() != 0) return exit_rejected;
  return proved ? exit_code_of(*proved) : exit_ok;
}

/// Says which options change nothing in this search.
void say_without_effect(const cxxopts::ParseResult& given, const network_search_request& request) {
  const bool is_gamma = request.algorithm.starts_with("gamma");
  if (given.count("selection") > 0 && !is_gamma) {
    say("cugamma: --selection has no effect on --algorithm {}\n", request.algorithm);
  }
  if (given.count("checkpoint-every") > 0 && request.checkpoints.folder.empty()) {
    say("cugamma: --checkpoint-every has no effect without --checkpoint or --resume\n");
  }
  if (given.count("migration-interval") == 0) return;
  if (request.islands > 0 ? request.islands > 1 : islands_for(request, 1) > 1) return;
  say("cugamma: --migration-interval has no effect on one island (--islands)\n");
}

/// How far optima are to be proved after the search; nothing without --prove. Throws input_error
/// for layers whose optima cannot be proved.
std::optional<certify_options> proof_asked_for(const cxxopts::ParseResult& given,
                                               const network_search_request& request) {
  if (given.count("prove") == 0) {
    if (given.count("gap") > 0) throw input_error("--gap: needs --prove");
    return std::nullopt;
  }
  expect_certifiable(request);
  return certify_options_from(given);
}

std::string command_line(std::span<const std::string> arguments) {
  std::string line = "cugamma search";
  for (const std::string& argument : arguments) line += " " + shell_word(argument);
  return line;
}

}  // namespace

int run_search(int argc, char** argv) {
  process_group* const processes = join_processes();
  const bool is_first = processes == nullptr || processes->rank() == 0;
  cxxopts::Options options = make_search_options();
  add_prove_option(options);
  add_gap_option(options);
  const cxxopts::ParseResult given = parse_search_arguments(options, argc, argv, is_first);
  if (given.count("help") > 0) {
    if (is_first) put_text(search_help(options));
    return exit_ok;
  }
  const std::vector<varied_option> varied = varied_options(given, false);
  if (!varied.empty()) return run_several(given, varied);
  const cxxopts::ParseResult resumed = with_resumed_options(options, given);
  search_request request = read_search_request(resumed);
  const auto proof_asked = proof_asked_for(resumed, request.network);
  network_search_request& network = request.network;
  network.command = command_line(network.checkpoints.arguments);
  network.peers = processes;
  const interrupt_guard guard;
  network.stop.interrupted = &interrupt_guard::was_interrupted;
  if (processes != nullptr) {
    processes->expect_end(network.stop.interrupted, last_words(network.checkpoints));
  }
  if (!is_first) {
    search_network(network);
    return exit_ok;
  }
  print_warnings(request.warnings);
  warn_of_belief(network);
  say_without_effect(given, network);
  folder_lock lock;
  claim_places(lock, request);
  progress_line line(request);
  network.checkpoints.warn = [&line](const std::string& problem) {
    line.finish();
    say("cugamma: {}; the search goes on\n", problem);
  };
  const network_search_result result = search_network(
      network,
      [&line](const run_summary& run, const std::string& stage) { line.show(run, stage); });
  line.finish();
  proofs proved;
  if (proof_asked) {
    // What was found is safe before a proof that may take long.
    write_files(result, request.out, result_json(result), std::nullopt);
    proved = prove_optima(result, *proof_asked, request.log_level);
  }
  return put_out(result, request, proved);
}

}  // namespace cugamma::cli
