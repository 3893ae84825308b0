#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <deque>

#include "cugamma/error.hpp"
#include "cugamma/search/islands.hpp"
#include "cugamma/search/timeloop_search.hpp"
#include "search/timeloop/island.hpp"
#include "search/timeloop/saved_search.hpp"

namespace cugamma::timeloop {

namespace {

constexpr std::size_t emigrants_a_time = 2;

void check(const search_options& o) {
  if (o.objectives.empty()) throw input_error("objectives: found none, expected at least one");
  const std::size_t count = o.objectives.size();
  if (o.is_front && (count < 2 || count > max_front_objectives)) {
    throw input_error(
        fmt::format("a front has two or three objectives, found {}", o.objectives.size()));
  }
  if (o.population < 2) {
    throw input_error(
        fmt::format("population: found {}, expected at least 2 an island", o.population));
  }
  if (o.wants_state && !o.keep_state) throw input_error("a state is wanted that nothing keeps");
}

/// What a search is about.
struct task {
  const architecture& a;
  const problem& p;
  const constraints& c;
};

/// The islands of a search.
class archipelago {
 public:
  archipelago(const task& what,
              const map_space& space,
              const judge& values,
              const search_options& options,
              const score_function& score)
      : options_(options), identity_(identity(what.a, what.p, what.c, options)) {
    for (int i = 0; i < options.islands; ++i) {
      islands_.emplace_back(space,
                            values,
                            options,
                            score,
                            options.seed + static_cast<std::uint64_t>(i) * 0x9E3779B97F4A7C15u,
                            share_of(options.evaluations, i, options.islands));
    }
    if (options.state.empty()) return;
    restore(options.state);
    for (const island& i : islands_) {
      check_candidates(what.a, what.p, what.c, values, score, i.candidates());
    }
  }

  search_result run() {
    bool was_interrupted = false;
    while (!was_interrupted && wants_more()) {
      tbb::parallel_for(std::size_t{0}, islands_.size(), [&](std::size_t i) { breed(i); });
      exchange();
      was_interrupted = options_.interrupted && options_.interrupted();
      if (options_.wants_state && options_.wants_state()) options_.keep_state(saved());
    }
    if (options_.keep_state) options_.keep_state(saved());
    search_result all = merged();
    all.was_interrupted = was_interrupted;
    return all;
  }

 private:
  bool wants_more() const {
    return std::ranges::any_of(islands_, &island::wants_more) && has_time();
  }
  bool has_time() const { return watch_.seconds() < options_.seconds; }

  std::string saved() const {
    byte_writer out;
    out.put_text(identity_);
    out.put(watch_.seconds());
    for (const island& i : islands_) i.save(out);
    return out.bytes();
  }

  void restore(std::string_view state) {
    byte_reader in(state);
    if (in.get_text() != identity_) {
      throw input_error(
          "the saved search has another problem, architecture, other constraints or options");
    }
    const auto already_s = in.get<double>();
    for (island& i : islands_) i.restore(in);
    if (!in.at_end() || !(already_s >= 0 && already_s < century_s)) {
      throw input_error("the saved search is damaged");
    }
    watch_ = stopwatch(already_s);
  }

  /// Generations of one island until the next exchange.
  void breed(std::size_t i) {
    const std::int64_t generations =
        islands_.size() == 1 || options_.migration_interval == 0 ? 1 : options_.migration_interval;
    for (std::int64_t g = 0; g < generations && islands_[i].wants_more() && has_time(); ++g) {
      islands_[i].step(watch_);
    }
  }

  void exchange() {
    if (islands_.size() == 1 || options_.migration_interval == 0) return;
    std::vector<std::vector<candidate>> leaving;
    for (const island& i : islands_) leaving.push_back(i.emigrants(emigrants_a_time));
    for (std::size_t i = 0; i < islands_.size(); ++i) {
      islands_[(i + 1) % islands_.size()].immigrate(leaving[i]);
    }
  }

  search_result merged() const {
    search_result all;
    std::vector<candidate> fronts;
    std::vector<improvement> found;
    for (const island& i : islands_) {
      const search_result& own = i.result();
      all.evaluations += own.evaluations;
      all.over_limit += own.over_limit;
      all.proposals += own.proposals;
      for (std::size_t r = 0; r < own.rejected.size(); ++r) all.rejected[r] += own.rejected[r];
      fronts.insert(fronts.end(), own.front.begin(), own.front.end());
      found.insert(found.end(), own.history.begin(), own.history.end());
    }
    std::ranges::stable_sort(found, {}, &improvement::evaluations);
    for (const improvement& i : found) {
      if (all.best && !(i.found.values < all.best->values)) continue;
      all.best = i.found;
      all.history.push_back(i);
    }
    all.front = undominated_of(fronts);
    all.seconds = watch_.seconds();
    return all;
  }

  const search_options& options_;
  std::string identity_;
  stopwatch watch_;
  std::deque<island> islands_;
};

}  // namespace

search_result search_mappings(const architecture& a,
                              const problem& p,
                              const constraints& c,
                              const search_options& options,
                              const score_function& score) {
  check(options);
  const map_space space = make_map_space(a, p, c, options.explores_bypass);
  const judge values(a, p, options);
  return archipelago({a, p, c}, space, values, options, score).run();
}

search_result search_mappings(const architecture& a,
                              const problem& p,
                              const constraints& c,
                              const search_options& options) {
  return search_mappings(a, p, c, options, make_back_end("cpu", a, p));
}

}  // namespace cugamma::timeloop
