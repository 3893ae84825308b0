#include "cli/compare/contest.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "certify/proof.hpp"
#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/search/optimisers.hpp"
#include "search/network/memory.hpp"

namespace cugamma::cli {
namespace {

constexpr double nothing_feasible = std::numeric_limits<double>::infinity();

double value_of(const std::optional<search_rank>& best) {
  return best ? best->values[0] : nothing_feasible;
}

/// One contestant's searches and what they are run with.
class contest_run {
 public:
  contest_run(const contest_plan& plan, const network_layer& l, contest_budget budget)
      : plan_(plan),
        mapped_(mapped_layer(plan.request, l.l)),
        space_(space_for(plan.request, mapped_)),
        result_{l.name, budget, {}, {}, {}} {}

  /// False if it was interrupted.
  bool run(const std::string& algorithm, evaluator& score) {
    result_.algorithm = algorithm;
    result_.searches.clear();
    return result_.budget == contest_budget::evaluations ? run_side_by_side(score)
                                                         : run_one_by_one(score);
  }

  const contestant& result() const { return result_; }

 private:
  genetic_search search_with(int index) const {
    search_options options = options_for(result_.algorithm, plan_.request.search);
    options.seed += static_cast<std::uint64_t>(index);
    return make_search(result_.algorithm, space_, plan_.request.machine, options);
  }

  run_summary advance(std::span<genetic_search> searches,
                      evaluator& score,
                      stop_rule stop,
                      const std::function<void(const run_summary&)>& progress = {}) const {
    stop.interrupted = plan_.request.stop.interrupted;
    return run_searches(searches,
                        {&mapped_, 1},
                        {&plan_.request.machine, 1},
                        score,
                        stop,
                        progress);
  }

  bool run_side_by_side(evaluator& score) {
    std::vector<genetic_search> searches;
    for (int i = 0; i < plan_.seeds; ++i) searches.push_back(search_with(i));
    stop_rule stop;
    stop.evaluations = plan_.evaluations;
    const run_summary run = advance(searches, score, stop);
    for (std::size_t i = 0; i < searches.size(); ++i) {
      contest_search done = sampled(run.logs[i].history);
      done.evaluations = searches[i].evaluations();
      done.seconds = run.seconds / plan_.seeds;
      result_.searches.push_back(done);
    }
    return !run.was_interrupted;
  }

  contest_search sampled(const std::vector<history_entry>& history) const {
    contest_search done;
    done.best.fill(nothing_feasible);
    for (const history_entry& entry : history) {
      for (std::size_t s = 0; s < contest_shares.size(); ++s) {
        const double reach = contest_shares[s] * static_cast<double>(plan_.evaluations);
        if (static_cast<double>(entry.evaluations) <= reach) done.best[s] = value_of(entry.best);
      }
    }
    return done;
  }

  bool run_one_by_one(evaluator& score) {
    for (int i = 0; i < plan_.seeds; ++i) {
      contest_search done;
      done.best.fill(nothing_feasible);
      std::vector<genetic_search> searches;
      searches.push_back(search_with(i));
      stop_rule stop;
      stop.seconds = plan_.seconds;
      const run_summary run = advance(searches, score, stop, [&](const run_summary& now) {
        for (std::size_t s = 0; s < contest_shares.size(); ++s) {
          if (now.seconds > contest_shares[s] * plan_.seconds) continue;
          done.best[s] = value_of(now.logs[0].history.back().best);
        }
      });
      if (run.was_interrupted) return false;
      done.best.back() = searches[0].best() ? searches[0].best()->rank.values[0] : nothing_feasible;
      done.evaluations = searches[0].evaluations();
      done.seconds = run.seconds;
      result_.searches.push_back(done);
    }
    return true;
  }

  const contest_plan& plan_;
  layer mapped_;
  search_space space_;
  contestant result_;
};

}  // namespace

void add_optima(const std::string& layer, optimum_bounds proved, std::vector<contestant>& all) {
  const auto is_own = [&](const contestant& c) { return c.layer == layer; };
  for (const contestant& c : all) {
    if (!is_own(c)) continue;
    for (const contest_search& s : c.searches) proved.upper = std::min(proved.upper, s.best.back());
  }
  for (contestant& c : all) {
    if (is_own(c)) c.optimum = proved;
  }
}

double above_optimum(double value, const optimum_bounds& proved) {
  return gap_between(proved.lower, value);
}

std::vector<double> values_after(const contestant& c, std::size_t share) {
  std::vector<double> values;
  for (const contest_search& s : c.searches) values.push_back(s.best[share]);
  return values;
}

std::vector<contestant> hold_contest(const contest_plan& plan,
                                     const std::function<void(const contestant&)>& finished) {
  expect_memory(static_cast<double>(plan.request.search.population) * plan.seeds);
  const auto score =
      make_evaluator(plan.request.back_end,
                     {.threads = plan.request.threads, .model = plan.request.search.model});
  std::vector<contest_budget> budgets{contest_budget::evaluations};
  if (plan.seconds > 0) budgets.push_back(contest_budget::seconds);
  std::vector<contestant> results;
  for (const network_layer& l : plan.request.layers) {
    for (const contest_budget budget : budgets) {
      contest_run run(plan, l, budget);
      for (const std::string& algorithm : plan.algorithms) {
        if (!run.run(algorithm, *score)) return results;
        results.push_back(run.result());
        finished(results.back());
      }
    }
  }
  return results;
}

}  // namespace cugamma::cli
