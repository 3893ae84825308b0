#include "cugamma/search_run.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace cugamma {
namespace {

class stopwatch {
 public:
  double seconds() const { return seconds_from(start_, clock::now()); }

  /// Adds the time since the last call, or since the start, to a share.
  void lap(double& share) {
    const auto now = clock::now();
    share += seconds_from(last_, now);
    last_ = now;
  }

 private:
  using clock = std::chrono::steady_clock;
  static double seconds_from(clock::time_point from, clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }

  clock::time_point start_ = clock::now();
  clock::time_point last_ = start_;
};

/// One batch that holds a generation of every search still running. A lone search's generation is
/// used where it lies.
class generation_batch {
 public:
  explicit generation_batch(std::size_t searches) : ends_(searches) {}

  void collect(std::span<genetic_search> searches, const stop_rule& stop) {
    copied_.clear();
    genomes_ = {};
    for (std::size_t i = 0; i < searches.size(); ++i) {
      if (searches[i].generation() <= stop.generations) {
        const auto asked = searches[i].ask(stop.evaluations - searches[i].evaluations());
        if (searches.size() == 1) {
          genomes_ = asked;
        } else {
          copied_.insert(copied_.end(), asked.begin(), asked.end());
        }
      }
      ends_[i] = searches.size() == 1 ? genomes_.size() : copied_.size();
    }
    if (searches.size() != 1) genomes_ = copied_;
    costs_.resize(genomes_.size());
  }

  std::span<const genome> genomes() const { return genomes_; }
  std::span<cost> costs() { return costs_; }
  std::span<const cost> costs_of(std::size_t search) const {
    const std::size_t begin = search == 0 ? 0 : ends_[search - 1];
    return std::span(costs_).subspan(begin, ends_[search] - begin);
  }

 private:
  std::span<const genome> genomes_;
  std::vector<genome> copied_;
  std::vector<cost> costs_;
  std::vector<std::size_t> ends_;
};

void tell(genetic_search& search, std::span<const cost> costs, search_log& log, double seconds) {
  if (costs.empty()) return;
  search.tell(costs);
  std::optional<fitness> best;
  if (search.best()) best = search.best()->rank;
  const pareto_front& front = search.front();
  log.history.push_back({search.generation() - 1,
                         search.evaluations(),
                         best,
                         std::ssize(front.members),
                         front.hypervolume});
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
  stopwatch watch;
  const double before = start.seconds;
  run_summary run = std::move(start);
  run.logs.resize(searches.size());
  generation_batch generation(searches.size());
  while (!is_over(run, stop)) {
    watch.lap(run.time.other);
    generation.collect(searches, stop);
    watch.lap(run.time.breed);
    if (generation.genomes().empty()) break;
    score.evaluate({layers, accelerators, generation.genomes()}, generation.costs());
    watch.lap(run.time.evaluate);
    run.seconds = before + watch.seconds();
    for (std::size_t i = 0; i < searches.size(); ++i) {
      tell(searches[i], generation.costs_of(i), run.logs[i], run.seconds);
    }
    watch.lap(run.time.select);
    run.evaluations += std::ssize(generation.genomes());
    run.was_interrupted = stop.interrupted && stop.interrupted();
    if (progress) progress(run);
  }
  watch.lap(run.time.other);
  run.seconds = before + watch.seconds();
  return run;
}

}  // namespace cugamma
