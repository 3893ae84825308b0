#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "cli/interrupt_guard.hpp"
#include "cli/processes.hpp"
#include "cli/search/search_request.hpp"
#include "cli/search/search_writer.hpp"
#include "cli/warnings.hpp"
#include "cugamma/search/checkpoint.hpp"
#include "cugamma/search/network_search.hpp"

namespace cugamma::cli {
namespace {

/// Shows on stderr how a search comes along: one line that changes on a terminal, else a line now
/// and then, or one a generation.
class progress_line {
 public:
  progress_line(const search_request& request)
      : objectives_(request.network.search.objectives),
        is_lone_layer_(request.network.layers.size() == 1),
        level_(request.log_level),
        live_(isatty(STDERR_FILENO) == 1 && request.log_level == 1) {}

  void show(const run_summary& run, const std::string& stage) {
    if (level_ <= 0 || run.logs.empty()) return;
    if (level_ == 1 && run.seconds < next_) return;
    next_ = run.seconds + (live_ ? 0.1 : 2.0);
    fmt::print(stderr, "{}{}{}", live_ ? "\r\033[K" : "", text(run, stage), live_ ? "" : "\n");
    std::fflush(stderr);
  }

  void finish() const {
    if (live_) fmt::print(stderr, "\r\033[K");
  }

 private:
  std::string text(const run_summary& run, const std::string& stage) const {
    std::string line = fmt::format("{:.1f} s, {} evaluations, {:.3g} mappings/s",
                                   run.seconds,
                                   run.evaluations,
                                   static_cast<double>(run.evaluations) / run.seconds);
    if (!stage.empty()) line += ", " + stage;
    if (!is_lone_layer_) return line;
    line += fmt::format(", generation {}, ", run.generations - 1);
    const std::optional<fitness> found = best_of_islands(run);
    if (!found) return line + "nothing feasible yet";
    const double best = figure_of_value(objectives_[0], found->values[0]);
    return line + fmt::format("best {} {:.8g}", cugamma::name_of(objectives_[0]), best);
  }

  static std::optional<fitness> best_of_islands(const run_summary& run) {
    std::optional<fitness> best;
    for (const search_log& log : run.logs) {
      if (log.history.empty() || !log.history.back().best) continue;
      const fitness& own = *log.history.back().best;
      if (!best || own < *best) best = own;
    }
    return best;
  }

  std::vector<objective> objectives_;
  bool is_lone_layer_;
  int level_;
  bool live_;
  double next_ = 0;
};

/// A word as a shell reads it.
std::string quoted(std::string_view word) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) || std::string_view("-_=.,/:+@%").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, plain)) return std::string(word);
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

void print_missing(const network_search_result& result) {
  for (const searched_layer& l : result.layers) {
    if (l.best) continue;
    std::string why;
    const search_options& options = result.request.search;
    for (const rejection& r : list_rejections(l.rejected, *options.model, options.trust)) {
      if (r.count == 0 || !r.is_rejected) continue;
      why += fmt::format("{}{} {}", why.empty() ? "" : ", ", r.count, r.about);
    }
    fmt::print(stderr,
               "layer {}: no feasible mapping among {}: {}\n",
               l.name,
               l.evaluations,
               why.empty() ? "none was evaluated" : why);
  }
}

void print_broken_limits(const network_search_result& result) {
  if (result.beyond_limits() == 0) return;
  const network_figures network = result.network();
  for (const objective_limit& limit : result.request.search.limits) {
    if (beyond({&limit, 1}, network) == 0) continue;
    fmt::print(stderr,
               "network: no machine keeps the limit {}={:.8g}, the nearest has {:.8g}\n",
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

/// Writes and prints what was found; the exit status.
int put_out(const network_search_result& result, const search_request& request) {
  if (!request.out.empty()) write_result(result, request.out);
  fmt::print("{}", request.format == "json" ? result_json(result) : as_table(result));
  print_missing(result);
  print_broken_limits(result);
  return result.all_found() && result.beyond_limits() == 0 ? exit_ok : exit_rejected;
}

std::string command_line(std::span<const std::string> arguments) {
  std::string line = "cugamma search";
  for (const std::string& argument : arguments) line += " " + quoted(argument);
  return line;
}

/// What was asked for: with --resume the options of the checkpoint, then those given with it.
cxxopts::ParseResult with_resumed_options(cxxopts::Options& options,
                                          const cxxopts::ParseResult& given) {
  if (given.count("resume") == 0) return given;
  std::vector<std::string> words{"search"};
  std::ranges::copy(read_checkpoint(given["resume"].as<std::string>()).arguments,
                    std::back_inserter(words));
  std::ranges::copy(arguments_of(given), std::back_inserter(words));
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  return options.parse(static_cast<int>(pointers.size()), pointers.data());
}

}  // namespace

int run_search(int argc, char** argv) {
  process_group* const processes = join_processes();
  const bool is_first = processes == nullptr || processes->rank() == 0;
  cxxopts::Options options = make_search_options();
  const cxxopts::ParseResult given = options.parse(argc, argv);
  if (given.count("help") > 0) {
    if (is_first) fmt::print("{}", options.help());
    return exit_ok;
  }
  search_request request = read_search_request(with_resumed_options(options, given));
  network_search_request& network = request.network;
  network.command = command_line(network.checkpoints.arguments);
  network.peers = processes;
  const interrupt_guard guard;
  network.stop.interrupted = &interrupt_guard::was_interrupted;
  if (processes != nullptr) {
    processes->expect_end(network.stop.interrupted, last_words(network.checkpoints));
  }
  if (is_first) print_warnings(request.warnings);
  if (!is_first) {
    search_network(network);
    return exit_ok;
  }
  progress_line line(request);
  const network_search_result result = search_network(
      network,
      [&line](const run_summary& run, const std::string& stage) { line.show(run, stage); });
  line.finish();
  return put_out(result, request);
}

}  // namespace cugamma::cli
