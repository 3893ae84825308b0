#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/cmaes.hpp>
#include <pagmo/algorithms/de.hpp>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/algorithms/pso_gen.hpp>
#include <pagmo/algorithms/sga.hpp>
#include <pagmo/batch_evaluators/member_bfe.hpp>
#include <pagmo/bfe.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cugamma/error.hpp"
#include "mapping/operators/seeding.hpp"
#include "search/optimisers/encoding.hpp"
#include "search/optimisers/proposers.hpp"
#include "search/optimisers/random_keys.hpp"

namespace cugamma {
namespace {

using pagmo::vector_double;
constexpr search_rank nothing_yet{std::numeric_limits<double>::infinity(), {}};
/// Generations without a better best, or without a mapping not scored before, after which a
/// population is drawn anew.
constexpr std::size_t patience = 40;
using values_of_objectives = std::array<double, max_objectives>;

/// A feasible mapping's objectives; another one's lie beyond all of these, by its violation.
values_of_objectives penalised(const search_rank& rank) {
  constexpr double beyond_all = 1e200;
  if (rank.violation == 0) return rank.values;
  values_of_objectives worst;
  worst.fill(beyond_all * (1 + std::min(rank.violation, 1e6)));
  return worst;
}

/// What is known about mappings, and those that a generation asked for in vain.
class ledger {
 public:
  ledger(const search_space& space, const search_options& options)
      : space_(space),
        code_(space, options.rates.fit_buffers),
        objectives_(options.objectives.size()) {}

  int keys() const { return code_.size(); }
  std::size_t objectives() const { return objectives_; }

  /// The objectives of a vector's mapping. One that is not known is noted down and reads as worse
  /// than any.
  vector_double read(std::span<const double> keys) {
    const genome g = code_.decode(keys);
    const std::uint64_t id = identity_of(g, space_);
    const auto found = known_.find(id);
    if (found != known_.end()) {
      return {found->second.begin(), found->second.begin() + static_cast<long>(objectives_)};
    }
    if (noted_.insert(id).second) unknown_.push_back({g, id});
    return vector_double(objectives_, 1e300);
  }

  std::size_t unknown() const { return unknown_.size(); }

  /// Forgets what was noted down and is not known, so that a generation can be played again.
  void start() {
    unknown_.clear();
    noted_.clear();
  }

  /// The first of the unknown mappings.
  std::span<const genome> first_unknown(std::size_t at_most) {
    batch_.clear();
    for (std::size_t i = 0; i < std::min(at_most, unknown_.size()); ++i) {
      batch_.push_back(unknown_[i].mapping);
    }
    return batch_;
  }

  /// The ranks of the mappings that first_unknown gave.
  void learn(std::span<const search_rank> ranks) {
    for (std::size_t i = 0; i < ranks.size(); ++i) known_[unknown_[i].id] = penalised(ranks[i]);
    unknown_.erase(unknown_.begin(), unknown_.begin() + std::ssize(ranks));
  }

 private:
  struct entry {
    genome mapping;
    std::uint64_t id;
  };

  search_space space_;
  encoding code_;
  std::size_t objectives_;
  std::unordered_map<std::uint64_t, values_of_objectives> known_;
  std::unordered_set<std::uint64_t> noted_;
  std::vector<entry> unknown_;
  std::vector<genome> batch_;
};

/// The search as pagmo sees it.
class mapping_problem {
 public:
  mapping_problem() = default;
  explicit mapping_problem(std::shared_ptr<ledger> answers) : answers_(std::move(answers)) {}

  vector_double fitness(const vector_double& keys) const { return answers_->read(keys); }

  vector_double batch_fitness(const vector_double& all_keys) const {
    vector_double values;
    const auto size = static_cast<std::size_t>(answers_->keys());
    for (std::size_t at = 0; at < all_keys.size(); at += size) {
      const vector_double one = answers_->read(std::span(all_keys).subspan(at, size));
      values.insert(values.end(), one.begin(), one.end());
    }
    return values;
  }

  vector_double::size_type get_nobj() const { return answers_ ? answers_->objectives() : 1; }

  std::pair<vector_double, vector_double> get_bounds() const {
    const std::size_t size = answers_ ? static_cast<std::size_t>(answers_->keys()) : 1;
    return {vector_double(size, 0), vector_double(size, 1)};
  }

 private:
  std::shared_ptr<ledger> answers_;
};

template <typename Algorithm>
pagmo::algorithm in_batches(Algorithm algorithm) {
  algorithm.set_bfe(pagmo::bfe(pagmo::member_bfe()));
  return pagmo::algorithm(std::move(algorithm));
}

/// One generation a call, without pagmo's own ends.
pagmo::algorithm make_algorithm(std::string_view name, int keys, unsigned seed) {
  const double one_gene = 1.0 / keys;
  const double four_genes = std::min(1.0, 4 * one_gene);
  if (name == "ga") {
    return pagmo::algorithm(
        pagmo::sga(1, 0.9, 1, four_genes, 1, 2, "exponential", "uniform", "tournament", seed));
  }
  if (name == "pso")
    return in_batches(pagmo::pso_gen(1, 0.7298, 2.05, 2.05, 0.5, 5, 2, 4, true, seed));
  if (name == "de") return pagmo::algorithm(pagmo::de(1, 0.8, 0.9, 2, 0, 0, seed));
  if (name == "cmaes") {
    return pagmo::algorithm(pagmo::cmaes(1, -1, -1, -1, -1, 0.5, 0, 0, true, true, seed));
  }
  return in_batches(pagmo::nsga2(1, 0.95, 10, one_gene, 10, seed));
}

void check_population(std::string_view name, std::int64_t population) {
  const bool needs_five = name == "de" || name == "cmaes" || name == "nsga2";
  const std::int64_t least = needs_five ? 5 : 2;
  const std::int64_t step = name == "nsga2" ? 4 : 1;
  if (population >= least && population % step == 0) return;
  throw input_error(fmt::format("population {}: {} needs at least {}{}",
                                population,
                                name,
                                least,
                                step > 1 ? fmt::format(", a multiple of {}", step) : ""));
}

/// Plays pagmo's generations. The first time a generation runs on copies, which note down the
/// mappings it asks for; when these are scored it runs again and finds every answer. So that also
/// the algorithms that ask for one mapping at a time are served in batches.
class pagmo_proposer final : public proposer {
 public:
  pagmo_proposer(std::string_view name, const search_space& space, const search_options& options)
      : name_(name),
        seed_(options.seed),
        population_(static_cast<std::size_t>(options.population)),
        answers_(std::make_shared<ledger>(space, options)),
        problem_(mapping_problem(answers_)),
        algorithm_(make_algorithm(name, answers_->keys(), 0)),
        individuals_(problem_) {
    restart();
  }

  std::span<const genome> propose(std::int64_t at_most) override {
    constexpr int generations_in_vain = 5000;
    if (at_most <= 0 || is_exhausted_) return {};
    for (int i = 0; i < generations_in_vain && answers_->unknown() == 0; ++i) play();
    is_exhausted_ = answers_->unknown() == 0;
    return answers_->first_unknown(static_cast<std::size_t>(at_most));
  }

  void learn(std::span<const cost>, std::span<const search_rank> ranks) override {
    answers_->learn(ranks);
    for (const search_rank& rank : ranks) {
      ++since_gain_;
      if (!(rank < best_)) continue;
      best_ = rank;
      since_gain_ = 0;
    }
  }

 private:
  /// Draws a population and forgets the present one.
  void restart() {
    random_stream random(seed_, starts_++, 0);
    algorithm_ = make_algorithm(name_, answers_->keys(), random.next());
    individuals_ = pagmo::population(problem_, 0, random.next());
    first_ = std::vector<vector_double>(population_);
    for (vector_double& keys : first_) {
      keys = draw_keys(answers_->keys(), random);
    }
    idle_ = 0;
    best_ = nothing_yet;
    since_gain_ = 0;
  }

  /// Plays the next generation if its answers are known, else finds out what it asks for.
  void play() {
    const bool asked_before = std::exchange(has_asked_, false);
    answers_->start();
    first_.empty() ? breed() : admit();
    has_asked_ = answers_->unknown() > 0;
    if (has_asked_) return;
    idle_ = asked_before ? 0 : idle_ + 1;
    if (idle_ >= patience || since_gain_ >= population_ * patience) restart();
  }

  void admit() {
    std::vector<vector_double> values;
    for (const vector_double& keys : first_) values.push_back(answers_->read(keys));
    if (answers_->unknown() > 0) return;
    for (std::size_t i = 0; i < first_.size(); ++i) individuals_.push_back(first_[i], values[i]);
    first_.clear();
  }

  void breed() {
    pagmo::algorithm algorithm = algorithm_;
    pagmo::population next = algorithm.evolve(individuals_);
    if (answers_->unknown() > 0) return;
    algorithm_ = std::move(algorithm);
    individuals_ = std::move(next);
  }

  std::string name_;
  std::uint64_t seed_;
  std::size_t population_;
  std::shared_ptr<ledger> answers_;
  pagmo::problem problem_;
  pagmo::algorithm algorithm_;
  pagmo::population individuals_;
  std::vector<vector_double> first_;  ///< drawn, not yet in the population
  std::uint32_t starts_ = 0;
  bool has_asked_ = false;
  bool is_exhausted_ = false;
  std::size_t idle_ = 0;            ///< generations in a row that had nothing new
  search_rank best_ = nothing_yet;  ///< since the start
  std::size_t since_gain_ = 0;      ///< mappings scored after it
};

}  // namespace

bool has_pagmo() { return true; }

std::unique_ptr<proposer> make_pagmo_proposer(std::string_view algorithm,
                                              const search_space& space,
                                              const search_options& options) {
  check_population(algorithm, options.population);
  search_options own = options;
  if (algorithm != "nsga2") own.objectives.resize(1);
  if (algorithm == "nsga2" && own.objectives.size() < 2) {
    throw input_error("nsga2 needs two objectives or more, such as latency,energy");
  }
  return std::make_unique<pagmo_proposer>(algorithm, space, own);
}

}  // namespace cugamma
