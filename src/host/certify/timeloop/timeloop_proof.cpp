#include "cugamma/certify/timeloop_proof.hpp"

#include <fmt/format.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

#include "certify/proof.hpp"
#include "certify/timeloop/leaf.hpp"
#include "search/timeloop/judge.hpp"

namespace cugamma::timeloop {
namespace {

using namespace proving;
using optimum_proof = proof_of<genome>;

/// All mappings whose first splits are these.
struct subtree {
  double bound = 0;
  choice chosen;
};

constexpr std::size_t enough_subtrees = 2'000;
constexpr std::size_t most_subtrees = 1'000'000;
constexpr double least_number = -std::numeric_limits<double>::infinity();
constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

/// Cuts the space into subtrees, those with the least bound first: dimension after dimension as
/// long as there are few. Left out are those that cannot beat the best known.
class cutting {
 public:
  cutting(const facts& f, const bounds& b, const optimum_proof& p)
      : facts_(f), bounds_(b), proof_(p) {}

  std::vector<subtree> run() const {
    std::vector<subtree> now{{0, nothing_chosen()}};
    while (!now.empty() && now.size() < enough_subtrees &&
           static_cast<std::size_t>(now.front().chosen.count) < facts_.order.size()) {
      std::vector<subtree> finer;
      if (!cut(now, finer)) break;
      now = std::move(finer);
    }
    std::ranges::stable_sort(now, {}, &subtree::bound);
    return now;
  }

 private:
  /// False if there are too many, or no time.
  bool cut(const std::vector<subtree>& now, std::vector<subtree>& finer) const {
    for (const subtree& s : now) {
      const auto d =
          static_cast<std::size_t>(facts_.order[static_cast<std::size_t>(s.chosen.count)]);
      for (std::size_t i = 0; i < facts_.splits[d].size(); ++i) {
        subtree child{0, s.chosen};
        child.chosen.at[d] = static_cast<std::int32_t>(i);
        ++child.chosen.count;
        if (!bounds_.may_fit(child.chosen)) continue;
        child.bound = bounds_.value(child.chosen);
        if (!(child.bound < proof_.upper())) continue;
        child.bound = std::max(child.bound, bounds_.value_of_orders(child.chosen, least_number));
        if (child.bound < proof_.upper()) finer.push_back(child);
      }
      if (finer.size() > most_subtrees || proof_.is_over()) return false;
    }
    return true;
  }

  const facts& facts_;
  const bounds& bounds_;
  const optimum_proof& proof_;
};

/// Opens subtrees in the order of their bounds, as many at once as there are cores.
class opening {
 public:
  opening(const facts& f, const bounds& b, const std::vector<subtree>& subtrees, optimum_proof& p)
      : facts_(f), bounds_(b), subtrees_(subtrees), proof_(p), scorer_(f.machine, f.work) {}

  /// How many were opened.
  std::int64_t run() {
    const auto workers = static_cast<std::size_t>(std::max(1, tbb::info::default_concurrency()));
    in_work_.assign(workers, none);
    tbb::parallel_for(
        std::size_t{0},
        workers,
        [&](std::size_t worker) { work(worker); },
        tbb::simple_partitioner{});
    return opened_;
  }

 private:
  void work(std::size_t worker) {
    leaf_search leaf(facts_,
                     bounds_,
                     scorer_,
                     {[&] { return proof_.upper(); },
                      [&](const genome& g, double value) { proof_.offer(g, value); },
                      [&] { return proof_.is_over(); }});
    while (const subtree* s = take(worker)) {
      if (open(s->chosen, leaf)) settle(worker);
      // One that was cut short stays in work, so that its bound counts.
    }
  }

  bool open(const choice& c, leaf_search& leaf) const {
    if (proof_.is_over()) return false;
    if (static_cast<std::size_t>(c.count) == facts_.order.size()) return leaf.open(c);
    const auto d = static_cast<std::size_t>(facts_.order[static_cast<std::size_t>(c.count)]);
    choice next = c;
    ++next.count;
    for (std::size_t i = 0; i < facts_.splits[d].size(); ++i) {
      next.at[d] = static_cast<std::int32_t>(i);
      if (!bounds_.may_fit(next) || !(bounds_.value(next) < proof_.upper())) continue;
      const bool is_complete = static_cast<std::size_t>(next.count) == facts_.order.size();
      if (!is_complete && !(bounds_.value_of_orders(next, proof_.upper()) < proof_.upper()))
        continue;
      if (!open(next, leaf)) return false;
    }
    return true;
  }

  const subtree* take(std::size_t worker) {
    const std::scoped_lock lock(mutex_);
    if (in_work_[worker] != none || proof_.is_over()) return nullptr;
    if (next_ == subtrees_.size() || !(subtrees_[next_].bound < proof_.upper())) return nullptr;
    in_work_[worker] = next_++;
    ++opened_;
    return &subtrees_[in_work_[worker]];
  }

  void settle(std::size_t worker) {
    const std::scoped_lock lock(mutex_);
    in_work_[worker] = none;
    const std::size_t first = std::min(next_, std::ranges::min(in_work_));
    proof_.raise(first < subtrees_.size() ? subtrees_[first].bound
                                          : std::numeric_limits<double>::infinity());
  }

  const facts& facts_;
  const bounds& bounds_;
  const std::vector<subtree>& subtrees_;
  optimum_proof& proof_;
  scorer scorer_;
  std::mutex mutex_;
  std::size_t next_ = 0;
  std::vector<std::size_t> in_work_;  ///< what each worker opens
  std::int64_t opened_ = 0;
};

}  // namespace

double proved_optimum::gap() const { return gap_between(lower, upper); }

std::optional<double> proved_optimum::optimum() const {
  if (lower != upper || !std::isfinite(upper)) return std::nullopt;
  return upper;
}

std::optional<std::string> proof_obstacle(const architecture& a,
                                          const problem& p,
                                          const constraints& c,
                                          const objective& goal) {
  if (goal.what != figure::edp && goal.what != figure::latency && goal.what != figure::energy) {
    return fmt::format("objective {}: edp, latency and energy can", name_of(goal));
  }
  return obstacle(a, p, c);
}

proved_optimum prove_optimum(const architecture& a,
                             const problem& p,
                             const constraints& c,
                             const proof_options& options,
                             const std::optional<candidate>& known,
                             const std::function<void(double lower, double upper)>& observe) {
  optimum_proof proof({options.gap, options.seconds, options.interrupted}, observe);
  if (known) proof.offer(known->mapping, value_of({options.goal}, known->figures));
  const facts f = facts_of(a, p, c, options.goal);
  const bounds b(f);
  proof.raise(b.value(nothing_chosen()));
  proved_optimum proved;
  if (!proof.is_over()) {
    const std::vector<subtree> subtrees = cutting(f, b, proof).run();
    proved.subtrees = std::ssize(subtrees);
    proof.raise(subtrees.empty() ? std::numeric_limits<double>::infinity()
                                 : subtrees.front().bound);
    opening all(f, b, subtrees, proof);
    if (!proof.is_over()) proved.opened = all.run();
  }
  proved.lower = std::max(0.0, proof.lower());
  proved.upper = proof.upper();
  proved.is_proven = proved.gap() <= options.gap;
  proved.seconds = proof.seconds();
  proved.best = proof.best();
  return proved;
}

}  // namespace cugamma::timeloop
