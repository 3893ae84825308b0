#include <fmt/core.h>
#include <tbb/global_control.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <csignal>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "commands.hpp"
#include "search_outcome.hpp"
#include "search_request.hpp"
#include "search_writer.hpp"

namespace cugamma::cli {
namespace {

std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

/// Turns the first Ctrl-C into a request to stop; a second one ends the program.
class interrupt_guard {
 public:
  interrupt_guard() {
    interrupted = false;
    previous_ = std::signal(SIGINT, [](int) {
      interrupted = true;
      std::signal(SIGINT, SIG_DFL);
    });
  }
  ~interrupt_guard() { std::signal(SIGINT, previous_); }
  interrupt_guard(const interrupt_guard&) = delete;
  interrupt_guard& operator=(const interrupt_guard&) = delete;

 private:
  void (*previous_)(int);
};

/// Shows on stderr how a search comes along: one line that changes on a terminal, else a line now
/// and then, or one a generation.
class progress_line {
 public:
  progress_line(const search_request& request)
      : objectives_(request.search.objectives),
        level_(request.log_level),
        live_(isatty(STDERR_FILENO) == 1 && request.log_level == 1) {}

  void show(const run_summary& run) {
    if (level_ <= 0 || run.logs.empty()) return;
    if (level_ == 1 && run.seconds < next_) return;
    next_ = run.seconds + (live_ ? 0.1 : 2.0);
    fmt::print(stderr, "{}{}{}", live_ ? "\r\033[K" : "", text(run), live_ ? "" : "\n");
    std::fflush(stderr);
  }

  void finish() const {
    if (live_) fmt::print(stderr, "\r\033[K");
  }

 private:
  std::string text(const run_summary& run) const {
    std::string line = fmt::format("{:.1f} s, {} evaluations, {:.3g} mappings/s",
                                   run.seconds,
                                   run.evaluations,
                                   static_cast<double>(run.evaluations) / run.seconds);
    if (run.logs.size() > 1 || run.logs[0].history.empty()) return line;
    const history_entry& now = run.logs[0].history.back();
    line += fmt::format(", generation {}, ", now.generation);
    if (!now.best) return line + "nothing feasible yet";
    const double best = figure_of_value(objectives_[0], now.best->values[0]);
    return line + fmt::format("best {} {:.8g}", cugamma::name_of(objectives_[0]), best);
  }

  std::vector<objective> objectives_;
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

void print_missing(const search_outcome& outcome) {
  for (const searched_layer& l : outcome.layers) {
    if (l.best) continue;
    std::string why;
    for (const rejection_reason& reason : rejection_reasons) {
      const std::int64_t n = l.rejected.*reason.count;
      if (n == 0 || !rejects(outcome.request.search.trust, reason)) continue;
      why += fmt::format("{}{} {}", why.empty() ? "" : ", ", n, reason.about);
    }
    fmt::print(stderr,
               "layer {}: no feasible mapping among {}: {}\n",
               l.name,
               l.evaluations,
               why.empty() ? "none was evaluated" : why);
  }
}

std::string command_line(std::span<char*> arguments) {
  std::string line = "cugamma";
  for (const char* argument : arguments) line += fmt::format(" {}", quoted(argument));
  return line;
}

}  // namespace

int run_search(int argc, char** argv) {
  cxxopts::Options options = make_search_options();
  const std::string words = command_line(std::span(argv, static_cast<std::size_t>(argc)));
  const cxxopts::ParseResult given = options.parse(argc, argv);
  if (given.count("help") > 0) {
    fmt::print("{}", options.help());
    return exit_ok;
  }
  search_request request = read_search_request(given);
  request.command = words;
  std::optional<tbb::global_control> limit;
  if (request.threads > 0) {
    limit.emplace(tbb::global_control::max_allowed_parallelism,
                  static_cast<std::size_t>(request.threads));
  }
  const interrupt_guard guard;
  request.stop.interrupted = [] { return interrupted.load(); };
  progress_line line(request);
  const search_outcome outcome =
      search(request, [&line](const run_summary& run) { line.show(run); });
  line.finish();
  if (!request.out.empty()) write_files(outcome, request.out);
  fmt::print("{}", request.format == "json" ? as_json(outcome) : as_table(outcome));
  print_missing(outcome);
  return outcome.all_found() ? exit_ok : exit_rejected;
}

}  // namespace cugamma::cli
