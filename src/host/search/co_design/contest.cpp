#include "search/co_design/contest.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "cugamma/error.hpp"
#include "search/co_design/heat_options.hpp"
#include "search/co_design/machines.hpp"

namespace cugamma {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr double share_kept = 1.0 / 3;

/// Rounds that reduce this number of accelerators to one.
int rounds_for(std::size_t machines) {
  int rounds = 1;
  for (; machines > 1; machines = (machines + 2) / 3) ++rounds;
  return rounds;
}
constexpr int rounds_of_second_heat = 4;

/// Accelerators like the winner with buffers as its mappings use them, and more or fewer PEs.
std::vector<accelerator> second_heat(const heat_winner& won,
                                     const accelerator& base,
                                     const co_design_options& o) {
  std::int64_t l1 = 1;
  std::int64_t l2 = 1;
  for (const genetic_search& search : won.searches) {
    if (!search.best()) return {};
    l1 = std::max(l1, search.best()->figures.l1_size_elems);
    l2 = std::max(l2, search.best()->figures.l2_size_elems);
  }
  std::vector<accelerator> machines;
  for (const double more : {0.95, 1.0, 1.05, 1.1, 1.2, 1.4}) {
    for (const double room : {1.0, 1.3}) {
      accelerator a = won.machine;
      a.num_pes = std::min(o.pe_limit, static_cast<std::int32_t>(won.machine.num_pes * more));
      a.l1_size_elems = at_most(static_cast<double>(l1) * room, base.l1_size_elems);
      a.l2_size_elems = at_most(static_cast<double>(l2) * room, base.l2_size_elems);
      const bool fits = a.num_pes >= 1 && area_of(a) <= o.area_budget_um2;
      if (fits && std::ranges::find(machines, a) == machines.end()) machines.push_back(a);
    }
  }
  return machines;
}

}  // namespace

/// What accelerators are compared by: fewest layers without a mapping, limits kept, smallest
/// values.
struct contest::standing {
  std::size_t missing = 0;
  double violation = 0;
  std::vector<double> values;
  friend auto operator<=>(const standing&, const standing&) = default;
};

contest::contest(const co_design_problem& problem,
                 std::vector<objective> network,
                 const search_options& search,
                 const co_design_options& options)
    : problem_(problem),
      objectives_(std::move(network)),
      limits_(search.limits),
      search_(search),
      options_(options) {
  for (const weighted_layer& l : problem.layers) shapes_.push_back(l.l);
  std::erase_if(search_.limits, [](const objective_limit& l) { return is_maximised(l.o); });
}

void contest::begin(run_summary before) {
  std::vector<accelerator> machines = spending(problem_.base, options_);
  if (machines.empty()) {
    throw input_error(
        fmt::format("area budget of {:.6g} mm^2: does not pay for a PE and its buffers",
                    options_.area_budget_um2 / 1e6));
  }
  machines = possible(std::move(machines), problem_.layers, problem_.make_space);
  run_ = std::move(before);
  enter(std::move(machines));
}

bool contest::begin_around(std::optional<heat_winner>& best, run_summary before) {
  std::vector<accelerator> machines = like(needed_machine(*best), problem_.base, options_);
  if (machines.empty()) return false;
  run_ = std::move(before);
  first_ = std::exchange(best, std::nullopt);
  enter(possible(std::move(machines), problem_.layers, problem_.make_space));
  return true;
}

void contest::enter(std::vector<accelerator> machines) {
  machines_ = std::move(machines);
  tried_ += static_cast<std::int64_t>(machines_.size());
  round_ = 0;
  run_.logs.clear();
  for (std::size_t m = 0; m < machines_.size(); ++m) {
    left_.push_back(m);
    for (genetic_search& search : searches_on(m)) searches_.push_back(std::move(search));
  }
}

heat_winner contest::finish() {
  if (!first_) {
    run_rounds();
    heat_winner won = take_winner();
    std::vector<accelerator> next = second_heat(won, problem_.base, options_);
    if (next.empty() || run_.was_interrupted) return won;
    first_ = std::move(won);
    enter(std::move(next));
  }
  run_rounds();
  heat_winner second = take_winner();
  const bool is_better =
      standing_of(second.searches, second.machine) < standing_of(first_->searches, first_->machine);
  return std::move(is_better ? second : *first_);
}

co_design_state contest::save() const {
  byte_writer out;
  out.put(round_);
  out.put(tried_);
  out.put_all(std::span<const accelerator>(machines_));
  out.put_all(std::span<const std::size_t>(left_));
  out.put(first_.has_value());
  if (first_) put(out, *first_);
  co_design_state state{run_, {out.bytes()}};
  state.run.logs.insert(state.run.logs.begin(), search_log{});
  for (const genetic_search& search : searches_) state.searches.push_back(search.save());
  if (!first_) return state;
  for (const genetic_search& search : first_->searches) state.searches.push_back(search.save());
  state.run.logs.insert(state.run.logs.end(), first_->logs.begin(), first_->logs.end());
  return state;
}

void contest::restore(const co_design_state& state) {
  if (state.searches.empty()) throw input_error("the saved contest is empty");
  byte_reader in(state.searches[0]);
  round_ = in.get<int>();
  tried_ = in.get<std::int64_t>();
  machines_ = in.get_all<accelerator>();
  std::ranges::for_each(machines_, [](const accelerator& a) { check(a); });
  left_ = in.get_all<std::size_t>();
  const bool is_second = in.get<bool>();
  const std::size_t first_at = 1 + left_.size() * problem_.layers.size();
  const std::size_t count = first_at + (is_second ? problem_.layers.size() : 0);
  constexpr std::int64_t most_tried = std::int64_t{1} << 32;
  if (round_ < 0 || round_ > 64 || tried_ < 0 || tried_ > most_tried ||
      state.searches.size() != count || state.run.logs.size() != count || !are_machines(left_)) {
    throw input_error("the saved contest is of other layers or accelerators");
  }
  if (is_second) first_ = get_winner(in, state, first_at);
  for (const std::size_t m : left_) {
    for (genetic_search& search : searches_on(m)) searches_.push_back(std::move(search));
  }
  for (std::size_t i = 0; i < searches_.size(); ++i) searches_[i].restore(state.searches[1 + i]);
  run_ = state.run;
  run_.was_interrupted = false;
  run_.logs.assign(state.run.logs.begin() + 1,
                   state.run.logs.begin() + static_cast<std::ptrdiff_t>(first_at));
}

bool contest::are_machines(const std::vector<std::size_t>& indices) const {
  return !indices.empty() &&
         std::ranges::all_of(indices, [&](std::size_t m) { return m < machines_.size(); });
}

void contest::put(byte_writer& out, const heat_winner& won) {
  out.put(won.index);
  out.put(won.machine);
  for (const std::vector<genome>& initial : won.initial) {
    out.put_all(std::span<const genome>(initial));
  }
}

heat_winner contest::get_winner(byte_reader& in,
                                const co_design_state& state,
                                std::size_t at) const {
  heat_winner won;
  won.index = in.get<std::size_t>();
  won.machine = in.get<accelerator>();
  check(won.machine);
  for (std::size_t l = 0; l < problem_.layers.size(); ++l) {
    won.initial.push_back(in.get_all<genome>());
    const search_space space = space_of(l, won.machine, won.index);
    won.searches.emplace_back(space, won.machine, search_, won.initial[l]);
    won.searches[l].restore(state.searches[at + l]);
    won.logs.push_back(state.run.logs[at + l]);
  }
  return won;
}

search_space contest::space_of(std::size_t l, const accelerator& a, std::size_t m) const {
  search_space space = problem_.make_space(problem_.layers[l].l, a);
  space.layer_index = static_cast<std::uint16_t>(l);
  space.accelerator_index = static_cast<std::uint16_t>(m);
  return space;
}

std::vector<genetic_search> contest::searches_on(std::size_t m) const {
  std::vector<genetic_search> searches;
  for (std::size_t l = 0; l < problem_.layers.size(); ++l) {
    const search_space space = space_of(l, machines_[m], m);
    searches.emplace_back(space, machines_[m], search_, first_individuals(l, space));
  }
  return searches;
}

/// Those that the caller knows, and in the second heat what the first one found.
std::vector<genome> contest::first_individuals(std::size_t l, const search_space& space) const {
  std::vector<genome> all;
  if (options_.initial) all = options_.initial(l, space);
  if (!first_ || !first_->searches[l].best()) return all;
  all.insert(all.begin(), first_->searches[l].best()->mapping);
  all.front().accelerator_index = space.accelerator_index;
  return all;
}

void contest::run_rounds() {
  const int rounds = rounds_for(machines_.size());
  for (;; ++round_) {
    const int behind = rounds - round_ - 1;
    run_round(behind, behind + 1 + (first_ ? 0 : rounds_of_second_heat));
    const bool is_last = behind == 0 || run_.was_interrupted;
    cut(is_last ? 1 : (left_.size() + 2) / 3);
    if (is_last) return;
  }
}

void contest::run_round(int rounds_behind, int rounds_left) {
  const double share = std::pow(share_kept, rounds_behind);
  const double evaluations = std::min(1e18, static_cast<double>(options_.evaluations) * share);
  run_options options =
      heat_options(options_, first_ ? 2 : 1, left_.size(), [&](const run_summary& run) {
        run_ = run;
        return save();
      });
  options.stop.evaluations = std::max<std::int64_t>(20, std::llround(evaluations));
  options.stop.seconds = run_.seconds + (options_.seconds - run_.seconds) / rounds_left;
  const std::array<evaluator*, 1> evaluators{&problem_.score};
  run_ = run_searches(searches_, shapes_, machines_, evaluators, options, run_);
}

/// Keeps the best machines.
void contest::cut(std::size_t keep) {
  std::vector<standing> standings;
  const std::size_t layers = problem_.layers.size();
  for (std::size_t i = 0; i < left_.size(); ++i) {
    standings.push_back(standing_of({searches_.data() + i * layers, layers}, machines_[left_[i]]));
  }
  std::vector<std::size_t> order(left_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return standings[i]; });
  order.resize(std::min(keep, order.size()));
  std::vector<std::size_t> left;
  std::vector<genetic_search> searches;
  std::vector<search_log> logs;
  for (const std::size_t i : order) {
    left.push_back(left_[i]);
    for (std::size_t l = 0; l < layers; ++l) {
      searches.push_back(std::move(searches_[i * layers + l]));
      logs.push_back(std::move(run_.logs[i * layers + l]));
    }
  }
  left_ = std::move(left);
  searches_ = std::move(searches);
  run_.logs = std::move(logs);
}

heat_winner contest::take_winner() {
  const std::size_t m = left_[0];
  heat_winner won{m, machines_[m], std::move(searches_), std::move(run_.logs), {}};
  for (std::size_t l = 0; l < problem_.layers.size(); ++l) {
    won.initial.push_back(first_individuals(l, space_of(l, won.machine, m)));
  }
  left_.clear();
  searches_.clear();
  return won;
}

std::vector<network_part> contest::parts_of(std::span<const genetic_search> searches) const {
  std::vector<network_part> parts;
  for (std::size_t l = 0; l < problem_.layers.size(); ++l) {
    const auto& best = searches[l].best();
    if (best)
      parts.push_back(
          {problem_.layers[l].l, best->mapping, best->figures, problem_.layers[l].count});
  }
  return parts;
}

contest::standing contest::standing_of(std::span<const genetic_search> searches,
                                       const accelerator& a) const {
  const std::vector<network_part> parts = parts_of(searches);
  standing result;
  result.missing = problem_.layers.size() - parts.size();
  if (result.missing > 0) return result;
  const network_figures network(parts, a);
  result.violation = beyond(limits_, network);
  for (const objective o : objectives_) result.values.push_back(value(o, network));
  return result;
}

double contest::violation_of(const heat_winner& won) const {
  const standing found = standing_of(won.searches, won.machine);
  return found.missing > 0 ? never : found.violation;
}

accelerator contest::needed_machine(const heat_winner& won) const {
  const std::vector<network_part> parts = parts_of(won.searches);
  accelerator needed = won.machine;
  if (parts.size() < problem_.layers.size()) return needed;
  const network_figures network(parts, won.machine);
  needed.l1_size_elems = static_cast<std::int64_t>(network.l1_size());
  needed.l2_size_elems = static_cast<std::int64_t>(network.l2_size());
  return needed;
}

co_design_result contest::result_of(heat_winner won, run_summary run) const {
  co_design_result result;
  const std::vector<network_part> parts = parts_of(won.searches);
  const network_figures network(parts, won.machine);
  result.machine = needed_machine(won);
  result.area_um2 = area_of(result.machine);
  result.total = parts.size() == problem_.layers.size() ? figure(objectives_[0], network) : never;
  result.searches = std::move(won.searches);
  result.run = std::move(run);
  result.run.logs = std::move(won.logs);
  result.machines = tried_;
  return result;
}

}  // namespace cugamma
