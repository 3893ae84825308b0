#include "cugamma/search_run.hpp"

#include <tbb/global_control.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "cugamma/run_peers.hpp"
#include "search/generation_batch.hpp"
#include "search/island_ring.hpp"
#include "search/scoring_side.hpp"
#include "search/stopwatch.hpp"

namespace cugamma {
namespace {

// Individuals of all searches from where on handing a batch to another thread costs less than it
// hides.
constexpr std::int64_t worth_overlapping = 8192;

/// Whether a group is to be bred while another is scored, where nobody said so: with one core for
/// both there is nothing to gain.
bool overlap_pays(std::span<genetic_search> searches, std::span<evaluator* const> evaluators) {
  if (searches.size() < 2) return false;
  if (evaluators.size() > 1) return true;
  std::int64_t individuals = 0;
  for (const genetic_search& search : searches) individuals += search.population();
  using control = tbb::global_control;
  const bool one_core = control::active_value(control::max_allowed_parallelism) < 2;
  return individuals >= worth_overlapping && !(one_core && evaluators[0]->runs_on_host());
}

/// Searches whose generations are bred, scored and ranked together.
struct island_group {
  /// memory: where the batch lies.
  explicit island_group(std::pmr::memory_resource* memory) : batch(memory) {}

  std::vector<std::size_t> places;
  std::vector<genetic_search*> searches;
  std::vector<std::int64_t> left;  // evaluations of each
  generation_batch batch;
  std::future<double> scoring;
  std::int64_t generations = 0;  // that it went through
  bool is_under_way = false;     // in the next one
};

class search_runner {
 public:
  search_runner(std::span<genetic_search> searches,
                std::span<const layer> layers,
                std::span<const accelerator> accelerators,
                std::span<evaluator* const> evaluators,
                const run_options& options,
                run_summary start);

  run_summary run();

 private:
  void make_groups(std::span<evaluator* const> evaluators);
  void begin(island_group& g, scoring_side& side);
  void finish(island_group& g);
  void tell(island_group& g);
  bool goes_on();
  void settle();
  void count_evaluations(std::int64_t told) { run_.evaluations = evaluations_before_ + told; }
  void sum_over_processes(std::span<std::int64_t> numbers) const;
  void update_clock();

  std::span<genetic_search> searches_;
  std::span<const layer> layers_;
  std::span<const accelerator> accelerators_;
  const run_options& options_;
  run_summary run_;
  const double seconds_before_;
  const time_shares time_before_;
  const std::int64_t evaluations_before_;
  std::int64_t bred_ = 0;  // individuals of the last generation that was begun
  std::int64_t told_ = 0;  // individuals of all
  bool has_begun_ = false;
  bool has_news_ = false;  // since progress was last reported
  double scoring_seconds_ = 0;
  island_ring ring_;
  std::vector<island_group> groups_;
  std::vector<std::unique_ptr<scoring_side>> sides_;  // after the groups, whose batches they score
  stopwatch watch_;
};

search_runner::search_runner(std::span<genetic_search> searches,
                             std::span<const layer> layers,
                             std::span<const accelerator> accelerators,
                             std::span<evaluator* const> evaluators,
                             const run_options& options,
                             run_summary start)
    : searches_(searches),
      layers_(layers),
      accelerators_(accelerators),
      options_(options),
      run_(std::move(start)),
      seconds_before_(run_.seconds),
      time_before_(run_.time),
      evaluations_before_(run_.evaluations),
      ring_(searches, options, run_.generations) {
  run_.logs.resize(searches.size());
  make_groups(evaluators);
}

void search_runner::make_groups(std::span<evaluator* const> evaluators) {
  const bool overlaps = options_.overlap.value_or(overlap_pays(searches_, evaluators));
  const std::size_t most = overlaps ? 2 * evaluators.size() : 1;
  const std::size_t count = std::clamp<std::size_t>(searches_.size(), 1, most);
  const std::size_t sides = std::min(evaluators.size(), count);
  for (std::size_t i = 0; i < count; ++i) {
    groups_.emplace_back(evaluators[i % sides]->memory());
  }
  for (std::size_t i = 0; i < searches_.size(); ++i) {
    island_group& g = groups_[i % groups_.size()];
    g.places.push_back(i);
    g.searches.push_back(&searches_[i]);
    g.generations = run_.generations;
  }
  for (std::size_t i = 0; i < sides; ++i) {
    sides_.push_back(std::make_unique<scoring_side>(*evaluators[i], overlaps));
  }
}

run_summary search_runner::run() {
  while (true) {
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      finish(groups_[i]);
      if (i == 0 && !goes_on()) {
        watch_.lap(run_.time.other);
        update_clock();
        return std::move(run_);
      }
      begin(groups_[i], *sides_[i % sides_.size()]);
    }
  }
}

void search_runner::begin(island_group& g, scoring_side& side) {
  watch_.lap(run_.time.other);
  g.left.clear();
  for (const std::size_t place : g.places) {
    ring_.take_in(place, g.generations);
    const bool is_over = searches_[place].generation() > options_.stop.generations;
    g.left.push_back(is_over ? 0 : ring_.evaluations_left(place));
  }
  g.batch.collect(g.searches, g.left);
  bred_ += std::ssize(g.batch.genomes());
  g.is_under_way = true;
  watch_.lap(run_.time.breed);
  if (g.batch.genomes().empty()) return;
  g.scoring = side.submit({layers_, accelerators_, g.batch.genomes()}, g.batch.costs());
}

void search_runner::finish(island_group& g) {
  if (!g.is_under_way) return;
  g.is_under_way = false;
  watch_.lap(run_.time.other);
  if (g.scoring.valid()) {
    scoring_seconds_ += g.scoring.get();
    watch_.lap(run_.time.wait_device);
    tell(g);
  }
  ++g.generations;
  for (const std::size_t place : g.places) ring_.send_off(place, g.generations);
  watch_.lap(run_.time.select);
  if (&g == &groups_.back()) ++run_.generations;
}

void search_runner::tell(island_group& g) {
  update_clock();
  for (std::size_t i = 0; i < g.places.size(); ++i) {
    const std::span<const cost> costs = g.batch.costs_of(i);
    if (costs.empty()) continue;
    genetic_search& search = *g.searches[i];
    search.tell(costs);
    std::optional<fitness> best;
    if (search.best()) best = search.best()->rank;
    search_log& log = run_.logs[g.places[i]];
    const pareto_front& front = search.front();
    log.history.push_back({search.generation() - 1,
                           search.evaluations(),
                           best,
                           std::ssize(front.members),
                           front.hypervolume});
    log.seconds = run_.seconds;
    told_ += std::ssize(costs);
  }
  has_news_ = true;
}

/// Whether another generation follows; asked when the first group has gone through the last one,
/// and so in every process. Where a generation is under way in other groups and the run or a
/// checkpoint needs them to have gone through it as well, it waits for them.
bool search_runner::goes_on() {
  const stop_rule& stop = options_.stop;
  const auto asked = [&](const std::function<bool()>& question) {
    return static_cast<std::int64_t>(has_begun_ && question && question());
  };
  update_clock();
  enum { bred, told, is_late, interrupts, wants_checkpoint, count };
  std::array<std::int64_t, count> n{bred_,
                                    told_,
                                    static_cast<std::int64_t>(run_.seconds >= stop.seconds),
                                    asked(stop.interrupted),
                                    asked(options_.wants_checkpoint)};
  sum_over_processes(n);
  count_evaluations(n[told]);
  const bool has_ended = has_begun_ && n[bred] == 0;
  const bool stops = has_ended || n[is_late] > 0 || n[interrupts] > 0;
  if (stops || n[wants_checkpoint] > 0) settle();
  if (has_ended) --run_.generations;  // the one in which nobody was bred
  run_.was_interrupted = n[interrupts] > 0;
  if (has_news_ && run_.generations > 0 && options_.progress) options_.progress(run_);
  has_news_ = false;
  const bool keeps = n[wants_checkpoint] > 0 || run_.was_interrupted;
  if (keeps && options_.checkpoint) options_.checkpoint(run_);
  has_begun_ = true;
  bred_ = 0;
  return !stops;
}

/// Brings all groups through the generation under way, and in those who travel between processes.
void search_runner::settle() {
  for (island_group& g : groups_) finish(g);
  for (std::size_t i = 0; i < searches_.size(); ++i) ring_.take_in(i, run_.generations + 1);
  std::array told{told_};
  sum_over_processes(told);
  count_evaluations(told[0]);
  update_clock();
}

void search_runner::sum_over_processes(std::span<std::int64_t> numbers) const {
  if (options_.peers != nullptr) options_.peers->sum(numbers);
}

void search_runner::update_clock() {
  const double passed = watch_.seconds();
  const double evaluate = scoring_seconds_ / static_cast<double>(sides_.size());
  run_.seconds = seconds_before_ + passed;
  run_.time.evaluate = time_before_.evaluate + evaluate;
  run_.time.wait_host = time_before_.wait_host + std::max(0.0, passed - evaluate);
}

}  // namespace

time_shares& time_shares::operator+=(const time_shares& more) {
  for (double time_shares::*share : {&time_shares::breed,
                                     &time_shares::select,
                                     &time_shares::evaluate,
                                     &time_shares::wait_host,
                                     &time_shares::wait_device,
                                     &time_shares::other}) {
    this->*share += more.*share;
  }
  return *this;
}

run_summary run_searches(std::span<genetic_search> searches,
                         std::span<const layer> layers,
                         std::span<const accelerator> accelerators,
                         std::span<evaluator* const> evaluators,
                         const run_options& options,
                         run_summary start) {
  return search_runner(searches, layers, accelerators, evaluators, options, std::move(start)).run();
}

run_summary run_searches(std::span<genetic_search> searches,
                         std::span<const layer> layers,
                         std::span<const accelerator> accelerators,
                         evaluator& score,
                         const stop_rule& stop,
                         const std::function<void(const run_summary&)>& progress,
                         run_summary start) {
  run_options options;
  options.stop = stop;
  options.progress = progress;
  const std::array<evaluator*, 1> evaluators{&score};
  return run_searches(searches, layers, accelerators, evaluators, options, std::move(start));
}

}  // namespace cugamma
