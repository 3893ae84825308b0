#include "certify/exact/energy/energy_proof.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <iterator>
#include <memory>
#include <mutex>

#include "certify/exact/bounds/inner_ranges.hpp"
#include "certify/exact/energy/incumbent.hpp"
#include "certify/exact/energy/leaf.hpp"
#include "certify/exact/energy/more_searches.hpp"
#include "certify/exact/latency_proof.hpp"
#include "certify/exact/lists/fill_lists.hpp"
#include "certify/exact/lists/numbered_lists.hpp"
#include "certify/exact/records.hpp"
#include "certify/on_threads.hpp"
#include "models/exact/energy.hpp"
#include "models/exact/figures.hpp"

namespace cugamma::exact {
namespace {

/// A bound less what it may be wrong by, as a sum of rounded numbers.
double below(const question& q, double bound) { return bound * (1 - q.rounding); }

/// The least cycles of any mapping, or a bound of them.
double least_cycles_of_all(question q) {
  q.goal = objective::latency;
  q.has_energy = false;
  q.has_cycles = true;
  proof cycles{{}};
  prove_latency(q, cycles, false);
  return cycles.lower();
}

/// The figure of a mapping that would move each tensor once between all levels, and be the fastest
/// besides. It is computed as the model computes figures, each step of which grows with every
/// count; so no mapping's figure is below it, to the last bit.
double compulsory_value(const question& q) {
  double whole[free_dims];
  for (int d = 0; d < free_dims; ++d) whole[d] = q.size[static_cast<std::size_t>(d)];
  const auto e = detail::elements_of<double>(q.shape, whole);
  const double macs = static_cast<double>(layer_macs(q.target));
  const double in = e.input + e.filter;
  const activity<double> done{macs,
                              4 * macs + in,
                              2 * in + 2 * e.output,
                              2 * (in + e.output),
                              static_cast<double>(touched_elements(q.target).sum())};
  const double nj = energy_nj(done, q.cluster_weight, q.machine.constants);
  return q.has_cycles ? nj * least_cycles_of_all(q) : nj;
}

/// A part of the space that no bound has settled yet.
struct open_part {
  double bound = 0;
  inner_range range;
  std::shared_ptr<const candidates> left{};  ///< vectors that may be part of its mappings
  int halvings = 0;                          ///< since these were last looked through
  double of_range = 0;                       ///< the bound without what the vectors told
};

/// Takes the part with the least bound, halves it or opens it, until all bounds are above the best.
class best_first {
 public:
  best_first(const question& q,
             proof& p,
             incumbent& best,
             more_searches& searches,
             const class_grid& grid,
             const numbered_lists& lists,
             double known,
             int threads,
             bool wants_records)
      : q_(q),
        proof_(p),
        best_(best),
        searches_(searches),
        grid_(grid),
        lists_(lists),
        table_(q, grid, lists.all(), floors_of_roots(q), known, threads),
        wants_records_(wants_records),
        in_work_(static_cast<std::size_t>(threads), infinite) {}

  engine_result run() {
    auto all = std::make_shared<candidates>();
    all->is_all = true;
    for (const inner_range& r : root_ranges(q_)) add({0, r, all});
    on_threads(static_cast<int>(in_work_.size()), [&](int thread) { work(thread); });
    best_.flush();
    if (is_proved_) proof_.raise(best_.target());
    for (const open_part& part : parts_) settle(part);
    return std::move(result_);
  }

 private:
  static constexpr double infinite = std::numeric_limits<double>::infinity();

  /// On one thread; a third of its time at most.
  void search_now_and_then() {
    const double now = watch_.seconds();
    if (now < next_search_) return;
    searches_.run_one();
    next_search_ = watch_.seconds() + 2 * (watch_.seconds() - now);
  }

  void work(int thread) {
    double& mine = in_work_[static_cast<std::size_t>(thread)];
    leaf_opener opener(q_, grid_, lists_, best_, [this] { return proof_.is_over(); });
    std::unique_lock lock(mutex_);
    while (const auto part = take(lock, mine)) {
      lock.unlock();
      if (thread == 0) search_now_and_then();
      const bool opens = is_leaf(q_, part->range);
      const std::optional<leaf_findings> found =
          opens ? opener.open(part->range, *part->left) : std::nullopt;
      const bool is_done = opens ? found.has_value() : look_through_or_halve(*part, opener);
      lock.lock();
      if (opens && found) settle(*part, found);
      if (!is_done) parts_.push_back(*part);
      if (!is_done) is_proved_ = false;
      if (is_done) mine = infinite;
      changed_.notify_all();
      if (!is_done) return;
    }
    changed_.notify_all();
  }

  /// The next part, once there is one; nothing if all is settled or the proof is over.
  std::optional<open_part> take(std::unique_lock<std::mutex>& lock, double& mine) {
    changed_.wait(lock, [&] {
      return !parts_.empty() || !is_proved_ ||
             std::ranges::all_of(in_work_, [](double b) { return b == infinite; });
    });
    if (parts_.empty() || !is_proved_) return std::nullopt;
    if (proof_.is_over()) {
      is_proved_ = false;
      return std::nullopt;
    }
    std::ranges::pop_heap(parts_, std::greater{}, &open_part::bound);
    const open_part part = parts_.back();
    parts_.pop_back();
    if (!best_.may_reach(part.bound)) {
      // The least of all bounds: nothing that waits can be better.
      settle(part);
      for (const open_part& other : parts_) settle(other);
      parts_.clear();
      return {};
    }
    mine = part.bound;
    proof_.raise(std::min(below(q_, std::ranges::min(in_work_)), best_.unpriced()));
    return part;
  }

  /// False: the proof is over.
  bool look_through_or_halve(const open_part& part, leaf_opener& opener) {
    // Where mappings wait, many vectors count that the bounds of ranges know nothing of. Looking
    // through them takes long: once for all that some halvings make of a part, near the end.
    constexpr int now_and_then = 4;
    constexpr double near_target = 0.97;
    const bool knows_vectors =
        q_.has_energy || !part.left->is_all;  // of latency they tell the most
    const bool is_far = part.bound < near_target * best_.target() && !is_close(part.range);
    const bool is_early = knows_vectors && (part.halvings < now_and_then || is_far);
    if (q_.has_exact_cycles || !q_.has_cycles || is_early) {
      halve(part);
      return true;
    }
    std::optional<candidates> left = opener.left_of(part.range, *part.left);
    if (!left) return false;
    open_part looked{std::max(part.bound, left->bound), part.range, nullptr, 0, part.of_range};
    looked.left = std::make_shared<candidates>(std::move(*left));
    put(std::move(looked));
    return true;
  }

  void halve(const open_part& part) {
    auto [first, second] = halves(part.range);
    for (inner_range* r : {&first, &second}) {
      if (!tighten(q_, *r)) continue;
      add({part.bound, *r, part.left, part.halvings + 1, part.of_range});
    }
  }

  void add(open_part part) {
    const double own = table_.bound(part.range, inner_floors(q_, part.range));
    part.of_range = std::max(part.of_range, own);
    part.bound = std::max(part.bound, own);
    put(std::move(part));
  }

  void put(open_part part) {
    const std::scoped_lock lock(mutex_);
    if (!best_.may_reach(part.bound)) return settle(part);
    parts_.push_back(std::move(part));
    std::ranges::push_heap(parts_, std::greater{}, &open_part::bound);
    changed_.notify_one();
  }

  /// Counts a part that is not halved. found: if it was opened to the end.
  void settle(const open_part& part, const std::optional<leaf_findings>& found = std::nullopt) {
    ++result_.subtrees;
    if (found) ++result_.opened;
    if (!wants_records_) return;
    const bool is_by_vectors = !found && part.bound > part.of_range;
    result_.records.push_back(record_of(part.range, part.of_range, is_by_vectors, found));
  }

  const question& q_;
  proof& proof_;
  incumbent& best_;
  more_searches& searches_;
  const class_grid& grid_;
  const numbered_lists& lists_;
  least_table table_;
  bool wants_records_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<open_part> parts_;  ///< a heap, the least bound first
  std::vector<double> in_work_;   ///< bounds of what the threads work on; infinite: nothing
  stopwatch watch_;
  double next_search_ = 1;  ///< seconds
  engine_result result_;
  bool is_proved_ = true;
};

}  // namespace

engine_result prove_energy(const certify_problem& problem,
                           const question& q,
                           proof& p,
                           bool wants_records) {
  const int threads = problem.threads;
  if (q.has_energy) p.raise(compulsory_value(q));
  std::optional<order_pricer> waiting;
  if (q.has_cycles && !q.has_exact_cycles) waiting.emplace(q, p, problem.back_end);
  incumbent best(q, p, waiting ? &*waiting : nullptr);
  more_searches searches(problem, q, p);
  searches.run(threads);
  if (p.is_over()) return {};
  const class_grid grid(q);
  const double known = best.target();
  std::vector<top_list> all = empty_lists(q);
  fill_lists(
      q,
      grid,
      floors_of_roots(q),
      known,
      threads,
      [&] { return p.is_over(); },
      all);
  const numbered_lists lists(std::move(all));
  if (p.is_over()) return {};
  engine_result result =
      best_first(q, p, best, searches, grid, lists, known, threads, wants_records).run();
  if (wants_records) {
    std::vector<std::string> records = records_of(lists, known);
    std::ranges::move(result.records, std::back_inserter(records));
    result.records = std::move(records);
  }
  return result;
}

}  // namespace cugamma::exact
