#include "search/co_design/smallest_machine.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "cugamma/error.hpp"
#include "search/co_design/machines.hpp"

namespace cugamma {
namespace {

/// Budgets that grow until one keeps the limits: from above the least, by this factor.
constexpr double above_least = 1.2;
constexpr double growth = 1.6;
/// Largest budget where nobody gives one: so many times all PEs that may be tried.
constexpr double most_per_pes = 4;
/// How near quick contests close in, and by how much a whole one must improve for another.
constexpr double near = 1.05;
constexpr double improved = 0.998;
constexpr int quick_share = 10;  // of the evaluations
constexpr int most_whole_contests = 3;
/// Quick contests that are to be expected, for sharing a time limit.
constexpr int usual_quick_contests = 7;

/// The PEs without which no mapping keeps the limits.
double pes_needed(std::span<const weighted_layer> layers,
                  std::span<const objective_limit> limits,
                  const accelerator& base) {
  double macs = 0;
  for (const weighted_layer& l : layers) {
    macs += static_cast<double>(l.count) * static_cast<double>(layer_macs(l.l));
  }
  double pes = 1;
  for (const objective_limit& limit : limits) {
    if (limit.o == objective::latency) pes = std::max(pes, macs / limit.bound / base.simd_lanes);
    if (limit.o == objective::throughput) pes = std::max(pes, limit.bound / base.simd_lanes);
  }
  return std::ceil(pes);
}

void expect_enough_pes(double pes, const accelerator& base, const co_design_options& options) {
  if (pes > options.pe_limit) {
    throw input_error(fmt::format("--limit: asks for {:.0f} PEs or more, --pe-limit allows {}",
                                  pes,
                                  options.pe_limit));
  }
  const double least_um2 = pes * base.constants.budget_pe_area_um2;
  if (least_um2 > options.area_budget_um2) {
    throw input_error(fmt::format(
        "--limit: asks for {:.0f} PEs or more, which take {:.6g} mm^2; --area-budget allows {:.6g}",
        pes,
        least_um2 / 1e6,
        options.area_budget_um2 / 1e6));
  }
}

}  // namespace

bool is_of_machine(objective o) {
  using enum objective;
  return o == power || o == area || o == budget_area || o == l1_size || o == l2_size || o == pe;
}

std::vector<objective> limited_figures(std::span<const objective_limit> limits) {
  std::vector<objective> figures;
  for (const objective_limit& limit : limits) {
    const bool is_new = std::ranges::find(figures, limit.o) == figures.end();
    if (is_new && !is_of_machine(limit.o) && figures.size() < max_objectives) {
      figures.push_back(limit.o);
    }
  }
  return figures;
}

smallest_machine::smallest_machine(const co_design_problem& problem,
                                   search_options search,
                                   const co_design_options& options)
    : problem_(problem),
      objectives_(search.objectives),
      search_(std::move(search)),
      options_(options) {
  const double pes = pes_needed(problem.layers, search_.limits, problem.base);
  expect_enough_pes(pes, problem.base, options);
  const double pe_um2 = problem.base.constants.budget_pe_area_um2;
  least_um2_ = pes * pe_um2;
  failed_um2_ = least_um2_;
  most_um2_ = std::min(options.area_budget_um2, most_per_pes * pe_um2 * options.pe_limit);
  search_.objectives = limited_figures(search_.limits);
}

std::vector<genome> smallest_machine::known_mappings(std::size_t l,
                                                     const search_space& space) const {
  std::vector<genome> all;
  if (options_.initial) all = options_.initial(l, space);
  if (l >= known_.size() || !known_[l]) return all;
  all.push_back(*known_[l]);
  all.back().accelerator_index = space.accelerator_index;
  return all;
}

std::optional<double> smallest_machine::next_budget() const {
  if (is_kept()) return std::sqrt(failed_um2_ * kept_um2_);
  if (budget_um2_ < most_um2_) {
    const double next = budget_um2_ == 0 ? above_least * least_um2_ : growth * budget_um2_;
    return std::min(next, most_um2_);
  }
  // What a quick contest did not find, a whole one may.
  return is_whole_ ? std::nullopt : std::optional(most_um2_);
}

void smallest_machine::remember_best() {
  known_.assign(problem_.layers.size(), std::nullopt);
  for (std::size_t l = 0; best_ && l < problem_.layers.size(); ++l) {
    if (best_->searches[l].best()) known_[l] = best_->searches[l].best()->mapping;
  }
}

/// The contest within budget_um2_, not begun.
void smallest_machine::make_contest() {
  contest_options_ = options_;
  contest_options_.area_budget_um2 = budget_um2_;
  if (!is_whole_) {
    contest_options_.evaluations = std::max<std::int64_t>(1, options_.evaluations / quick_share);
  }
  const int quick_left = is_whole_ ? 0 : std::max(1, usual_quick_contests - quick_contests_);
  const int whole_left = most_whole_contests - whole_contests_;
  const double shares = quick_left + quick_share * (whole_left + (is_whole_ ? 1 : 0));
  const double own = is_whole_ ? quick_share : 1;
  contest_options_.seconds = run_.seconds + (options_.seconds - run_.seconds) * own / shares;
  contest_options_.initial = [this](std::size_t l, const search_space& space) {
    return known_mappings(l, space);
  };
  contest_options_.checkpoint = nullptr;
  if (options_.checkpoint) {
    contest_options_.checkpoint = [this](const co_design_state& state) {
      options_.checkpoint(save(state));
    };
  }
  contest_.emplace(problem_, objectives_, search_, contest_options_);
}

void smallest_machine::begin_contest(double budget_um2) {
  is_whole_ = !is_kept() && budget_um2_ >= most_um2_;
  budget_um2_ = budget_um2;
  (is_whole_ ? whole_contests_ : quick_contests_) += 1;
  remember_best();
  make_contest();
  try {
    contest_->begin(run_);
    is_under_way_ = true;
  } catch (const input_error&) {  // there is no accelerator to try
    if (budget_um2 >= most_um2_) throw;
    failed_um2_ = std::max(failed_um2_, budget_um2);
  }
}

/// Begins a contest of smaller accelerators that are like the best.
void smallest_machine::begin_contest_around_best() {
  is_whole_ = true;
  ++whole_contests_;
  budget_um2_ = before_um2_ = kept_um2_;
  remember_best();
  make_contest();
  is_under_way_ = contest_->begin_around(best_, run_);
}

/// Begins the next contest, if one is left.
bool smallest_machine::begin_next() {
  if (is_kept() && (is_whole_ || kept_um2_ <= near * failed_um2_)) {
    const bool goes_on = whole_contests_ == 0 || kept_um2_ <= improved * before_um2_;
    if (!goes_on || whole_contests_ == most_whole_contests) return false;
    begin_contest_around_best();
    return is_under_way_;
  }
  const std::optional<double> budget_um2 = next_budget();
  if (!budget_um2) return false;
  begin_contest(*budget_um2);
  return true;
}

void smallest_machine::take(heat_winner won) {
  run_ = contest_->run();
  tried_ += contest_->tried();
  const double violation = contest_->violation_of(won);
  if (violation > 0) {
    failed_um2_ = std::max(failed_um2_, budget_um2_);
    if (best_ && violation >= violation_) return;
  } else {
    const double area_um2 = area_of(contest_->needed_machine(won));
    if (best_ && area_um2 >= kept_um2_) return;
    kept_um2_ = area_um2;
  }
  violation_ = violation;
  best_ = std::move(won);
}

co_design_result smallest_machine::finish() {
  const auto has_time = [&] { return !run_.was_interrupted && run_.seconds < options_.seconds; };
  while (!best_ || has_time()) {
    if (!is_under_way_ && !begin_next()) break;
    if (!is_under_way_) continue;
    take(contest_->finish());
    is_under_way_ = false;
  }
  co_design_result result = contest_->result_of(std::move(*best_), std::move(run_));
  result.machines = tried_;
  return result;
}

co_design_state smallest_machine::save(const co_design_state& of_contest) const {
  byte_writer out;
  for (const double value : {failed_um2_, kept_um2_, before_um2_, budget_um2_, violation_}) {
    out.put(value);
  }
  out.put(is_whole_);
  out.put(quick_contests_);
  out.put(whole_contests_);
  out.put(tried_);
  for (const std::optional<genome>& known : known_) {
    out.put(known.has_value());
    if (known) out.put(*known);
  }
  out.put(best_.has_value());
  if (best_) contest::put(out, *best_);
  co_design_state state{of_contest.run, {out.bytes()}};
  std::vector<search_log>& logs = state.run.logs;
  logs = {search_log{}};
  if (best_) {
    for (const genetic_search& search : best_->searches) state.searches.push_back(search.save());
    logs.insert(logs.end(), best_->logs.begin(), best_->logs.end());
  }
  state.searches.insert(state.searches.end(),
                        of_contest.searches.begin(),
                        of_contest.searches.end());
  logs.insert(logs.end(), of_contest.run.logs.begin(), of_contest.run.logs.end());
  return state;
}

void smallest_machine::restore(const co_design_state& state) {
  if (state.searches.empty()) throw input_error("the saved contest is empty");
  byte_reader in(state.searches[0]);
  for (double* value : {&failed_um2_, &kept_um2_, &before_um2_, &budget_um2_, &violation_}) {
    *value = in.get<double>();
    if (!(*value >= 0)) throw input_error("the saved contest has an area below 0");
  }
  is_whole_ = in.get<bool>();
  quick_contests_ = in.get<int>();
  whole_contests_ = in.get<int>();
  tried_ = in.get<std::int64_t>();
  known_.assign(problem_.layers.size(), std::nullopt);
  for (std::optional<genome>& known : known_) {
    if (in.get<bool>()) known = in.get<genome>();
  }
  const bool has_best = in.get<bool>();
  const std::size_t contest_at = 1 + (has_best ? problem_.layers.size() : 0);
  constexpr int most_contests = 1000;
  const auto is_count = [](auto count, auto most) { return count >= 0 && count <= most; };
  if (!is_count(quick_contests_, most_contests) ||
      !is_count(whole_contests_, most_whole_contests) || !is_count(tried_, std::int64_t{1} << 32) ||
      budget_um2_ > most_um2_ || state.searches.size() <= contest_at ||
      state.run.logs.size() != state.searches.size()) {
    throw input_error("the saved contest is of other layers or accelerators");
  }
  run_.seconds = state.run.seconds;
  make_contest();
  if (has_best) best_ = contest_->get_winner(in, state, 1);
  co_design_state of_contest{state.run, {}};
  const auto from = static_cast<std::ptrdiff_t>(contest_at);
  of_contest.searches.assign(state.searches.begin() + from, state.searches.end());
  of_contest.run.logs.assign(state.run.logs.begin() + from, state.run.logs.end());
  contest_->restore(of_contest);
  is_under_way_ = true;
}

}  // namespace cugamma
