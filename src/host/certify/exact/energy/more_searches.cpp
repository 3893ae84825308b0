#include "certify/exact/energy/more_searches.hpp"

#include <algorithm>
#include <memory>
#include <span>

#include "certify/on_threads.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/search/search_run.hpp"

namespace cugamma::exact {
namespace {

/// As many as pay for a layer: small ones have few mappings.
std::int64_t evaluations_for(const question& q) {
  constexpr double most = 100'000, for_each_index = 20;
  double indices = 1;
  for (const std::int32_t size : q.size) indices *= size;
  return static_cast<std::int64_t>(std::min(most, for_each_index * indices));
}

}  // namespace

more_searches::more_searches(const certify_problem& problem, const question& q, proof& p)
    : problem_(problem), question_(q), proof_(p) {}

void more_searches::run(int threads) {
  const int first = std::max(at_least, threads);
  on_threads(threads, [&](int) {
    while (!proof_.is_over()) {
      const int number = ++count_;
      if (number > first && number > last_better_ + in_vain) return;
      search(number);
    }
  });
}

void more_searches::run_one() {
  if (count_ < last_better_ + most_in_vain) search(++count_);
}

void more_searches::search(int number) {
  constexpr std::uint64_t first_seed = 1 << 20;  // far from those that people choose
  const cost_model& model = find_cost_model("exact");
  search_options options;
  options.model = &model;
  options.trust = belief::strict;
  options.objectives = {problem_.goal};
  options.rates = rates_for(options.trust);
  options.population = default_population(options.trust, options.selection, true);
  options.seed = first_seed + static_cast<std::uint64_t>(number);
  search_space space = problem_.space;
  space.layer_index = space.accelerator_index = 0;
  genetic_search search(space, problem_.machine, options);
  const std::unique_ptr<evaluator> scores = make_evaluator("cpu", {.threads = 1, .model = &model});
  stop_rule stop;
  stop.evaluations = evaluations_for(question_);
  stop.interrupted = [this] { return proof_.is_over(); };
  run_searches({&search, 1}, {&question_.target, 1}, {&problem_.machine, 1}, *scores, stop);
  if (!search.best() || search.best()->rank.violation > 0) return;
  genome g = search.best()->mapping;
  g.layer_index = question_.layer_index;
  g.accelerator_index = question_.accelerator_index;
  const double value = price_of(question_, g);
  if (!(value < proof_.upper())) return;
  proof_.offer(g, value);
  last_better_ = number;
}

}  // namespace cugamma::exact
