// Prints how far above the proven optimum the best mapping is that a search finds after a given
// number of evaluations. Whatever cost model the search believes, its winners are priced by the
// exact one.

#include <fmt/core.h>

#include <algorithm>
#include <cxxopts.hpp>
#include <limits>
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
};

std::vector<genetic_search> make_searches(const study& s, const settings& set) {
  const accelerator a = study_accelerator();
  const search_space space = for_model(make_search_space(s.l, a), *set.who.model);
  std::vector<genetic_search> searches;
  for (int seed = 1; seed <= set.seeds; ++seed) {
    search_options options = options_of(set.who, s.goal);
    options.population = set.population;
    options.seed = static_cast<std::uint64_t>(seed);
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

/// The exact figures of the winners.
struct winners {
  std::vector<double> values;  ///< smallest first; infinite for a search that has found nothing
  int too_large = 0;           ///< that do not fit into L1 and L2 by the exact sizes
};

winners price(const std::vector<genetic_search>& searches, const study& s, evaluator& exact) {
  const accelerator a = study_accelerator();
  winners found;
  for (const genetic_search& search : searches) {
    if (!search.best()) {
      found.values.push_back(std::numeric_limits<double>::infinity());
      continue;
    }
    const genome g = search.best()->mapping;
    cost c;
    exact.evaluate({{&s.l, 1}, {&a, 1}, {&g, 1}}, {&c, 1});
    found.values.push_back(figure(s.goal, scored_mapping{c, a, a.num_pes}));
    if ((c.status & too_large_mask) != 0) ++found.too_large;
  }
  std::ranges::sort(found.values);
  return found;
}

void print_row(const study& s, std::int64_t evaluations, const winners& found) {
  const auto above = [&s](double value) { return 100 * (value / s.optimum - 1); };
  const double median = median_row("", found.values, "").value;
  fmt::print("{:<15} {:<8} {:>8} {:>12.7g} {:>10.4f} {:>10.4f} {:>10.4f} {:>6}\n",
             s.name,
             name_of(s.goal),
             evaluations,
             median,
             above(median),
             above(found.values.front()),
             above(found.values.back()),
             found.too_large);
}

void run_study(const study& s,
               const settings& set,
               evaluator& score,
               evaluator& exact,
               results_file& results) {
  std::vector<genetic_search> searches = make_searches(s, set);
  results.append({fmt::format("search_quality/{}/optimum", path_of(s)),
                  s.optimum,
                  std::string(unit_of(s.goal)),
                  0});
  for (const std::int64_t checkpoint : set.checkpoints) {
    while (advance(searches, s, checkpoint, score)) {
    }
    const winners found = price(searches, s, exact);
    print_row(s, checkpoint, found);
    const std::string path =
        fmt::format("search_quality/{}/{}/{}", path_of(s), set.who.name, checkpoint);
    const result_row f = median_row(path, found.values, std::string(unit_of(s.goal)));
    results.append(f);
    results.append({path + "/above_optimum", 100 * (f.value / s.optimum - 1), "%", 0});
  }
}

settings read_settings(const cxxopts::ParseResult& args) {
  settings set;
  static_cast<study_settings&>(set) = read_study_settings(args);
  set.checkpoints = args["evaluations"].as<std::vector<std::int64_t>>();
  set.population = args["population"].as<std::int64_t>();
  return set;
}

void run(int argc, char** argv) {
  cxxopts::Options options("search_quality", "Distance from the optimum after some evaluations");
  options.add_options()  //
      ("evaluations",
       "checkpoints",
       cxxopts::value<std::vector<std::int64_t>>()->default_value("100,200,400"))  //
      ("population", "individuals", cxxopts::value<std::int64_t>()->default_value("20"));
  add_study_options(options, "20", "auto");
  const settings set = read_settings(options.parse(argc, argv));
  const auto score = make_evaluator(set.back_end, {.model = set.who.model});
  const auto exact = make_evaluator("cpu", {.model = &find_cost_model("exact")});
  results_file results(set.results, device_of(*score));
  fmt::print("{:<15} {:<8} {:>8} {:>12} {:>10} {:>10} {:>10} {:>6}\n",
             "layer",
             "figure",
             "evals",
             "median",
             "above, %",
             "best, %",
             "worst, %",
             "large");
  for (const study& s : chosen_studies(set)) run_study(s, set, *score, *exact, results);
}

}  // namespace
}  // namespace cugamma

int main(int argc, char** argv) {
  return cugamma::run_program("search_quality", cugamma::run, argc, argv);
}
