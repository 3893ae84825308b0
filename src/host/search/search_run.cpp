#include "cugamma/search/search_run.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <utility>

#include "cugamma/processes/run_peers.hpp"
#include "search/generation_batch.hpp"
#include "search/island_ring.hpp"
#include "search/threads/side_thread.hpp"
#include "search/threads/stopwatch.hpp"
#include "search/threads/thread_limit.hpp"

namespace cugamma {
namespace {

// Individuals of all searches from where on handing a batch to another thread costs less than it
// hides.
constexpr std::int64_t worth_overlapping = 8192;
constexpr std::size_t most_groups = 8;  // for each evaluator

/// Groups for each evaluator where nobody said how many. Two keep it busy, unless one core breeds
/// and scores; more keep many cores busy, of which each group leaves some idle.
int groups_that_pay(std::span<genetic_search> searches, std::span<evaluator* const> evaluators) {
  const int groups =
      static_cast<int>(std::clamp<std::size_t>(allowed_threads() / 2, 2, most_groups));
  if (evaluators.size() > 1) return groups;
  std::int64_t individuals = 0;
  for (const genetic_search& search : searches) individuals += search.population();
  const bool one_does_both = allowed_threads() == 1 && evaluators[0]->runs_on_host();
  return individuals < worth_overlapping || one_does_both ? 1 : groups;
}

/// Scores the batches of some groups one after the other.
struct scoring_side {
  scoring_side(evaluator& e, bool has_thread) : score(e), thread(has_thread) {}

  evaluator& score;
  side_thread thread;
};

/// Searches whose generations are bred, scored and ranked together; each group beside the others.
struct island_group {
  explicit island_group(scoring_side& s) : side(s), batch(s.score.memory()) {}

  scoring_side& side;
  std::vector<std::size_t> places;
  std::vector<genetic_search*> searches;
  std::vector<std::int64_t> left;  // evaluations of each
  generation_batch batch;
  std::future<double> scoring;                // its seconds
  std::int64_t generations = 0;               // that it went through
  bool is_under_way = false;                  // in the next one
  bool has_leaving = false;                   // since parents were last sent off
  std::vector<std::vector<migrant>> leaving;  // of each search

  std::int64_t bred = 0;  // individuals of the last generation that was begun
  std::int64_t told = 0;  // individuals of all
  time_shares time;       // of the thread that breeds and ranks, and of its scoring
  stopwatch watch;
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
  void advance();
  void begin(island_group& g);
  void finish(island_group& g);
  void tell(island_group& g);
  void send_off();
  bool goes_on();
  void settle();
  void sum_over_processes(std::span<std::int64_t> numbers) const;
  std::int64_t sum_of(std::int64_t island_group::*number) const;
  void update_clock();

  std::span<genetic_search> searches_;
  std::span<const layer> layers_;
  std::span<const accelerator> accelerators_;
  const run_options& options_;
  run_summary run_;
  const double seconds_before_;
  const time_shares time_before_;
  const std::int64_t evaluations_before_;
  bool has_begun_ = false;
  std::int64_t reported_ = 0;  // individuals told when progress was last reported
  island_ring ring_;
  std::vector<std::unique_ptr<island_group>> groups_;
  // Threads come after what they work on. The caller's breeds the first group.
  std::vector<std::unique_ptr<scoring_side>> sides_;
  std::vector<std::unique_ptr<side_thread>> hosts_;
  const bool has_threads_ = allowed_threads() > 1;  // for each group one
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
  const int each = options_.groups.value_or(groups_that_pay(searches_, evaluators));
  const std::size_t most = each > 1 ? static_cast<std::size_t>(each) * evaluators.size() : 1;
  const std::size_t count = std::clamp<std::size_t>(searches_.size(), 1, most);
  const std::size_t sides = std::min(evaluators.size(), count);
  for (std::size_t i = 0; i < sides; ++i) {
    sides_.push_back(std::make_unique<scoring_side>(*evaluators[i], count > 1));
  }
  for (std::size_t i = 0; i < count; ++i) {
    groups_.push_back(std::make_unique<island_group>(*sides_[i % sides]));
    groups_.back()->generations = run_.generations;
    if (i > 0) hosts_.push_back(std::make_unique<side_thread>(has_threads_));
  }
  for (std::size_t i = 0; i < searches_.size(); ++i) {
    island_group& g = *groups_[i % count];
    g.places.push_back(i);
    g.searches.push_back(&searches_[i]);
    g.leaving.emplace_back();
  }
}

run_summary search_runner::run() {
  while (goes_on()) advance();
  update_clock();
  return std::move(run_);
}

/// Takes the first group through a generation, and the others from one to the next, side by side.
void search_runner::advance() {
  island_group& first = *groups_[0];
  for (std::size_t i = 0; i < searches_.size(); ++i) ring_.take_in(i, first.generations);
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < groups_.size(); ++i) {
    others.push_back(hosts_[i - 1]->submit([this, &g = *groups_[i]] {
      finish(g);
      begin(g);
    }));
  }
  begin(first);
  const auto wait_for_others = [&] {
    for (std::future<void>& other : std::exchange(others, {})) other.get();
  };
  if (!has_threads_) wait_for_others();  // while the first is scored
  finish(first);
  wait_for_others();
  send_off();
}

void search_runner::begin(island_group& g) {
  g.watch.begin_lap();
  g.left.clear();
  for (const std::size_t place : g.places) {
    const bool is_over = searches_[place].generation() > options_.stop.generations;
    g.left.push_back(is_over ? 0 : ring_.evaluations_left(place));
  }
  g.batch.collect(g.searches, g.left);
  g.bred = std::ssize(g.batch.genomes());
  g.is_under_way = true;
  g.watch.lap(g.time.breed);
  if (g.bred == 0) return;
  const batch b{layers_, accelerators_, g.batch.genomes()};
  g.scoring = g.side.thread.submit([&score = g.side.score, b, out = g.batch.costs()] {
    const stopwatch watch;
    score.evaluate(b, out);
    return watch.seconds();
  });
}

void search_runner::finish(island_group& g) {
  if (!g.is_under_way) return;
  g.is_under_way = false;
  g.watch.begin_lap();
  if (g.scoring.valid()) {
    g.time.evaluate += g.scoring.get();
    g.watch.lap(g.time.wait_device);
    tell(g);
  }
  ++g.generations;
  for (std::size_t i = 0; i < g.places.size(); ++i) {
    g.leaving[i] = ring_.leaving(g.places[i], g.generations);
  }
  g.has_leaving = true;
  g.watch.lap(g.time.select);
}

void search_runner::tell(island_group& g) {
  const double now = seconds_before_ + watch_.seconds();
  for (std::size_t i = 0; i < g.places.size(); ++i) {
    const std::span<const cost> costs = g.batch.costs_of(i);
    if (costs.empty()) continue;
    genetic_search& search = *g.searches[i];
    search.tell(costs);
    std::optional<search_rank> best;
    if (search.best()) best = search.best()->rank;
    search_log& log = run_.logs[g.places[i]];
    const pareto_front& front = search.front();
    log.history.push_back({search.generation() - 1,
                           search.evaluations(),
                           best,
                           std::ssize(front.members),
                           front.hypervolume});
    log.seconds = now;
    g.told += std::ssize(costs);
  }
}

/// Sends those on who leave after the generations that groups have gone through.
void search_runner::send_off() {
  for (const auto& g : groups_) {
    if (!std::exchange(g->has_leaving, false)) continue;
    for (std::size_t i = 0; i < g->places.size(); ++i) {
      ring_.send_off(g->places[i], g->generations, g->leaving[i]);
    }
  }
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
  run_.generations = groups_.back()->generations;
  enum { bred, told, is_late, interrupts, wants_checkpoint, count };
  std::array<std::int64_t, count> n{sum_of(&island_group::bred),
                                    sum_of(&island_group::told),
                                    static_cast<std::int64_t>(run_.seconds >= stop.seconds),
                                    asked(stop.interrupted),
                                    asked(options_.wants_checkpoint)};
  sum_over_processes(n);
  run_.evaluations = evaluations_before_ + n[told];
  const bool has_ended = has_begun_ && n[bred] == 0;
  const bool stops = has_ended || n[is_late] > 0 || n[interrupts] > 0;
  if (stops || n[wants_checkpoint] > 0) settle();
  if (has_ended) --run_.generations;  // the one in which nobody was bred
  run_.was_interrupted = n[interrupts] > 0;
  const std::int64_t told_here = sum_of(&island_group::told);
  const bool has_news = std::exchange(reported_, told_here) != told_here;
  if (has_news && run_.generations > 0 && options_.progress) options_.progress(run_);
  const bool keeps = n[wants_checkpoint] > 0 || run_.was_interrupted;
  if (keeps && options_.checkpoint) options_.checkpoint(run_);
  has_begun_ = true;
  return !stops;
}

/// Brings all groups through the generation under way, and in those who travel between processes.
void search_runner::settle() {
  for (const auto& g : groups_) finish(*g);
  send_off();
  update_clock();
  run_.generations = groups_.back()->generations;
  for (std::size_t i = 0; i < searches_.size(); ++i) ring_.take_in(i, run_.generations + 1);
  std::array told{sum_of(&island_group::told)};
  sum_over_processes(told);
  run_.evaluations = evaluations_before_ + told[0];
}

void search_runner::sum_over_processes(std::span<std::int64_t> numbers) const {
  if (options_.peers != nullptr) options_.peers->sum(numbers);
}

std::int64_t search_runner::sum_of(std::int64_t island_group::*number) const {
  std::int64_t sum = 0;
  for (const auto& g : groups_) sum += (*g).*number;
  return sum;
}

/// precondition: no group is on another thread
void search_runner::update_clock() {
  const double passed = watch_.seconds();
  time_shares now;
  for (const auto& g : groups_) now += g->time;
  const std::size_t threads = has_threads_ ? groups_.size() : 1;
  for (double time_shares::*share :
       {&time_shares::breed, &time_shares::select, &time_shares::wait_device}) {
    now.*share /= static_cast<double>(threads);
  }
  now.other = std::max(0.0, passed - now.host());
  now.evaluate /= static_cast<double>(sides_.size());
  now.wait_host = std::max(0.0, passed - now.evaluate);
  run_.time = time_before_;
  run_.time += now;
  run_.seconds = seconds_before_ + passed;
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
