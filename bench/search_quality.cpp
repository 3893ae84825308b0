// Prints how good a mapping the search finds after a given number of evaluations, next to what
// GAMMA finds when its results are checked for plausibility.

#include <fmt/core.h>

#include <algorithm>
#include <cxxopts.hpp>
#include <string>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "results.hpp"
#include "studies.hpp"

namespace cugamma {
namespace {

struct settings : study_settings {
  std::vector<std::int64_t> checkpoints;
  std::int64_t population = 20;
  belief trust = belief::plausible;
  bool plain = false;
};

std::vector<genetic_search> make_searches(const study& s, const settings& set) {
  const accelerator a = study_accelerator();
  const search_space space = make_search_space(s.l, a);
  std::vector<genetic_search> searches;
  for (int seed = 1; seed <= set.seeds; ++seed) {
    search_options options = set.plain ? plain_gamma_options() : search_options{};
    if (!set.plain) options.rates = rates_for(set.trust);
    options.population = set.population;
    options.objectives = {s.goal};
    options.seed = static_cast<std::uint64_t>(seed);
    options.trust = set.trust;
    searches.emplace_back(space, a, options);
  }
  return searches;
}

/// One generation of every search that has evaluations left, scored as one batch.
bool advance(std::vector<genetic_search>& searches,
             const study& s,
             std::int64_t until,
             evaluator& score) {
  const accelerator a = study_accelerator();
  std::vector<genome> genomes;
  std::vector<std::size_t> ends;
  for (genetic_search& search : searches) {
    const auto asked = search.ask(until - search.evaluations());
    genomes.insert(genomes.end(), asked.begin(), asked.end());
    ends.push_back(genomes.size());
  }
  std::vector<cost> costs(genomes.size());
  score.evaluate({{&s.l, 1}, {&a, 1}, genomes}, costs);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < searches.size(); ++i) {
    if (ends[i] > begin) searches[i].tell(std::span(costs).subspan(begin, ends[i] - begin));
    begin = ends[i];
  }
  return !genomes.empty();
}

std::vector<double> best_values(const std::vector<genetic_search>& searches) {
  std::vector<double> values;
  for (const genetic_search& search : searches) {
    values.push_back(search.best() ? search.best()->rank.values[0] : 1e300);
  }
  std::ranges::sort(values);
  return values;
}

void print_row(const study& s, std::int64_t evaluations, const std::vector<double>& values) {
  const double median = median_row("", values, "").value;
  fmt::print("{:<15} {:<15} {:>8} {:>11.6g} {:>11.6g} {:>11.6g}   GAMMA at 400 {:>9.6g} {:>6.3f}",
             s.name,
             name_of(s.goal),
             evaluations,
             median,
             values.front(),
             values.back(),
             s.gamma_median,
             median / s.gamma_median);
  if (s.goal == objective::latency) {
    fmt::print("   above bound {:>6.2f} %", 100 * (median / bound_of(s) - 1));
  }
  fmt::print("\n");
}

void run_study(const study& s, const settings& set, evaluator& score, results_file& results) {
  std::vector<genetic_search> searches = make_searches(s, set);
  for (const std::int64_t checkpoint : set.checkpoints) {
    while (advance(searches, s, checkpoint, score)) {
    }
    const std::vector<double> values = best_values(searches);
    print_row(s, checkpoint, values);
    const std::string path = fmt::format("search_quality/{}/{}{}/{}",
                                         path_of(s),
                                         set.trust == belief::strict ? "strict" : "plausible",
                                         set.plain ? "/plain" : "",
                                         checkpoint);
    const result_row f = median_row(path, values, s.goal == objective::latency ? "cycles" : "");
    results.append(f);
    if (s.goal == objective::latency) {
      results.append({path + "/above_bound", 100 * (f.value / bound_of(s) - 1), "%", 0});
    }
  }
}

settings read_settings(const cxxopts::ParseResult& args) {
  settings set;
  static_cast<study_settings&>(set) = read_study_settings(args);
  set.checkpoints = args["evaluations"].as<std::vector<std::int64_t>>();
  set.population = args["population"].as<std::int64_t>();
  if (args.count("strict") != 0) set.trust = belief::strict;
  set.plain = args.count("plain") != 0;
  return set;
}

void run(int argc, char** argv) {
  cxxopts::Options options("search_quality", "Best value found after a number of evaluations");
  options.add_options()  //
      ("evaluations",
       "checkpoints",
       cxxopts::value<std::vector<std::int64_t>>()->default_value("100,200,400"))         //
      ("population", "individuals", cxxopts::value<std::int64_t>()->default_value("20"))  //
      ("strict", "reject implausible inner work too")                                     //
      ("plain", "GAMMA's operators alone");
  add_study_options(options, "20", "auto");
  const settings set = read_settings(options.parse(argc, argv));
  const auto score = make_evaluator(set.back_end);
  results_file results(set.results, device_of(*score));
  fmt::print("{:<15} {:<15} {:>8} {:>11} {:>11} {:>11}\n",
             "layer",
             "objective",
             "evals",
             "median",
             "best",
             "worst");
  for (const study& s : chosen_studies(set)) run_study(s, set, *score, results);
}

}  // namespace
}  // namespace cugamma

int main(int argc, char** argv) {
  return cugamma::run_program("search_quality", cugamma::run, argc, argv);
}
