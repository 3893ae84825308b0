#include "cli/certify/proof_options.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "cli/certify/certify_writer.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt_guard.hpp"
#include "cli/options/values.hpp"
#include "cli/output/terminal.hpp"
#include "search/threads/stopwatch.hpp"

namespace cugamma::cli {
namespace {

/// Says on stderr what is proved, when a layer begins and ends and now and then between.
class bounds_line {
 public:
  bounds_line(int log_level, std::string_view unit) : level_(log_level), unit_(unit) {}

  void show(const std::string& of, double lower, double upper) {
    if (level_ <= 0 || !std::isfinite(lower)) return;
    const bool is_new = of != of_;
    of_ = of;
    if (!is_new && lower != upper && level_ == 1 && watch_.seconds() < next_) return;
    next_ = watch_.seconds() + 1;
    say("{:.1f} s, {}: {}\n", watch_.seconds(), of, bounds_text(lower, upper, unit_));
  }

 private:
  int level_;
  std::string unit_;
  stopwatch watch_;
  std::string of_;
  double next_ = 0;
};

}  // namespace

bounds_teller make_bounds_teller(int log_level, std::string_view unit) {
  const auto line = std::make_shared<bounds_line>(log_level, unit);
  return
      [line](const std::string& of, double lower, double upper) { line->show(of, lower, upper); };
}

void add_prove_option(cxxopts::Options& options) {
  options.add_options("Proof")(
      "prove",
      "prove the optimum of the first objective afterwards (docs/certify.md), within another "
      "--time-limit; --out DIR gets DIR/proof/; exit status 4: not proven");
}

void add_gap_option(cxxopts::Options& options, const std::string& group) {
  options.add_options(group)(
      "gap",
      "how far above the optimum is close enough, 0.01 for 1 %; 0: the optimum itself",
      cxxopts::value<std::string>()->default_value("0"),
      "G");
}

certify_options certify_options_from(const cxxopts::ParseResult& given) {
  certify_options options;
  options.gap = real_from(text_of(given, "gap"), "gap", 0);
  if (given.count("time-limit") > 0) {
    options.seconds = seconds_from(text_of(given, "time-limit"), "time-limit");
  }
  options.interrupted = &interrupt_guard::was_interrupted;
  options.wants_certificate = given.count("out") > 0;
  return options;
}

std::vector<certified_layer> prove_optima(const network_search_result& found,
                                          const certify_options& options,
                                          int log_level) {
  const bounds_teller tell =
      make_bounds_teller(log_level, unit_of(found.request.search.objectives.front()));
  return certify(found, options, [&](const std::string& layer, double lower, double upper) {
    tell("layer " + layer, lower, upper);
  });
}

certified_machine prove_machine(const network_search_request& request,
                                const certify_options& options,
                                int log_level) {
  const bounds_teller tell =
      make_bounds_teller(log_level, unit_of(request.search.objectives.front()));
  return certify_machine(request, options, [&](double lower, double upper) {
    tell("accelerator", lower, upper);
  });
}

int exit_code_of(const certified_machine& found) {
  if (!found.is_proven) return exit_unproven;
  return found.layers.empty() ? exit_rejected : exit_ok;
}

int exit_code_of(const std::vector<certified_layer>& layers) {
  if (!std::ranges::all_of(layers, &certified_layer::is_proven)) return exit_unproven;
  const auto is_empty = [](const certified_layer& c) { return !c.best; };
  return std::ranges::any_of(layers, is_empty) ? exit_rejected : exit_ok;
}

}  // namespace cugamma::cli
