#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/evaluate/objective.hpp"
#include "cugamma/mapping/breeding_rates.hpp"
#include "cugamma/mapping/genome.hpp"
#include "cugamma/mapping/search_space.hpp"
#include "cugamma/models/cost.hpp"
#include "cugamma/models/cost_model.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/search/pareto.hpp"

namespace cugamma {

class proposer;

/// The rates that suit a belief: a strict search looks more at even splits, whose inner levels
/// count right.
breeding_rates rates_for(belief trust);

/// How the parents of a generation are chosen among the parents before them and their children.
enum class selection_rule : std::uint8_t {
  truncation,  ///< the fittest
  tournament,  ///< the elite, then each the fittest of some random ones
  pareto,      ///< NSGA-II: front by front, those with room around them first
};

/// "truncation", "tournament" or "pareto".
std::string_view name_of(selection_rule rule);

/// Reads one of these names. Throws input_error for another.
selection_rule parse_selection(std::string_view name);

/// How a genetic search goes about it.
struct search_options {
  std::int64_t population = 20;
  std::vector<objective> objectives{objective::latency, objective::energy};  ///< first ranks
  std::uint64_t seed = 1;
  const cost_model* model = &find_cost_model(default_cost_model);  ///< whose costs are told
  belief trust = belief::plausible;
  breeding_rates rates;
  double parents_ratio = 0.4;  ///< share of the population that breeds
  double guided_draws = 1;     ///< share of first individuals that spread work evenly
  double immigrants = 0.02;    ///< share of children that are drawn, not bred
  /// Generations without a better best after which all but the best is drawn anew; 0: never.
  std::int64_t patience = 60;
  std::vector<objective_limit> limits;  ///< a mapping beyond one is infeasible
  double area_budget_um2 = std::numeric_limits<double>::infinity();  ///< see budget_area_um2
  selection_rule selection = selection_rule::truncation;
  int tournament_size = 2;
  double elite_ratio = 0.05;           ///< of the population, sure to be parents in tournaments
  std::int64_t front_capacity = 1000;  ///< most members of the front (selection_rule::pareto)
  /// Where hypervolumes end, a figure for each objective; empty: see pareto_front::reference.
  std::vector<double> reference;
};

/// GAMMA's operators, draws and selection alone, as a yardstick.
search_options plain_gamma_options();

/// What suits a search for a front of two or three objectives.
search_options front_options(std::vector<objective> objectives);

/// The population that came within 1 % of the best soonest (tables of bench/RESULTS.md): 32
/// individuals, 64 where test 4 rejects as well, twice as many where a device scores them; for a
/// front 200.
std::int64_t default_population(belief trust, selection_rule rule, bool runs_on_host);

/// The part of a space that a cost model can price, with sizes as it counts them. Throws
/// input_error if a level must have more parallel dimensions than the model has.
search_space for_model(search_space space, const cost_model& model);

/// How an individual ranks: a feasible one before any that is not, then by values, smallest first.
struct search_rank {
  /// 0: feasible; else how far it exceeds buffers and limits, relatively; infinite: not to be
  /// believed.
  double violation = 0;
  objective_values values{};
  friend constexpr auto operator<=>(const search_rank&, const search_rank&) = default;
};

/// An individual with the figures it was given.
struct candidate {
  genome mapping;
  cost figures;
  search_rank rank;
};

/// The feasible mappings found that no other one dominates, one for each set of values.
struct pareto_front {
  std::vector<candidate> members;  ///< in the order of their values, the first objective's first
  /// Values where the hypervolume ends: given, or 1.1 times (of a maximised objective 0.9 times)
  /// the worst figures among the feasible individuals of the first generation that has any. Fixed
  /// from then on.
  std::optional<objective_values> reference;
  /// What the members dominate within the reference, each objective in units of the reference's:
  /// 0 to 1 where all are minimised. Never shrinks.
  double hypervolume = 0;
};

/// A parent of one search on its way to another.
struct migrant {
  genome mapping;
  search_rank rank;
};

/// Individuals that a search did not use, by reason. One that fails several tests counts under
/// each.
struct rejection_counts {
  std::int64_t illegal = 0;
  std::int64_t l1_size = 0;
  std::int64_t l2_size = 0;
  std::int64_t cluster_buffer = 0;
  std::array<std::int64_t, max_doubts> doubts{};  ///< as the cost model lists them
  std::int64_t over_limit = 0;  ///< beyond a limit or the area budget, else feasible

  rejection_counts& operator+=(const rejection_counts& more);
  friend constexpr bool operator==(const rejection_counts&, const rejection_counts&) = default;
};

/// One line of rejection_counts for people.
struct rejection {
  std::string_view key;    ///< in result.json: "implausible_macs"
  std::string_view about;  ///< after the count: "with a wrong total of MACs"
  std::int64_t count = 0;
  bool is_rejected = false;  ///< false: such mappings are kept under the search's belief
};

/// The counts with their names: illegal, l1_size, l2_size, cluster_buffer, the model's doubts,
/// over_limit.
std::vector<rejection> list_rejections(const rejection_counts& counts,
                                       const cost_model& model,
                                       belief trust);

/// Ranks one evaluated individual.
search_rank rank(const genome& g,
                 const cost& c,
                 const search_space& space,
                 const accelerator& a,
                 const search_options& options);

/// GAMMA's genetic algorithm for one layer, told apart from whoever evaluates: ask() proposes
/// mappings, tell() takes their costs. No mapping is proposed twice. Every proposal is a function
/// of the seed and of the costs told before, so threads and back ends cannot change a search.
class genetic_search {
 public:
  /// `initial` joins the first generation after being repaired. Throws input_error if the space
  /// contradicts itself or the options make no search (population below 2, no objective, a front
  /// of other than two or three different ones), or if one of `initial` has other numbers of levels
  /// than the space or no order of all loops.
  genetic_search(const search_space& space,
                 const accelerator& a,
                 const search_options& options,
                 std::span<const genome> initial = {});
  /// With individuals from elsewhere (see make_search): population, rates and draws are theirs to
  /// heed. Throws input_error also if `others` is null.
  genetic_search(const search_space& space,
                 const accelerator& a,
                 const search_options& options,
                 std::unique_ptr<proposer> others);
  ~genetic_search();
  genetic_search(genetic_search&&) noexcept;
  genetic_search& operator=(genetic_search&&) noexcept;

  /// The next generation, at most `at_most` individuals; empty if the space has no mapping left to
  /// propose. Valid until the next ask(). Throws input_error if the costs of the last ask() were
  /// not told.
  std::span<const genome> ask(std::int64_t at_most);

  /// The same in two steps, for callers who want the generation where they score it: begins one and
  /// says how many individuals it can have.
  std::size_t prepare(std::int64_t at_most);
  /// Writes the generation that was begun to the front of a place and returns it. The place must
  /// stay until the costs are told. Throws input_error if it has less room than prepare said.
  std::span<const genome> fill(std::span<genome> place);

  /// The costs of the individuals last asked for, in their order. Throws input_error for another
  /// number of costs, or if nothing was asked for since the last ones. One whose figures are no
  /// numbers counts as not to be believed.
  void tell(std::span<const cost> costs);

  /// The best feasible individual so far, if any.
  const std::optional<candidate>& best() const;

  /// All that was found and nothing found dominates, up to front_capacity; empty unless the
  /// selection is pareto. Where there are more, those with the least room around them go, unless
  /// the hypervolume would shrink. Its first member is best() until it is full.
  const pareto_front& front() const;

  std::int64_t generation() const;   ///< generations told
  std::int64_t evaluations() const;  ///< individuals told
  const rejection_counts& rejected() const;
  const search_options& options() const;  ///< as given
  /// Those that breed the next generation, in no order of merit.
  std::span<const genome> parents() const;

  std::int64_t population() const;

  /// The best of those that breed the next generation, best first; fewer if there are fewer.
  std::vector<migrant> emigrants(std::size_t count) const;
  /// Brings in parents of a search of the same space, objectives and limits: they compete with this
  /// one's own for breeding that generation and those after it, unless the search starts afresh
  /// then. precondition: the generation has not been asked for
  void immigrate(std::span<const migrant> newcomers, std::int64_t generation);

  /// The state between a tell() and the next ask(), for restore in another process. Throws
  /// input_error for a search whose individuals come from elsewhere.
  std::string save() const;
  /// Goes on where a search of the same space, accelerator and options was saved: its proposals
  /// are those that the saved one would have made. Throws input_error if the bytes are of another
  /// search or damaged.
  void restore(std::string_view bytes);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace cugamma
