#include "cugamma/certify/machines.hpp"

#include <fmt/format.h>
#include <tbb/info.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "certify/exact/exact_engine.hpp"
#include "certify/exact/question.hpp"
#include "certify/machine_certificate.hpp"
#include "certify/machine_latencies.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/models/area.hpp"

namespace cugamma {
namespace {

/// The limit on the latency; infinite if there is none.
double latency_limit(const network_search_request& request) {
  double most = infinite;
  for (const objective_limit& l : request.search.limits) {
    if (l.o == objective::latency) most = std::min(most, l.bound);
  }
  return most;
}

/// Goes through the numbers of PEs in the order of their bounds, until a bound reaches the best.
class machine_proof {
 public:
  machine_proof(const network_search_request& request,
                const certify_options& options,
                const std::function<void(double, double)>& observe)
      : request_(request),
        most_(latency_limit(request)),
        proof_({options.gap, options.seconds, options.interrupted}, observe),
        cycles_(
            request,
            request.threads > 0 ? request.threads : std::max(1, tbb::info::default_concurrency())) {
    const std::int32_t all = request.machine.num_pes;
    for (std::int32_t n = request.search_pes ? 1 : all; n <= all; ++n) sizes_.push_back(n);
    wants_certificate_ = options.wants_certificate;
    gap_ = options.gap;
    result_.goal = request.search.objectives.front();
    result_.most_cycles = most_;
    result_.sizes = std::ssize(sizes_);
  }

  certified_machine run() {
    const auto bound = [this](std::int32_t n) { return bound_of(n); };
    std::ranges::stable_sort(sizes_, {}, bound);
    double lower = infinite;
    for (const std::int32_t n : sizes_) {
      if (is_cut_short_ || bound_of(n) >= result_.upper) break;
      proof_.raise(std::min(bound_of(n), least_floor_));
      if (proof_.is_over()) {
        lower = proof_.lower();
        break;
      }
      ++result_.opened;
      if (!cycles_.is_exact()) {
        open_with_waits(n);
      } else if (is_smallest()) {
        open_for_area(n);
      } else {
        open_for_cycles(n);
      }
    }
    lower = std::min(lower, least_floor_);
    if (!cycles_.is_exact() && !is_cut_short_) {
      proof_.raise(lower);
      narrow_gap();
    }
    result_.lower = std::min(lower, result_.upper);
    if (is_cut_short_) result_.lower = std::min(result_.lower, proof_.lower());
    result_.seconds = proof_.seconds();
    if (wants_certificate_) {
      result_.certificate = machine_certificate_text(request_, cycles_.shapes(), result_, proved());
    }
    return std::move(result_);
  }

 private:
  /// A number of PEs of which the bounds leave values from `least` on, and L2 from `low` on.
  struct opened_size {
    double least = 0;
    std::int32_t pes = 0;
    std::int64_t low = 0, high = 0;
  };

  bool is_smallest() const { return result_.goal == objective::budget_area; }

  double area(std::int32_t pes, std::int64_t l2_elems) const {
    return budget_area_um2(request_.machine.constants, pes, cycles_.l1_elems(), l2_elems);
  }

  /// No L2 is larger.
  std::int64_t l2_limit() const {
    const std::int64_t given = request_.machine.l2_size_elems;
    return given == unlimited ? cycles_.most_l2_elems() : std::min(given, cycles_.most_l2_elems());
  }

  /// No accelerator of so many PEs has a lower value; infinite if none counts.
  double bound_of(std::int32_t n) const {
    const std::int64_t l1 = request_.machine.l1_size_elems;
    if (l1 != unlimited && l1 < cycles_.l1_elems()) return infinite;
    if (n < cycles_.least_pes()) return infinite;
    const double smallest = area(n, cycles_.l1_elems());
    if (smallest > request_.search.area_budget_um2 || cycles_.least(n) > most_) return infinite;
    return is_smallest() ? smallest : cycles_.least(n);
  }

  /// The largest L2 that keeps an area.
  std::int64_t largest_l2(std::int32_t n, double most_area) const {
    std::int64_t low = 0, high = l2_limit();
    while (low < high) {
      const std::int64_t middle = high - (high - low) / 2;
      if (area(n, middle) <= most_area) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  double cycles(std::int32_t n, std::int64_t l2, double most) {
    const double found = cycles_.of(n, l2, most, [this] { return is_interrupted(); });
    is_cut_short_ = is_cut_short_ || (found == infinite && is_interrupted());
    return found;
  }

  /// Unlike proof::is_over not if the gap is reached: that is asked between machines.
  bool is_interrupted() const { return proof_.is_over() && proof_.gap() > 0; }

  /// The smallest L2 with which the limit is kept, if the accelerator is then the smallest.
  void open_for_area(std::int32_t n) {
    const double most_area = std::min(result_.upper, request_.search.area_budget_um2);
    std::int64_t high = largest_l2(n, most_area);
    double at_high = cycles(n, high, most_);
    if (at_high == infinite) return keep(n, {high, cycles_.floors()});
    std::vector<fastest> found = cycles_.found();
    high = l2_of(found);
    // Nothing fits an L2 of no elements.
    machine_floor too_small{0, std::vector<double>(found.size(), infinite)};
    for (std::int64_t low = 1; low < high && !is_cut_short_;) {
      const std::int64_t middle = low + (high - low) / 2;
      const double here = cycles(n, middle, most_);
      if (here == infinite) {
        too_small = {middle, cycles_.floors()};
        low = middle + 1;
        continue;
      }
      found = cycles_.found();
      high = l2_of(found);
      at_high = here;
    }
    take(n, area(n, high), at_high, found);
    keep(n, std::move(too_small));
  }

  void open_for_cycles(std::int32_t n) {
    const std::int64_t l2 = largest_l2(n, request_.search.area_budget_um2);
    const double most = std::min(most_, result_.upper);
    const double here = cycles(n, l2, most);
    if (here < result_.upper) take(n, here, here, cycles_.found());
    keep(n, {l2, cycles_.floors()});
  }

  /// On a NoC that mappings may wait for: the least value that the bounds of the latency leave, and
  /// accelerators on the way that count.
  void open_with_waits(std::int32_t n) {
    const double most = is_smallest() ? most_ : std::min(most_, result_.upper);
    const double most_area = is_smallest()
                                 ? std::min(result_.upper, request_.search.area_budget_um2)
                                 : request_.search.area_budget_um2;
    std::int64_t high = largest_l2(n, most_area);
    machine_floor floor{0, std::vector<double>(cycles_.shapes().layers.size(), infinite)};
    const auto keeps_limit = [&](std::int64_t l2) {
      if (cycles(n, l2, most) == infinite) {
        floor = {l2, cycles_.floors()};
        return false;
      }
      take_found(n);
      return true;
    };
    if (!keeps_limit(high)) return keep(n, std::move(floor));
    if (!is_smallest()) {
      floors_.push_back({cycles_.floor(), n, high, high});
      least_floor_ = std::min(least_floor_, cycles_.floor());
      return keep(n, {high, cycles_.floors()});
    }
    // What is left of the gap is not worth more halvings.
    const double enough = area(n, high) * gap_ / 8;
    std::int64_t low = 1;
    while (low < high && area(n, high) - area(n, low) > enough && !is_cut_short_) {
      const std::int64_t middle = low + (high - low) / 2;
      if (keeps_limit(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    if (is_cut_short_) return;
    const double least = std::max(bound_of(n), area(n, floor.l2_elems + 1));
    floors_.push_back({least, n, floor.l2_elems + 1, high});
    least_floor_ = std::min(least_floor_, least);
    keep(n, std::move(floor));
  }

  /// The accelerator with the mappings that were found last, if it counts.
  void take_found(std::int32_t n) {
    const std::vector<fastest>& found = cycles_.found();
    const double taken = cycles_.taken(), of_area = area(n, l2_of(found));
    if (taken > most_ || of_area > request_.search.area_budget_um2) return;
    take(n, is_smallest() ? of_area : taken, taken, found);
  }

  /// Searches for mappings with which an accelerator counts that the bounds do not rule out.
  void narrow_gap() {
    std::ranges::sort(floors_, {}, &opened_size::least);
    for (const opened_size& s : floors_) {
      if (proof_.is_over() || s.least >= proof_.wanted()) return;
      if (is_smallest()) {
        search_for_area(s);
      } else {
        search_on(s.pes, s.high);
      }
    }
  }

  void search_for_area(const opened_size& s) {
    std::int64_t low = s.low;
    while (!proof_.is_over()) {
      const std::int64_t high = largest_l2(s.pes, result_.upper);
      const double enough = area(s.pes, high) * gap_ / 8;
      if (low >= high || area(s.pes, high) - area(s.pes, low) <= enough) return;
      const std::int64_t middle = low + (high - low) / 2;
      const double before = result_.upper;
      search_on(s.pes, middle);
      if (result_.upper == before) low = middle + 1;
    }
  }

  void search_on(std::int32_t n, std::int64_t l2) {
    const auto is_over = [this] { return proof_.is_over(); };
    if (cycles_.of(n, l2, most_, is_over) == infinite) return;
    cycles_.search(n, l2, is_over);
    take_found(n);
  }

  /// What opening a number of PEs came to, if it came to its end.
  void keep(std::int32_t n, machine_floor floor) {
    if (!is_cut_short_) opened_.emplace(n, std::move(floor));
  }

  /// All numbers of PEs, the smallest first.
  std::vector<proved_size> proved() const {
    std::vector<proved_size> all;
    for (const std::int32_t n : sizes_) all.push_back({n, bound_of(n), std::nullopt});
    std::ranges::sort(all, {}, &proved_size::pes);
    for (proved_size& s : all) {
      const auto found = opened_.find(s.pes);
      if (found != opened_.end()) s.opened = found->second;
    }
    return all;
  }

  static std::int64_t l2_of(const std::vector<fastest>& found) {
    return std::ranges::max_element(found, {}, &fastest::l2_elems)->l2_elems;
  }

  void take(std::int32_t n, double value, double cycles, const std::vector<fastest>& found) {
    if (!(value < result_.upper)) return;
    result_.upper = value;
    result_.cycles = cycles;
    result_.machine = request_.machine;
    result_.machine.num_pes = n;
    result_.machine.l1_size_elems = cycles_.l1_elems();
    result_.machine.l2_size_elems = l2_of(found);
    result_.area_um2 = area(n, result_.machine.l2_size_elems);
    result_.layers.clear();
    for (std::size_t i = 0; i < request_.layers.size(); ++i) {
      const std::size_t shape = cycles_.shapes().shape_of[i];
      const layer& l = cycles_.shapes().layers[shape];
      const mapping m = to_mapping(*found[shape].best, l);
      result_.layers.push_back({request_.layers[i].name,
                                request_.layers[i].count,
                                request_.search.model->explain(l, result_.machine, m),
                                write_mapping(request_.layers[i].name, l, m)});
    }
    proof_.offer(*found.front().best, value);
  }

  const network_search_request& request_;
  double most_;
  proof proof_;
  latencies cycles_;
  std::vector<std::int32_t> sizes_;
  std::map<std::int32_t, machine_floor> opened_;  ///< by number of PEs
  std::vector<opened_size> floors_;               ///< on a NoC that mappings may wait for
  double least_floor_ = infinite;                 ///< of them
  double gap_ = 0;                                ///< that is close enough
  bool wants_certificate_ = false;
  certified_machine result_;
  bool is_cut_short_ = false;
};

/// Why the fastest mappings of a layer do not all have tiles of one index in PEs, which the L1 of
/// the best accelerator holds; nothing if they do.
std::optional<std::string> tile_obstacle(const exact::question& q) {
  for (int d = 0; d < exact::free_dims; ++d) {
    const exact::tile_bounds& rule = q.tiles[1][exact::at(d)];
    if (rule.least_below(q.size[exact::at(d)]) > 1)
      return "a constraint asks for larger tiles of PEs";
  }
  return std::nullopt;
}

void expect_question(const network_search_request& request) {
  const auto& limits = request.search.limits;
  const bool has_latency = std::ranges::any_of(limits, [](const objective_limit& l) {
    return l.o == objective::latency;
  });
  for (const objective_limit& l : limits) {
    if (l.o == objective::latency) continue;
    throw input_error(fmt::format(
        "certify: --limit: found {}, expected latency: the best accelerator can be proved "
        "under a limit "
        "on the latency and an --area-budget",
        name_of(l.o)));
  }
  const bool is_smallest = request.search.objectives.front() == objective::budget_area;
  if (is_smallest && !has_latency) {
    throw input_error(
        "certify: objective budget-area: --limit latency=CYCLES is missing, which the smallest "
        "accelerator has to keep");
  }
  if (!is_smallest && !std::isfinite(request.search.area_budget_um2)) {
    throw input_error(
        "certify: --num-pes search: --area-budget is missing, for with more PEs the latency only "
        "falls; or ask for the smallest accelerator: --objective budget-area --limit "
        "latency=CYCLES");
  }
}

}  // namespace

double certified_machine::gap() const { return gap_between(lower, upper); }

bool asks_for_machine(const network_search_request& request) {
  return request.search_pes || request.search.objectives.front() == objective::budget_area;
}

void expect_certifiable_machine(const network_search_request& request) {
  const objective goal = request.search.objectives.front();
  if (goal != objective::budget_area && goal != objective::latency) {
    throw input_error(
        fmt::format("certify: --num-pes search with objective {}: the accelerator of the least "
                    "budget-area or latency can be proved",
                    name_of(goal)));
  }
  expect_question(request);
  if (request.search.model->name != exact_engine.model) {
    throw input_error(
        fmt::format("certify: cost model {}: the best accelerator can be proved under {}",
                    request.search.model->name,
                    exact_engine.model));
  }
  if (request.machine.cluster_buffer_elems != unlimited) {
    throw input_error("certify: --cluster-buffer-size is for cugamma search");
  }
  accelerator largest = request.machine;
  largest.l1_size_elems = largest.l2_size_elems = unlimited;
  for (const network_layer& given : request.layers) {
    const certify_problem problem = problem_on(request, mapped_layer(request, given.l), largest);
    std::optional<std::string> found = exact_engine.obstacle(problem);
    if (!found) found = exact::search_obstacle(problem.space);
    if (!found) found = tile_obstacle(exact::make_question(problem));
    if (found) {
      throw input_error(
          fmt::format("layer {}: the best accelerator cannot be proved: {}", given.name, *found));
    }
  }
}

certified_machine certify_machine(const network_search_request& request,
                                  const certify_options& options,
                                  const std::function<void(double, double)>& observe) {
  certified_machine found = machine_proof(request, options, observe).run();
  found.is_proven = found.gap() <= options.gap;
  return found;
}

}  // namespace cugamma
