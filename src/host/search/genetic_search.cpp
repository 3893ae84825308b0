#include "cugamma/search/genetic_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "cugamma/error.hpp"
#include "cugamma/search/proposer.hpp"
#include "mapping/operators/breeding.hpp"
#include "mapping/operators/plan.hpp"
#include "search/breeding/breeding_engine.hpp"
#include "search/byte_stream.hpp"
#include "search/fronts/pareto_archive.hpp"
#include "search/judge.hpp"
#include "search/selection/parent_selection.hpp"
#include "search/threads/for_each_index.hpp"
#include "search/threads/raw_vector.hpp"

namespace cugamma {
namespace {

// A member that these leave out would let a search be resumed under other rules.
static_assert(sizeof(search_space) == 480 && sizeof(level_rule) == 120);
static_assert(sizeof(breeding_rates) == 44 && sizeof(search_options) == 208);

void put_space(byte_writer& out, const search_space& space) {
  out.put(space.target);
  out.put(space.bound);
  for (const level_rule& rule : space.levels) {
    out.put(rule.parallel);
    out.put(rule.second_parallel);
    out.put(rule.fixed_positions);
    out.put(rule.order_prefix);
    out.put(rule.cluster);
    out.put(rule.tiles);
  }
  out.put(space.levels_min);
  out.put(space.levels_max);
  out.put(space.factors_only);
  out.put(space.search_pes);
  out.put(space.pes_min);
  out.put(space.pes_max);
  out.put(space.l1_size_elems);
  out.put(space.l2_size_elems);
  out.put(space.cluster_buffer_elems);
  out.put(space.layer_index);
  out.put(space.accelerator_index);
}

void put_options(byte_writer& out, const search_options& o) {
  out.put(o.population);
  out.put_all(std::span<const objective>(o.objectives));
  out.put(o.seed);
  out.put_text(o.model->name);
  out.put(o.trust);
  const breeding_rates& r = o.rates;
  for (const probability p : {r.crossover,
                              r.order_swap,
                              r.gene_mutation,
                              r.parallel_exchange,
                              r.regrouping,
                              r.level_birth,
                              r.level_death,
                              r.pe_mutation,
                              r.guided})
    out.put(p);
  out.put(r.gene_mutations);
  out.put(r.whole_column);
  out.put(r.fit_buffers);
  out.put(o.parents_ratio);
  out.put(o.guided_draws);
  out.put(o.immigrants);
  out.put(o.patience);
  for (const objective_limit& limit : o.limits) {
    out.put(limit.o);
    out.put(limit.bound);
  }
  out.put(o.area_budget_um2);
  out.put(o.selection);
  out.put(o.tournament_size);
  out.put(o.elite_ratio);
  out.put(o.front_capacity);
  out.put_all(std::span<const double>(o.reference));
}

/// Everything that decides which mappings a search proposes, as bytes.
std::string identity(const search_space& space,
                     const accelerator& a,
                     const search_options& options,
                     std::span<const genome> initial) {
  byte_writer out;
  put_space(out, space);
  out.put(a);
  put_options(out, options);
  out.put_all(initial);
  return out.bytes();
}

}  // namespace

namespace {

void check_front(const search_options& options) {
  const auto& wanted = options.objectives;
  if (wanted.size() < 2 || wanted.size() > max_front_objectives) {
    throw input_error(fmt::format("front of {} objectives: must be two or three", wanted.size()));
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (std::find(wanted.begin(), wanted.begin() + i, wanted[i]) != wanted.begin() + i) {
      throw input_error(fmt::format("objective {} is there twice", name_of(wanted[i])));
    }
  }
  if (options.front_capacity < 10 || options.front_capacity > 1'000'000) {
    throw input_error(
        fmt::format("front of {}: must be 10 to 1000000 mappings", options.front_capacity));
  }
  if (!options.reference.empty() && options.reference.size() != wanted.size()) {
    throw input_error(fmt::format("reference of {} figures for {} objectives",
                                  options.reference.size(),
                                  wanted.size()));
  }
  for (const double figure : options.reference) {
    if (figure > 0 && std::isfinite(figure)) continue;
    throw input_error(fmt::format("reference of {}: must be a number above 0", figure));
  }
}

void check_selection(const search_options& options) {
  if (options.selection == selection_rule::pareto) check_front(options);
  if (options.tournament_size < 1) {
    throw input_error(fmt::format("tournament of {}: must be 1 or more", options.tournament_size));
  }
}

/// What repair() leaves as it is: levels within those of the space, and whole loop orders.
bool has_form(const genome& g, const search_space& space) {
  return level_count(g) >= space.levels_min && level_count(g) <= space.levels_max &&
         has_loop_orders(g);
}

/// A parent of another search, and the generation that it breeds first.
struct arrival {
  std::int64_t generation;
  migrant newcomer;
};

}  // namespace

struct genetic_search::state {
  search_space space;
  accelerator machine;
  search_options options;
  std::vector<genome> initial;
  std::unique_ptr<proposer> others;  // null: bred here

  std::span<const genome> children;  // those last asked for
  raw_vector<genome> own_place;      // of children whose caller has none for them
  std::span<const genome> proposed;  // by others, not yet filled in
  std::size_t begun = 0;             // individuals of the generation to be filled in
  raw_vector<genome> parents;        // see genetic_search::parents
  raw_vector<search_rank> parent_ranks;
  std::optional<breeding_engine> breeder;
  // Kept between generations for their memory only.
  raw_vector<search_rank> child_ranks;
  parent_selection chooser;
  raw_vector<genome> next_parents;
  raw_vector<search_rank> next_ranks;
  std::optional<candidate> best;
  pareto_archive archive;
  rejection_counts rejected;
  std::vector<arrival> arrivals;  // those that have not joined yet
  std::int64_t generation = 0;
  std::int64_t evaluations = 0;
  std::int64_t last_gain = 0;  // generation of the last better best
  bool awaits_costs = false;   // of `children`

  std::size_t prepare(std::int64_t at_most) {
    if (awaits_costs && !children.empty()) {
      throw input_error(
          fmt::format("search: the costs of the last {} mappings were not told", children.size()));
    }
    awaits_costs = false;
    if (others) {
      proposed = others->propose(at_most);
      begun = proposed.size();
      return begun;
    }
    if (at_most > 0) take_in();
    begun = static_cast<std::size_t>(std::clamp<std::int64_t>(at_most, 0, options.population));
    return begun;
  }

  void fill(std::span<genome> place) {
    if (awaits_costs) throw input_error("search: no generation was begun");
    if (place.size() < begun) {
      throw input_error(
          fmt::format("search: found room for {} mappings, expected {}", place.size(), begun));
    }
    awaits_costs = true;
    if (others) {
      std::ranges::copy(proposed, place.begin());
      children = place.first(proposed.size());
      return;
    }
    std::span<const genome> first;
    if (generation == 0) first = initial;
    children =
        place.first(breeder->make_generation(parents, generation, first, place.first(begun)));
  }

  void judge_children(std::span<const cost> costs) {
    child_ranks.resize(costs.size());
    const verdicts found = judge(space, machine, options).rank_all(children, costs, child_ranks);
    rejected += found.rejected;
    if (found.best && (!best || child_ranks[*found.best] < best->rank)) {
      best = candidate{children[*found.best], costs[*found.best], child_ranks[*found.best]};
      last_gain = generation;
    }
    if (archive.show(children, costs, child_ranks)) last_gain = generation;
  }

  /// The chosen of parents and newcomers become the parents; of several that rank the same one
  /// stands for all, so that copies of one solution cannot take every place.
  void select(const search_options& rule,
              std::span<const genome> newcomers,
              std::span<const search_rank> ranks) {
    const auto chosen = chooser.choose(rule, parent_ranks, ranks, generation);
    next_parents.resize(chosen.size());
    next_ranks.resize(chosen.size());
    for_each_index(chosen.size(), [&](std::size_t i) {
      const std::size_t from = chosen[i];
      const bool is_parent = from < parents.size();
      next_parents[i] = is_parent ? parents[from] : newcomers[from - parents.size()];
      next_ranks[i] = is_parent ? parent_ranks[from] : ranks[from - parents.size()];
    });
    parents.swap(next_parents);
    parent_ranks.swap(next_ranks);
  }

  void take_in() {
    std::vector<genome> newcomers;
    std::vector<search_rank> ranks;
    for (const arrival& a : arrivals) {
      if (a.generation != generation) continue;
      newcomers.push_back(a.newcomer.mapping);
      ranks.push_back(a.newcomer.rank);
    }
    std::erase_if(arrivals, [&](const arrival& a) { return a.generation <= generation; });
    if (newcomers.empty() || parents.empty()) return;
    search_options rule = options;
    rule.selection = selection_rule::truncation;  // no place is drawn twice in a generation
    select(rule, newcomers, ranks);
  }

  bool is_member(const genome& g, const breeding_plan& plan) const {
    if (!has_form(g, space)) return false;
    random_stream random(options.seed, 0, 0);
    genome repaired = g;
    repair(repaired, plan, random);
    return repaired == g;
  }

  static bool is_ordered(const search_rank& f) {
    return f.violation >= 0 &&
           std::ranges::none_of(f.values, [](double value) { return std::isnan(value); });
  }

  static bool is_count(std::int64_t count) { return count >= 0 && count < std::int64_t{1} << 62; }

  /// Whether a search can have come to this state: else what is bred from it would be anything.
  bool is_sound() const {
    const breeding_plan plan = make_breeding_plan(space, {});
    const auto is_own = [&](const genome& g) { return is_member(g, plan); };
    const auto& r = rejected;
    return parents.size() == parent_ranks.size() && std::ranges::all_of(parents, is_own) &&
           std::ranges::all_of(parent_ranks, is_ordered) &&
           std::ranges::all_of(arrivals,
                               [&](const arrival& a) {
                                 return is_own(a.newcomer.mapping) && is_ordered(a.newcomer.rank);
                               }) &&
           (!best || (is_own(best->mapping) && is_ordered(best->rank))) &&
           std::ranges::all_of(
               archive.front().members,
               [&](const candidate& c) { return is_own(c.mapping) && is_ordered(c.rank); }) &&
           is_count(generation) && is_count(evaluations) && is_count(last_gain) &&
           is_count(r.illegal) && is_count(r.l1_size) && is_count(r.l2_size) &&
           is_count(r.cluster_buffer) && std::ranges::all_of(r.doubts, is_count) &&
           is_count(r.over_limit);
  }

  void restart_if_stuck() {
    if (options.patience == 0 || generation - last_gain < options.patience) return;
    parents.clear();
    parent_ranks.clear();
    last_gain = generation;
  }
};

genetic_search::genetic_search(const search_space& space,
                               const accelerator& a,
                               const search_options& options,
                               std::span<const genome> initial)
    : state_(std::make_unique<state>()) {
  check(space);
  check(a);
  if (options.population < 2 || options.population > std::numeric_limits<std::int32_t>::max()) {
    throw input_error(
        fmt::format("population {}: must be at least 2 and below 2^31", options.population));
  }
  if (options.objectives.empty() || options.objectives.size() > max_objectives) {
    throw input_error(
        fmt::format("{} objectives: must be 1 to {}", options.objectives.size(), max_objectives));
  }
  check_selection(options);
  state_->space = space;
  state_->machine = a;
  state_->options = options;
  if (options.selection == selection_rule::pareto) state_->archive = pareto_archive(options);
  const breeding_options breeding{options.seed,
                                  options.population,
                                  options.guided_draws,
                                  options.immigrants};
  state_->breeder.emplace(space, options.rates, breeding);
  for (genome g : initial) {
    if (!has_form(g, space)) {
      throw input_error(fmt::format(
          "initial mapping {}: expected {} to {} cluster levels, each with an order of all loops",
          state_->initial.size(),
          space.levels_min,
          space.levels_max));
    }
    random_stream random(options.seed, 0, 0);
    repair(g, space, random);
    state_->initial.push_back(g);
  }
}

genetic_search::genetic_search(const search_space& space,
                               const accelerator& a,
                               const search_options& options,
                               std::unique_ptr<proposer> others)
    : genetic_search(space, a, options) {
  if (others == nullptr) throw input_error("search: nobody proposes its individuals");
  state_->others = std::move(others);
}

genetic_search::~genetic_search() = default;
genetic_search::genetic_search(genetic_search&&) noexcept = default;
genetic_search& genetic_search::operator=(genetic_search&&) noexcept = default;

std::span<const genome> genetic_search::ask(std::int64_t at_most) {
  state_->own_place.resize(prepare(at_most));
  return fill(state_->own_place);
}

std::size_t genetic_search::prepare(std::int64_t at_most) { return state_->prepare(at_most); }

std::span<const genome> genetic_search::fill(std::span<genome> place) {
  state_->fill(place);
  return state_->children;
}

void genetic_search::tell(std::span<const cost> costs) {
  if (!state_->awaits_costs) throw input_error("search: costs were told, but nothing was asked");
  if (costs.size() != state_->children.size()) {
    throw input_error(fmt::format("search: found {} costs, expected {} for the mappings asked for",
                                  costs.size(),
                                  state_->children.size()));
  }
  state_->awaits_costs = false;
  state_->judge_children(costs);
  state_->evaluations += std::ssize(costs);
  if (state_->others) {
    state_->others->learn(costs, state_->child_ranks);
    ++state_->generation;
    return;
  }
  state_->select(state_->options, state_->children, state_->child_ranks);
  ++state_->generation;
  state_->restart_if_stuck();
}

const std::optional<candidate>& genetic_search::best() const { return state_->best; }
const pareto_front& genetic_search::front() const { return state_->archive.front(); }
std::int64_t genetic_search::generation() const { return state_->generation; }
std::int64_t genetic_search::evaluations() const { return state_->evaluations; }
const rejection_counts& genetic_search::rejected() const { return state_->rejected; }
const search_options& genetic_search::options() const { return state_->options; }
std::span<const genome> genetic_search::parents() const { return state_->parents; }

std::int64_t genetic_search::population() const { return state_->options.population; }

std::vector<migrant> genetic_search::emigrants(std::size_t count) const {
  const auto& ranks = state_->parent_ranks;
  std::vector<std::uint32_t> best(std::min(count, ranks.size()));
  const auto fitter = [&](std::uint32_t a, std::uint32_t b) {
    return std::tie(ranks[a], a) < std::tie(ranks[b], b);
  };
  std::vector<std::uint32_t> all(ranks.size());
  std::iota(all.begin(), all.end(), std::uint32_t{0});
  std::ranges::partial_sort_copy(all, best, fitter);
  std::vector<migrant> leaving;
  for (const std::uint32_t i : best) leaving.push_back({state_->parents[i], ranks[i]});
  return leaving;
}

void genetic_search::immigrate(std::span<const migrant> newcomers, std::int64_t generation) {
  for (const migrant& m : newcomers) state_->arrivals.push_back({generation, m});
}

std::string genetic_search::save() const {
  if (state_->others) throw input_error("only a search by GAMMA's operators can be saved");
  byte_writer out;
  out.put_text(identity(state_->space, state_->machine, state_->options, state_->initial));
  out.put_all(std::span<const genome>(state_->parents));
  out.put_all(std::span<const search_rank>(state_->parent_ranks));
  out.put(state_->best.has_value());
  if (state_->best) out.put(*state_->best);
  state_->archive.save(out);
  out.put(state_->rejected);
  out.put_all(std::span<const arrival>(state_->arrivals));
  out.put(state_->generation);
  out.put(state_->evaluations);
  out.put(state_->last_gain);
  state_->breeder->save(out);
  return out.bytes();
}

void genetic_search::restore(std::string_view bytes) {
  byte_reader in(bytes);
  if (in.get_text() != identity(state_->space, state_->machine, state_->options, state_->initial))
    throw input_error("the saved search has another layer, accelerator, space or options");
  state_->parents = in.get_all<genome, raw_vector<genome>>();
  state_->parent_ranks = in.get_all<search_rank, raw_vector<search_rank>>();
  state_->awaits_costs = false;
  state_->best.reset();
  if (in.get<bool>()) state_->best = in.get<candidate>();
  state_->archive.restore(in);
  state_->rejected = in.get<rejection_counts>();
  state_->arrivals = in.get_all<arrival>();
  state_->generation = in.get<std::int64_t>();
  state_->evaluations = in.get<std::int64_t>();
  state_->last_gain = in.get<std::int64_t>();
  state_->breeder->restore(in);
  state_->children = {};
  if (!in.at_end() || !state_->is_sound()) throw input_error("the saved search is damaged");
}

}  // namespace cugamma
