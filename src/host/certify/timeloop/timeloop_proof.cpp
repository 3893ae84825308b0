#include "cugamma/certify/timeloop_proof.hpp"

#include <fmt/format.h>
#include <tbb/task_group.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <mutex>

#include "certify/proof.hpp"
#include "certify/timeloop/certificate.hpp"
#include "certify/timeloop/leaf.hpp"
#include "search/threads/thread_limit.hpp"
#include "search/timeloop/judge.hpp"

namespace cugamma::timeloop {
namespace {

using namespace proving;
using optimum_proof = proof_of<genome>;

/// All mappings whose first splits are these.
struct subtree {
  double bound = 0;
  choice chosen;
  std::int32_t cut_from = -1;  ///< the place of what it was cut from among those opened; -1: none
};
struct is_after {
  bool operator()(const subtree& a, const subtree& b) const {
    if (a.bound != b.bound) return a.bound > b.bound;
    return a.chosen.count < b.chosen.count;  // what is nearly complete comes first
  }
};

constexpr double least_number = -std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::infinity();
constexpr subtree no_subtree{no_number, {}, -1};

/// Where no more than so many mappings' splits are left, or so many subtrees wait, a subtree is
/// gone through at once; else it is cut into those of its next dimension.
constexpr double few_splits = 500;
constexpr std::size_t most_waiting = 2'000'000;

/// Opens the subtree with the least bound, as many at once as there are cores, until none may hold
/// a mapping that beats the best known.
class opening {
 public:
  /// wants_records: whether records() shall be filled.
  opening(const facts& f, const bounds& b, optimum_proof& p, bool wants_records)
      : facts_(f), bounds_(b), proof_(p), scorer_(f.machine, f.work), is_recorded_(wants_records) {
    splits_left_.assign(f.order.size() + 1, 1);
    for (std::size_t i = f.order.size(); i-- > 0;) {
      splits_left_[i] = splits_left_[i + 1] * static_cast<double>(splits_of_next(i).size());
    }
    const choice nothing = nothing_chosen();
    waiting_.push_back({b.value_of_orders(nothing, least_number), nothing});
  }

  void run() {
    const auto workers = allowed_threads();
    in_work_.assign(workers, no_subtree);
    tbb::task_group all;
    for (std::size_t worker = 0; worker < workers; ++worker) {
      all.run([this, worker] { work(worker); });
    }
    all.wait();
    for (const subtree& s : waiting_) leave(s);
    for (const subtree& s : in_work_) leave(s);
  }

  /// What was opened; empty if it was not to be recorded, or more than most_opened.
  const std::vector<opened_subtree>& records() const { return records_; }
  bool has_records() const { return is_recorded_; }

  std::int64_t subtrees() const { return subtrees_; }
  std::int64_t opened() const { return opened_; }

 private:
  const std::vector<split>& splits_of_next(std::size_t count) const {
    return facts_.splits[static_cast<std::size_t>(facts_.order[count])];
  }

  void work(std::size_t worker) {
    opened_subtree record;
    leaf_search leaf(facts_,
                     bounds_,
                     scorer_,
                     {[&] { return proof_.upper(); },
                      [&](const genome& g, double value) {
                        record.least = std::min(record.least, value);
                        proof_.offer(g, value);
                      },
                      [&] { return proof_.is_over(); }});
    std::vector<subtree> parts;
    while (const auto next = take(worker)) {
      parts.clear();
      record = {next->bound, next->chosen};
      const auto count = static_cast<std::size_t>(next->chosen.count);
      record.is_cut = splits_left_[count] > few_splits && !is_crowded_;
      // What was cut short stays in work, so that its bound counts.
      const bool is_done =
          record.is_cut ? cut(*next, parts, record) : go_through(next->chosen, leaf);
      if (is_done) settle(worker, parts, record);
    }
  }

  /// Cuts a subtree into those of its next dimension. False if the proof is over.
  bool cut(const subtree& s, std::vector<subtree>& parts, opened_subtree& record) {
    const auto count = static_cast<std::size_t>(s.chosen.count);
    subtrees_ += std::ssize(splits_of_next(count));
    subtree part = s;
    ++part.chosen.count;
    for (std::size_t i = 0; i < splits_of_next(count).size(); ++i) {
      set_next(part.chosen, i);
      if (!bounds_.may_fit(part.chosen)) {
        ++record.unfit;
        continue;
      }
      part.bound = std::max(s.bound, bounds_.value(part.chosen));
      if (part.bound < proof_.upper()) {
        part.bound = std::max(part.bound, bounds_.value_of_orders(part.chosen, least_number));
      }
      if (part.bound < proof_.upper()) {
        parts.push_back(part);
      } else {
        add_settled(part, record);
      }
    }
    return !proof_.is_over();
  }

  static void add_settled(const subtree& part, opened_subtree& whole) {
    ++whole.settled;
    whole.least = std::min(whole.least, part.bound);
  }

  /// What was never opened is settled by its bound.
  void leave(const subtree& s) {
    if (s.bound == no_number || s.cut_from < 0 || records_.empty()) return;
    add_settled(s, records_[static_cast<std::size_t>(s.cut_from)]);
  }

  void set_next(choice& c, std::size_t split) const {
    const auto d = facts_.order[static_cast<std::size_t>(c.count) - 1];
    c.at[static_cast<std::size_t>(d)] = static_cast<std::int32_t>(split);
  }

  /// Goes through all mappings of a subtree that may beat the best. False if the proof is over.
  bool go_through(const choice& c, leaf_search& leaf) const {
    const auto count = static_cast<std::size_t>(c.count);
    if (proof_.is_over()) return false;
    if (count == facts_.order.size()) return leaf.open(c);
    choice next = c;
    ++next.count;
    for (std::size_t i = 0; i < splits_of_next(count).size(); ++i) {
      set_next(next, i);
      const double best = proof_.upper();
      if (!bounds_.may_fit(next) || !(bounds_.value(next) < best)) continue;
      const bool is_complete = count + 1 == facts_.order.size();
      if (!is_complete && !(bounds_.value_of_orders(next, best) < best)) continue;
      if (!go_through(next, leaf)) return false;
    }
    return true;
  }

  /// The subtree with the least bound; nothing once none can hold a better mapping.
  std::optional<subtree> take(std::size_t worker) {
    std::unique_lock lock(mutex_);
    if (in_work_[worker].bound != no_number) {
      changed_.notify_all();
      return {};
    }
    // Others may still cut theirs into some for this worker.
    changed_.wait(lock, [&] {
      return !waiting_.empty() || least_in_work() == no_number || proof_.is_over();
    });
    if (proof_.is_over() || waiting_.empty()) return {};
    if (!(waiting_.front().bound < proof_.upper())) return {};
    std::ranges::pop_heap(waiting_, is_after{});
    const subtree next = waiting_.back();
    waiting_.pop_back();
    in_work_[worker] = next;
    ++opened_;
    return next;
  }

  void settle(std::size_t worker, const std::vector<subtree>& parts, const opened_subtree& record) {
    const std::scoped_lock lock(mutex_);
    const auto place = static_cast<std::int32_t>(records_.size());
    for (const subtree& part : parts) {
      waiting_.push_back({part.bound, part.chosen, place});
      std::ranges::push_heap(waiting_, is_after{});
    }
    is_crowded_ = waiting_.size() > most_waiting;
    add_record(record);
    in_work_[worker] = no_subtree;
    const double first = waiting_.empty() ? no_number : waiting_.front().bound;
    proof_.raise(std::min(first, least_in_work()));
    changed_.notify_all();
  }

  void add_record(const opened_subtree& record) {
    if (!is_recorded_) return;
    records_.push_back(record);
    // A subtree that is gone through because of the crowd is too large to be checked.
    if (records_.size() <= most_opened && !is_crowded_) return;
    is_recorded_ = false;
    records_ = {};
  }

  double least_in_work() const { return std::ranges::min(in_work_, {}, &subtree::bound).bound; }

  const facts& facts_;
  const bounds& bounds_;
  optimum_proof& proof_;
  scorer scorer_;
  std::vector<double> splits_left_;  ///< of the dimensions behind so many of facts::order
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<subtree> waiting_;  ///< a heap
  std::vector<subtree> in_work_;  ///< what workers open; its bound is infinite: nothing
  bool is_recorded_;
  std::vector<opened_subtree> records_;
  std::atomic<bool> is_crowded_ = false;
  std::atomic<std::int64_t> subtrees_ = 1;
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
  if (known) proof.offer(known->mapping, value_of({options.goal, 0}, known->figures));
  const facts f = facts_of(a, p, c, options.goal);
  const bounds b(f);
  proof.raise(b.value(nothing_chosen()));
  proved_optimum proved;
  opening all(f, b, proof, options.wants_certificate);
  if (!proof.is_over()) {
    all.run();
    proved.subtrees = all.subtrees();
    proved.opened = all.opened();
  }
  proved.lower = std::max(0.0, proof.lower());
  proved.upper = proof.upper();
  proved.is_proven = proved.gap() <= options.gap;
  proved.seconds = proof.seconds();
  proved.best = proof.best();
  if (all.has_records()) {
    proved.certificate =
        certificate_text(f, {proved.lower, proved.upper, proved.best}, all.records());
  }
  return proved;
}

}  // namespace cugamma::timeloop
