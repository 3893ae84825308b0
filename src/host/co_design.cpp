#include "cugamma/co_design.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "cugamma/error.hpp"

namespace cugamma {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr double share_kept = 1.0 / 3;

double area_of(const accelerator& a) {
  return budget_area_um2(a.constants, a.num_pes, a.l1_size_elems, a.l2_size_elems);
}

/// The machine that spends a budget: so many PEs, a share of what they leave on L2, the rest on L1.
std::optional<accelerator> spend(const accelerator& base,
                                 std::int32_t pes,
                                 double l2_share,
                                 double budget_um2) {
  const cost_constants& k = base.constants;
  const double bytes =
      (budget_um2 - k.budget_pe_area_um2 * pes) / k.budget_buffer_area_um2_per_byte;
  if (pes < 1 || bytes < 2.0 * pes) return std::nullopt;
  accelerator a = base;
  a.num_pes = pes;
  a.l2_size_elems = static_cast<std::int64_t>(bytes * l2_share);
  a.l1_size_elems = static_cast<std::int64_t>(bytes * (1 - l2_share) / pes);
  if (a.l1_size_elems < 1 || a.l2_size_elems < 1 || area_of(a) > budget_um2) return std::nullopt;
  return a;
}

std::vector<accelerator> first_heat(const accelerator& base, const co_design_options& o) {
  std::vector<accelerator> machines;
  const double most = std::floor(o.area_budget_um2 / base.constants.budget_pe_area_um2);
  double pes = std::min(static_cast<double>(o.pe_limit), most);
  for (int i = 0; i < 12 && pes >= 1; ++i, pes *= 0.8) {
    for (const double l2_share : {0.2, 0.5, 0.8}) {
      const auto a = spend(base, static_cast<std::int32_t>(pes), l2_share, o.area_budget_um2);
      if (a) machines.push_back(*a);
    }
  }
  return machines;
}

/// One heat: searches of every layer on every machine that is left.
class heat {
 public:
  heat(std::span<const weighted_layer> layers,
       std::vector<accelerator> machines,
       const space_maker& make_space,
       const search_options& search)
      : layers_(layers), machines_(std::move(machines)) {
    for (const weighted_layer& l : layers) shapes_.push_back(l.l);
    for (std::size_t m = 0; m < machines_.size(); ++m) {
      left_.push_back(m);
      for (std::size_t i = 0; i < layers.size(); ++i) {
        search_space space = make_space(layers[i].l, machines_[m]);
        space.layer_index = static_cast<std::uint16_t>(i);
        space.accelerator_index = static_cast<std::uint16_t>(m);
        searches_.emplace_back(space, machines_[m], search);
      }
    }
    objective_ = search.objectives[0];
  }

  void run(evaluator& score, const stop_rule& stop, run_summary& sum) {
    const run_summary now = run_searches(searches_, shapes_, machines_, score, stop);
    sum.seconds += now.seconds;
    sum.time += now.time;
    sum.evaluations += now.evaluations;
    sum.was_interrupted = sum.was_interrupted || now.was_interrupted;
    last_ = now;
  }

  std::size_t left() const { return left_.size(); }

  /// Keeps the best machines.
  void cut(std::size_t keep) {
    std::vector<std::size_t> order(left_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<double> totals;
    for (std::size_t i = 0; i < left_.size(); ++i) totals.push_back(standing(i));
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return totals[i]; });
    order.resize(std::min(keep, order.size()));
    std::vector<std::size_t> left;
    std::vector<genetic_search> searches;
    std::vector<search_log> logs;
    for (const std::size_t i : order) {
      left.push_back(left_[i]);
      for (std::size_t l = 0; l < layers_.size(); ++l) {
        searches.push_back(std::move(searches_[i * layers_.size() + l]));
        logs.push_back(std::move(last_.logs[i * layers_.size() + l]));
      }
    }
    left_ = std::move(left);
    searches_ = std::move(searches);
    last_.logs = std::move(logs);
  }

  double total(std::size_t i) const {
    return network_total(objective_, layers_, best(i), machines_[left_[i]]);
  }

  co_design_result winner() {
    co_design_result result;
    result.machine = machines_[left_[0]];
    result.area_um2 = area_of(result.machine);
    result.total = total(0);
    result.searches = std::move(searches_);
    result.run.logs = last_.logs;
    return result;
  }

 private:
  std::vector<std::optional<candidate>> best(std::size_t i) const {
    std::vector<std::optional<candidate>> all;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      all.push_back(searches_[i * layers_.size() + l].best());
    }
    return all;
  }

  /// The total; of machines that lack mappings, those that lack fewer stand better.
  double standing(std::size_t i) const {
    const double sum = total(i);
    if (sum < never) return sum;
    const auto all = best(i);
    const auto missing = std::ranges::count_if(all, [](const auto& b) { return !b; });
    return std::numeric_limits<double>::max() *
           (static_cast<double>(missing) / (static_cast<double>(all.size()) + 1) + 1e-3);
  }

  std::span<const weighted_layer> layers_;
  std::vector<accelerator> machines_;
  std::vector<layer> shapes_;
  std::vector<std::size_t> left_;
  std::vector<genetic_search> searches_;
  run_summary last_;
  objective objective_ = objective::latency;
};

co_design_result run_heat(heat competing,
                          std::size_t machines,
                          const co_design_options& options,
                          evaluator& score) {
  run_summary sum;
  int rounds = 1;
  for (std::size_t n = machines; n > 1; n = (n + 2) / 3) ++rounds;
  double evaluations = static_cast<double>(options.evaluations) * std::pow(share_kept, rounds - 1);
  while (true) {
    stop_rule stop;
    stop.evaluations = std::max<std::int64_t>(20, std::llround(evaluations));
    stop.interrupted = options.interrupted;
    competing.run(score, stop, sum);
    const bool is_last = competing.left() == 1 || sum.was_interrupted;
    competing.cut(is_last ? 1 : (competing.left() + 2) / 3);
    if (is_last) break;
    evaluations /= share_kept;
  }
  co_design_result result = competing.winner();
  sum.logs = std::move(result.run.logs);
  result.run = std::move(sum);
  result.machines = static_cast<std::int64_t>(machines);
  return result;
}

/// Machines like the winner with buffers as its mappings use them, and more or fewer PEs.
std::vector<accelerator> second_heat(const co_design_result& won, const co_design_options& o) {
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
      a.l1_size_elems = static_cast<std::int64_t>(static_cast<double>(l1) * room);
      a.l2_size_elems = static_cast<std::int64_t>(static_cast<double>(l2) * room);
      const bool fits = a.num_pes >= 1 && area_of(a) <= o.area_budget_um2;
      if (fits && std::ranges::find(machines, a) == machines.end()) machines.push_back(a);
    }
  }
  return machines;
}

/// The machines on which every layer has a space; throws if there is none.
std::vector<accelerator> possible(std::vector<accelerator> machines,
                                  std::span<const weighted_layer> layers,
                                  const space_maker& make_space) {
  std::string why;
  std::erase_if(machines, [&](const accelerator& a) {
    try {
      for (const weighted_layer& l : layers) make_space(l.l, a);
      return false;
    } catch (const input_error& error) {
      why = error.what();
      return true;
    }
  });
  if (machines.empty() && !why.empty()) throw input_error(why);
  return machines;
}

}  // namespace

double network_total(objective o,
                     std::span<const weighted_layer> layers,
                     std::span<const std::optional<candidate>> best,
                     const accelerator& a) {
  double latency = 0;
  double energy = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!best[i]) return never;
    const scored_mapping m{best[i]->mapping, best[i]->figures, layers[i].l, a};
    const auto count = static_cast<double>(layers[i].count);
    latency += count * m.latency();
    energy += count * m.energy();
  }
  if (o == objective::latency) return latency;
  return o == objective::energy ? energy : latency * energy;
}

co_design_result co_design(std::span<const weighted_layer> layers,
                           const accelerator& base,
                           const space_maker& make_space,
                           const search_options& search,
                           const co_design_options& options,
                           evaluator& score) {
  const objective o = search.objectives.at(0);
  if (o != objective::latency && o != objective::energy && o != objective::edp) {
    throw input_error(
        fmt::format("co-design of a network: found objective {}, expected latency, energy or EDP",
                    name_of(o)));
  }
  std::vector<accelerator> machines = first_heat(base, options);
  if (machines.empty()) {
    throw input_error(
        fmt::format("area budget of {:.6g} mm^2: does not pay for a PE and its buffers",
                    options.area_budget_um2 / 1e6));
  }
  machines = possible(std::move(machines), layers, make_space);
  std::size_t count = machines.size();
  co_design_result first =
      run_heat({layers, std::move(machines), make_space, search}, count, options, score);
  machines = second_heat(first, options);
  if (machines.empty() || first.run.was_interrupted) return first;
  count = machines.size();
  co_design_result second =
      run_heat({layers, std::move(machines), make_space, search}, count, options, score);
  co_design_result& better = second.total < first.total ? second : first;
  const std::int64_t spent = first.run.evaluations + second.run.evaluations;
  const double seconds = first.run.seconds + second.run.seconds;
  time_shares time = first.run.time;
  time += second.run.time;
  better.machines = first.machines + second.machines;
  better.run.evaluations = spent;
  better.run.seconds = seconds;
  better.run.time = time;
  return std::move(better);
}

}  // namespace cugamma
