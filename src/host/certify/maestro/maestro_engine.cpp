#include "certify/maestro/maestro_engine.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>

#include "certify/maestro/subtree.hpp"

namespace cugamma {
namespace {

using namespace maestro_proof;

/// What became of a subtree.
struct outcome {
  std::optional<opening> found;     ///< if it was opened
  const subtree* as_for = nullptr;  ///< if what was found in another one holds for it
};

bool are_no_smaller(const traffic_factors& a, const traffic_factors& b) {
  return std::ranges::equal(a, b, std::greater_equal{});
}

/// Opens subtrees in the order of their bounds until none is left whose bound is below the best
/// known.
class opener {
 public:
  opener(const proof_tables& tables, const std::vector<subtree>& subtrees, proof& p)
      : tables_(tables), subtrees_(subtrees), proof_(p), outcomes_(subtrees.size()) {
    for (std::size_t i = 0; i < subtrees.size() && subtrees[i].counts_right; ++i) {
      queue_.push_back({i, subtrees[i].bound});
    }
  }

  void run(int threads) {
    in_work_.assign(static_cast<std::size_t>(threads), none);
    proof_.raise(std::min(least_, bound_of_rest()));
    tbb::parallel_for(
        0,
        threads,
        [this](int worker) { work(static_cast<std::size_t>(worker)); },
        tbb::simple_partitioner{});
    if (!proof_.is_over() || !is_cut_short_) proof_.raise(least_);
  }

  /// Opens those again in which bounds left values below what is wanted, and looks at the mappings
  /// that they left one by one. precondition: run() came to its end
  void run_one_by_one(int threads) {
    is_one_by_one_ = true;
    queue_.clear();
    next_ = 0;
    least_ = least_unopened_;
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      if (outcomes_[i].found) queue_.push_back({i, outcomes_[i].found->least});
    }
    std::ranges::stable_sort(queue_, {}, &in_question::bound);
    run(threads);
  }

  const std::vector<outcome>& outcomes() const { return outcomes_; }

 private:
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

  /// A subtree with what none of its mappings is below.
  struct in_question {
    std::size_t index;
    double bound;
  };

  void work(std::size_t worker) {
    while (const subtree* s = take(worker)) {
      const opening o = open_subtree(tables_, *s, proof_, is_one_by_one_);
      give_back(worker, o);
    }
  }

  /// The next subtree to open; null if there is none.
  const subtree* take(std::size_t worker) {
    const std::scoped_lock lock(mutex_);
    if (proof_.is_over()) {
      is_cut_short_ = true;
      return nullptr;
    }
    skip_larger();
    if (next_ == queue_.size() || queue_[next_].bound >= proof_.wanted()) {
      if (next_ < queue_.size()) least_unopened_ = std::min(least_unopened_, queue_[next_].bound);
      least_ = std::min(least_, least_unopened_);
      return nullptr;
    }
    in_work_[worker] = next_;
    return &subtrees_[queue_[next_++].index];
  }

  /// Passes over subtrees for which the findings in another one hold.
  void skip_larger() {
    for (; next_ < queue_.size(); ++next_) {
      const subtree& s = subtrees_[queue_[next_].index];
      const auto holds = [&](const subtree* m) {
        return m->dim == s.dim && are_no_smaller(s.factors, m->factors);
      };
      const auto model = std::ranges::find_if(models_, holds);
      if (model == models_.end()) return;
      outcomes_[queue_[next_].index].as_for = *model;
    }
  }

  void give_back(std::size_t worker, const opening& o) {
    const std::scoped_lock lock(mutex_);
    if (!o.is_complete) {
      is_cut_short_ = true;
      return;  // it stays in work, so that its bound counts
    }
    const std::size_t i = queue_[in_work_[worker]].index;
    outcomes_[i].found = o;
    if (o.holds_for_larger) models_.push_back(&subtrees_[i]);
    least_ = std::min(least_, o.least);
    in_work_[worker] = none;
    proof_.raise(std::min(least_, bound_of_rest()));
  }

  /// The bound of the first subtree that is not settled.
  double bound_of_rest() const {
    const std::size_t first = std::min(next_, std::ranges::min(in_work_));
    return first < queue_.size() ? queue_[first].bound : std::numeric_limits<double>::infinity();
  }

  const proof_tables& tables_;
  const std::vector<subtree>& subtrees_;
  proof& proof_;
  bool is_one_by_one_ = false;
  std::mutex mutex_;
  std::vector<in_question> queue_;    ///< the least bound first
  std::size_t next_ = 0;              ///< in the queue
  std::vector<std::size_t> in_work_;  ///< what each worker opens, by its place in the queue
  std::vector<outcome> outcomes_;
  std::vector<const subtree*> models_;  ///< whose findings hold for larger ones
  /// Of the subtrees that are settled: none has a value below it that the proof does not know.
  double least_ = std::numeric_limits<double>::infinity();
  /// Of the subtrees that were never opened, or not again.
  double least_unopened_ = std::numeric_limits<double>::infinity();
  bool is_cut_short_ = false;
};

/// A number of JSON, which has none that are not finite.
std::string json_of(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "null";
}

std::string record_of(const facts& f, const subtree& s, const outcome& o) {
  const std::string key = fmt::format("\"parallel\":\"{}\",\"clusters\":{},\"tile\":{}",
                                      "KCYX"[s.dim],
                                      f.clusters[s.clusters].clusters,
                                      s.tile);
  if (!s.counts_right) return fmt::format("{{{},\"miscounts\":true}}", key);
  const std::string bound = json_of(s.bound);
  if (o.as_for != nullptr) {
    return fmt::format("{{{},\"bound\":{},\"as\":{{\"clusters\":{},\"tile\":{}}}}}",
                       key,
                       bound,
                       f.clusters[o.as_for->clusters].clusters,
                       o.as_for->tile);
  }
  if (!o.found) return fmt::format("{{{},\"bound\":{}}}", key, bound);
  return fmt::format(
      "{{{},\"bound\":{},\"opened\":{{\"vectors\":{},\"orders\":{},\"suspects\":{},\"least\":{}}}}"
      "}",
      key,
      bound,
      o.found->vectors,
      o.found->orders,
      o.found->suspects,
      json_of(o.found->least));
}

engine_result prove(const certify_problem& problem, proof& p, bool wants_records) {
  if (search_obstacle(problem)) {
    p.raise(floor_of(problem));
    return {.subtrees = 0, .opened = 0, .records = {}, .has_certificate = false};
  }
  const facts f = facts_of(problem);
  // What no mapping can do without: all PEs busy all the time, every tensor moved once.
  p.raise(
      value_of(f, {f.fastest, f.totals.input_elems, f.totals.filter_elems, f.totals.output_elems}));
  const proof_tables tables(f, p);
  if (p.is_over()) return {};
  const std::vector<subtree> subtrees = list_subtrees(tables);
  opener all(tables, subtrees, p);
  all.run(problem.threads);
  if (!f.is_wide && depends_on_runtime(f) && !p.is_over()) all.run_one_by_one(problem.threads);
  engine_result result;
  result.subtrees = std::ssize(subtrees);
  for (const outcome& o : all.outcomes()) result.opened += o.found ? 1 : 0;
  for (std::size_t i = 0; wants_records && i < subtrees.size(); ++i) {
    result.records.push_back(record_of(f, subtrees[i], all.outcomes()[i]));
  }
  return result;
}

}  // namespace

const certify_engine maestro_engine{.model = "maestro",
                                    .obstacle = maestro_proof::obstacle,
                                    .prove = prove};

}  // namespace cugamma
