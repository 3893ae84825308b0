#include "cugamma/search_run.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace cugamma {
namespace {

class stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// One batch that holds a generation of every search still running.
class generation_batch {
 public:
  explicit generation_batch(std::size_t searches) : ends_(searches) {}

  void collect(std::span<genetic_search> searches, const stop_rule& stop) {
    genomes_.clear();
    for (std::size_t i = 0; i < searches.size(); ++i) {
      if (searches[i].generation() <= stop.generations) {
        const auto asked = searches[i].ask(stop.evaluations - searches[i].evaluations());
        genomes_.insert(genomes_.end(), asked.begin(), asked.end());
      }
      ends_[i] = genomes_.size();
    }
    costs_.resize(genomes_.size());
  }

  std::span<const genome> genomes() const { return genomes_; }
  std::span<cost> costs() { return costs_; }
  std::span<const cost> costs_of(std::size_t search) const {
    const std::size_t begin = search == 0 ? 0 : ends_[search - 1];
    return std::span(costs_).subspan(begin, ends_[search] - begin);
  }

 private:
  std::vector<genome> genomes_;
  std::vector<cost> costs_;
  std::vector<std::size_t> ends_;
};

void tell(genetic_search& search, std::span<const cost> costs, search_log& log, double seconds) {
  if (costs.empty()) return;
  search.tell(costs);
  std::optional<fitness> best;
  if (search.best()) best = search.best()->rank;
  log.history.push_back({search.generation() - 1, search.evaluations(), best});
  log.seconds = seconds;
}

bool is_over(const run_summary& run, const stop_rule& stop) {
  return run.was_interrupted || run.seconds >= stop.seconds;
}

}  // namespace

run_summary run_searches(std::span<genetic_search> searches,
                         std::span<const layer> layers,
                         std::span<const accelerator> accelerators,
                         evaluator& score,
                         const stop_rule& stop,
                         const std::function<void(const run_summary&)>& progress,
                         run_summary start) {
  const stopwatch total;
  const double before = start.seconds;
  run_summary run = std::move(start);
  run.logs.resize(searches.size());
  generation_batch generation(searches.size());
  while (!is_over(run, stop)) {
    generation.collect(searches, stop);
    if (generation.genomes().empty()) break;
    const stopwatch evaluating;
    score.evaluate({layers, accelerators, generation.genomes()}, generation.costs());
    run.evaluate_seconds += evaluating.seconds();
    run.seconds = before + total.seconds();
    for (std::size_t i = 0; i < searches.size(); ++i) {
      tell(searches[i], generation.costs_of(i), run.logs[i], run.seconds);
    }
    run.evaluations += std::ssize(generation.genomes());
    run.was_interrupted = stop.interrupted && stop.interrupted();
    if (progress) progress(run);
  }
  run.seconds = before + total.seconds();
  return run;
}

}  // namespace cugamma
