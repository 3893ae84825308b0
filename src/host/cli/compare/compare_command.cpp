#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/compare/contest.hpp"
#include "cli/interrupt_guard.hpp"
#include "cli/options/values.hpp"
#include "cli/output/places.hpp"
#include "cli/output/terminal.hpp"
#include "cli/search/model_choice.hpp"
#include "cli/search/search_options.hpp"
#include "cli/search/search_request.hpp"
#include "cli/statistics.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/search/optimisers.hpp"
#include "formats/csv_reader.hpp"

namespace cugamma::cli {
namespace {

/// What is printed of a contestant, as a user reads it.
class summary {
 public:
  summary(const contestant& c, objective o) : c_(c), objective_(o) {}

  double at(double quantile_share, std::size_t share = contest_shares.size() - 1) const {
    const double value = quantile(values_after(c_, share), quantile_share);
    return std::isfinite(value) ? figure_of_value(objective_, value) : value;
  }
  double median(std::size_t share) const { return at(0.5, share); }

  double evaluations() const {
    std::vector<double> counts;
    for (const contest_search& s : c_.searches) {
      counts.push_back(static_cast<double>(s.evaluations));
    }
    return quantile(counts, 0.5);
  }
  double seconds() const {
    std::vector<double> times;
    for (const contest_search& s : c_.searches) times.push_back(s.seconds);
    return quantile(times, 0.5);
  }

 private:
  const contestant& c_;
  objective objective_;
};

std::string share_name(double share) { return fmt::format("{:g}%", 100 * share); }

std::string figure_text(double figure) {
  return std::isfinite(figure) ? fmt::format("{:.7g}", figure) : "-";
}

bool same_contest(const contestant& a, const contestant& b) {
  return a.layer == b.layer && a.budget == b.budget;
}

std::string figures_header() {
  return fmt::format("{:<12}{:>13}{:>13}{:>13}{:>13}{:>13}{:>13}{:>10}\n",
                     "algorithm",
                     "median",
                     "quartile 1",
                     "quartile 3",
                     "best",
                     "worst",
                     "evaluations",
                     "seconds");
}

std::string figures_row(const contestant& c, objective o) {
  const summary s(c, o);
  return fmt::format("{:<12}{:>13}{:>13}{:>13}{:>13}{:>13}{:>13.0f}{:>10.3g}\n",
                     c.algorithm,
                     figure_text(s.at(0.5)),
                     figure_text(s.at(0.25)),
                     figure_text(s.at(0.75)),
                     figure_text(s.at(0)),
                     figure_text(s.at(1)),
                     s.evaluations(),
                     s.seconds());
}

std::string convergence_header() {
  std::string text = fmt::format("{:<12}", "median after");
  for (const double share : contest_shares) text += fmt::format("{:>13}", share_name(share));
  return text + "\n";
}

std::string convergence_row(const contestant& c, objective o) {
  std::string text = fmt::format("{:<12}", c.algorithm);
  for (std::size_t i = 0; i < contest_shares.size(); ++i) {
    text += fmt::format("{:>13}", figure_text(summary(c, o).median(i)));
  }
  return text + "\n";
}

std::string budget_text(const contest_plan& plan, contest_budget budget) {
  return budget == contest_budget::evaluations ? fmt::format("{} evaluations", plan.evaluations)
                                               : fmt::format("{:g} seconds", plan.seconds);
}

std::string as_table(const contest_plan& plan, const std::vector<contestant>& all) {
  const objective o = plan.request.search.objectives[0];
  std::string text;
  for (auto first = all.begin(); first != all.end();) {
    const auto last = std::find_if(first, all.end(), [&](const contestant& c) {
      return !same_contest(c, *first);
    });
    text += fmt::format("{} {}, {}, {} seeds, {} each\n\n",
                        plan.request.model,
                        first->layer,
                        cugamma::name_of(o),
                        plan.seeds,
                        budget_text(plan, first->budget));
    text += figures_header();
    for (auto c = first; c != last; ++c) text += figures_row(*c, o);
    text += "\n" + convergence_header();
    for (auto c = first; c != last; ++c) text += convergence_row(*c, o);
    text += "\n";
    first = last;
  }
  return text;
}

nlohmann::ordered_json number(double figure) {
  if (!std::isfinite(figure)) return nullptr;
  return figure;
}

nlohmann::ordered_json row_json(const contestant& c, objective o) {
  const summary s(c, o);
  nlohmann::ordered_json convergence = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < contest_shares.size(); ++i) {
    convergence[share_name(contest_shares[i])] = number(s.median(i));
  }
  return {{"layer", c.layer},
          {"equal", name_of(c.budget)},
          {"algorithm", c.algorithm},
          {"median", number(s.at(0.5))},
          {"quartile_1", number(s.at(0.25))},
          {"quartile_3", number(s.at(0.75))},
          {"best", number(s.at(0))},
          {"worst", number(s.at(1))},
          {"evaluations", s.evaluations()},
          {"seconds", s.seconds()},
          {"median_after", convergence}};
}

std::string as_json(const contest_plan& plan, const std::vector<contestant>& all) {
  const objective o = plan.request.search.objectives[0];
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const contestant& c : all) rows.push_back(row_json(c, o));
  const nlohmann::ordered_json result{{"model", plan.request.model},
                                      {"objective", cugamma::name_of(o)},
                                      {"seeds", plan.seeds},
                                      {"evaluations", plan.evaluations},
                                      {"seconds", plan.seconds},
                                      {"results", rows}};
  return result.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::string as_csv(const contest_plan& plan, const std::vector<contestant>& all) {
  const objective o = plan.request.search.objectives[0];
  std::string text =
      "layer,equal,algorithm,median,quartile_1,quartile_3,best,worst,evaluations,seconds";
  for (const double share : contest_shares) text += ",median_after_" + share_name(share);
  text += "\n";
  for (const contestant& c : all) {
    const summary s(c, o);
    text += fmt::format("{},{},{}", csv_quoted(c.layer), name_of(c.budget), c.algorithm);
    for (const double q : {0.5, 0.25, 0.75, 0.0, 1.0}) text += fmt::format(",{:.10g}", s.at(q));
    text += fmt::format(",{},{:.6g}", s.evaluations(), s.seconds());
    for (std::size_t i = 0; i < contest_shares.size(); ++i) {
      text += fmt::format(",{:.10g}", s.median(i));
    }
    text += "\n";
  }
  return text;
}

cxxopts::Options make_options() {
  cxxopts::Options options = make_search_options();
  auto add = options.add_options("Compare");
  add("algorithms",
      "of those that --algorithm knows, all by default",
      cxxopts::value<std::vector<std::string>>(),
      "LIST");
  add("seeds",
      "searches an algorithm, from --seed on",
      cxxopts::value<std::string>()->default_value("10"),
      "N");
  add("seconds",
      "compare at equal time as well, each search with so many seconds, or a time such as 1m",
      cxxopts::value<std::string>()->default_value("0"),
      "S");
  return options;
}

void refuse_others(const cxxopts::ParseResult& given) {
  for (const char* option : {"algorithm",
                             "generations",
                             "time-limit",
                             "checkpoint",
                             "checkpoint-every",
                             "resume",
                             "init",
                             "islands",
                             "migration-interval",
                             "devices",
                             "pareto",
                             "out"}) {
    if (given.count(option) == 0) continue;
    throw input_error(fmt::format("compare: --{} is for search alone", option));
  }
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
  constexpr int most_seeds = 10000;
  plan.seeds = whole_option<int>(given, "seeds", 1, most_seeds);
  if (given.count("evaluations") > 0) plan.evaluations = plan.request.stop.evaluations;
  plan.seconds = seconds_from(text_of(given, "seconds"), "seconds");
  return plan;
}

}  // namespace

int run_compare(int argc, char** argv) {
  cxxopts::Options options = make_options();
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
  refuse_empty(given);
  say_repeated(given);
  refuse_others(given);
  static constexpr std::array<std::string_view, 3> formats{"table", "json", "csv"};
  const search_request asked = read_search_request(given, formats);
  print_warnings(asked.warnings);
  contest_plan plan = read_plan(given, asked.network);
  warn_of_belief(plan.request);
  expect_stdout("");
  const interrupt_guard guard;
  plan.request.stop.interrupted = &interrupt_guard::was_interrupted;
  const std::vector<contestant> all = hold_contest(plan, [&asked](const contestant& c) {
    if (asked.log_level <= 0) return;
    say("{}, equal {}: {} is done\n", c.layer, name_of(c.budget), c.algorithm);
  });
  const std::string& format = asked.format;
  const auto write = format == "json" ? as_json : format == "csv" ? as_csv : as_table;
  if (!put_text(write(plan, all))) rescue(as_json(plan, all));
  return exit_ok;
}

}  // namespace cugamma::cli
