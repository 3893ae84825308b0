#include "search/co_design/front_contest.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "cugamma/error.hpp"
#include "search/byte_stream.hpp"
#include "search/co_design/heat_options.hpp"
#include "search/co_design/machines.hpp"

namespace cugamma {
namespace {

constexpr int heats = 2;
constexpr int first_share = 3;       // the first heat has one in so many of the evaluations
constexpr double first_time = 0.25;  // and this share of the time

accelerator with_pes(accelerator a, std::int32_t pes) {
  a.num_pes = pes;
  return a;
}

/// Accelerators with all PEs that may be tried, half of them, and so on.
std::vector<accelerator> halving(const accelerator& base, const co_design_options& o) {
  const double paid = std::floor(o.area_budget_um2 / base.constants.budget_pe_area_um2);
  std::vector<accelerator> machines;
  for (double pes = std::min<double>(o.pe_limit, paid); pes >= 1; pes = std::floor(pes / 2)) {
    machines.push_back(with_pes(base, static_cast<std::int32_t>(pes)));
  }
  return machines;
}

/// Both heats, as a state that can be saved between any two generations.
class front_contest {
 public:
  front_contest(const co_design_problem& problem,
                const search_options& search,
                const co_design_options& options,
                const front_judge& judge)
      : problem_(problem), search_(search), options_(options), judge_(judge) {
    for (const weighted_layer& l : problem.layers) shapes_.push_back(l.l);
    std::erase_if(search_.limits, [](const objective_limit& l) { return is_maximised(l.o); });
  }

  void begin() {
    machines_ = halving(problem_.base, options_);
    if (machines_.empty()) {
      throw input_error(fmt::format("area budget of {:.6g} mm^2: does not pay for a PE",
                                    options_.area_budget_um2 / 1e6));
    }
    machines_ = possible(std::move(machines_), problem_.layers, problem_.make_space);
    for (std::size_t m = 0; m < machines_.size(); ++m) enter(m);
  }

  front_contest_result finish() {
    run();
    if (heat_ < heats && !run_.was_interrupted) {
      begin_second();
      run();
    }
    front_contest_result result{take_fronts(), {}, std::ssize(machines_)};
    result.run = std::move(run_);
    std::ranges::sort(result.machines, {}, [](const auto& m) { return m.machine.num_pes; });
    return result;
  }

  co_design_state save() const {
    byte_writer out;
    out.put(heat_);
    out.put_all(std::span<const accelerator>(machines_));
    out.put_all(std::span<const std::size_t>(running_));
    for (const std::vector<genome>& initial : initial_) {
      out.put_all(std::span<const genome>(initial));
    }
    co_design_state state{run_, {out.bytes()}};
    state.run.logs.insert(state.run.logs.begin(), search_log{});
    for (const genetic_search& search : searches_) state.searches.push_back(search.save());
    return state;
  }

  void restore(const co_design_state& state) {
    if (state.searches.empty()) throw input_error("the saved contest is empty");
    byte_reader in(state.searches[0]);
    heat_ = in.get<int>();
    machines_ = in.get_all<accelerator>();
    std::ranges::for_each(machines_, [](const accelerator& a) { check(a); });
    running_ = in.get_all<std::size_t>();
    const std::size_t searches = running_.size() * problem_.layers.size();
    const bool are_known =
        std::ranges::all_of(running_, [&](std::size_t m) { return m < machines_.size(); });
    if (heat_ < 1 || heat_ > heats || !are_known || state.searches.size() != searches + 1 ||
        state.run.logs.size() != state.searches.size()) {
      throw input_error("the saved contest is of other layers or accelerators");
    }
    for (std::size_t i = 0; i < searches; ++i) {
      const std::size_t m = running_[i / problem_.layers.size()];
      initial_.push_back(in.get_all<genome>());
      searches_.emplace_back(space_of(i % problem_.layers.size(), m),
                             machines_[m],
                             search_,
                             initial_.back());
      searches_.back().restore(state.searches[i + 1]);
    }
    run_ = state.run;
    run_.was_interrupted = false;
    run_.logs.erase(run_.logs.begin());
  }

 private:
  search_space space_of(std::size_t l, std::size_t m) const {
    search_space space = problem_.make_space(problem_.layers[l].l, machines_[m]);
    space.layer_index = static_cast<std::uint16_t>(l);
    space.accelerator_index = static_cast<std::uint16_t>(m);
    return space;
  }

  /// Begins the searches on an accelerator, with the mappings of one that runs, by its place.
  void enter(std::size_t m, std::optional<std::size_t> like = std::nullopt) {
    running_.push_back(m);
    for (std::size_t l = 0; l < problem_.layers.size(); ++l) {
      const search_space space = space_of(l, m);
      std::vector<genome> initial;
      if (options_.initial) initial = options_.initial(l, space);
      if (like)
        add_spread(initial, searches_[*like * problem_.layers.size() + l].front().members, space);
      searches_.emplace_back(space, machines_[m], search_, initial);
      initial_.push_back(std::move(initial));
      run_.logs.emplace_back();
    }
  }

  /// Adds members of a front, as many as are half of a population, from end to end.
  void add_spread(std::vector<genome>& initial,
                  const std::vector<candidate>& front,
                  const search_space& space) const {
    const std::size_t most = static_cast<std::size_t>(search_.population) / 2;
    const std::size_t count = std::min(most, front.size());
    for (std::size_t i = 0; i < count; ++i) {
      initial.push_back(front[i * front.size() / count].mapping);
      initial.back().accelerator_index = space.accelerator_index;
    }
  }

  void run() {
    const bool is_first = heat_ == 1;
    run_options options =
        heat_options(options_, heat_, running_.size(), [&](const run_summary& now) {
          run_ = now;
          return save();
        });
    options.stop.evaluations = is_first
                                   ? std::max<std::int64_t>(1, options_.evaluations / first_share)
                                   : options_.evaluations;
    options.stop.seconds = is_first ? first_time * options_.seconds : options_.seconds;
    const std::array<evaluator*, 1> evaluators{&problem_.score};
    run_ = run_searches(searches_, shapes_, machines_, evaluators, options, run_);
  }

  /// The running searches by accelerator; they are moved out.
  std::vector<machine_fronts> take_fronts() {
    std::vector<machine_fronts> all;
    for (std::size_t i = 0; i < searches_.size(); ++i) {
      if (i % problem_.layers.size() == 0)
        all.push_back({machines_[running_[i / problem_.layers.size()]], {}, {}});
      all.back().searches.push_back(std::move(searches_[i]));
      all.back().logs.push_back(std::move(run_.logs[i]));
    }
    searches_.clear();
    run_.logs.clear();
    return all;
  }

  /// Keeps the accelerators of the front, and enters those between them and beside them.
  void begin_second() {
    heat_ = 2;
    std::vector<machine_fronts> before = take_fronts();
    const std::vector<std::size_t> kept = judge_(before);
    const std::vector<std::size_t> owners = std::exchange(running_, {});
    std::vector<std::vector<genome>> initial = std::exchange(initial_, {});
    for (const std::size_t i : kept) {
      running_.push_back(owners[i]);
      for (std::size_t l = 0; l < problem_.layers.size(); ++l) {
        searches_.push_back(std::move(before[i].searches[l]));
        run_.logs.push_back(std::move(before[i].logs[l]));
        initial_.push_back(std::move(initial[i * problem_.layers.size() + l]));
      }
    }
    for (std::size_t place = 0; place < kept.size(); ++place) {
      for (const double more : {std::sqrt(0.5), std::sqrt(2.0)}) {
        if (const auto m = add_machine(before[kept[place]].machine.num_pes * more)) {
          enter(*m, place);
        }
      }
    }
  }

  /// The index of a new accelerator with so many PEs; nothing if it cannot be tried or was.
  std::optional<std::size_t> add_machine(double pes) {
    const accelerator a = with_pes(problem_.base, static_cast<std::int32_t>(std::lround(pes)));
    const bool is_known = std::ranges::find(machines_, a) != machines_.end();
    const bool is_paid = a.constants.budget_pe_area_um2 * a.num_pes <= options_.area_budget_um2;
    if (is_known || !is_paid || a.num_pes < 1 || a.num_pes > options_.pe_limit) return std::nullopt;
    try {
      possible({a}, problem_.layers, problem_.make_space);
    } catch (const input_error&) {
      return std::nullopt;
    }
    machines_.push_back(a);
    return machines_.size() - 1;
  }

  const co_design_problem& problem_;
  search_options search_;  // of a layer
  const co_design_options& options_;
  const front_judge& judge_;
  std::vector<layer> shapes_;

  int heat_ = 1;
  std::vector<accelerator> machines_;         // of both heats
  std::vector<std::size_t> running_;          // of these
  std::vector<genetic_search> searches_;      // of every layer on each of those that run
  std::vector<std::vector<genome>> initial_;  // what each search started from
  run_summary run_;
};

}  // namespace

front_contest_result search_machine_fronts(const co_design_problem& problem,
                                           const search_options& search,
                                           const co_design_options& options,
                                           const front_judge& judge,
                                           const co_design_state* resume) {
  front_contest both(problem, search, options, judge);
  if (resume != nullptr) {
    both.restore(*resume);
  } else {
    both.begin();
  }
  return both.finish();
}

}  // namespace cugamma
