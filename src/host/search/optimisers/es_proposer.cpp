#include <algorithm>
#include <cmath>
#include <vector>

#include "mapping/operators/seeding.hpp"
#include "search/breeding/seen_set.hpp"
#include "search/optimisers/encoding.hpp"
#include "search/optimisers/proposers.hpp"
#include "search/optimisers/random_keys.hpp"

namespace cugamma {
namespace {

constexpr double first_step = 0.3;
constexpr double last_step = 1e-3;
constexpr double longer = 1.5;
/// With this one success in five steps keeps the step's length.
const double shorter = std::pow(longer, -0.25);

/// One strategy: the point where it stands and the length of its steps.
struct chain {
  std::vector<double> keys;
  search_rank rank;
  double step = first_step;
  bool has_rank = false;

  void restart() { *this = {}; }
  void fail() {
    step *= shorter;
    if (step < last_step) restart();
  }
};

class es_proposer final : public proposer {
 public:
  es_proposer(const search_space& space, const search_options& options)
      : space_(space),
        code_(space, options.rates.fit_buffers),
        seed_(options.seed),
        chains_(static_cast<std::size_t>(options.population)) {}

  std::span<const genome> propose(std::int64_t at_most) override {
    constexpr int rounds_in_vain = 256;
    steps_.clear();
    proposed_.clear();
    for (int i = 0; i < rounds_in_vain && proposed_.empty() && at_most > 0; ++i) {
      ++round_;
      for (std::size_t c = 0; c < chains_.size() && std::ssize(proposed_) < at_most; ++c)
        try_step(c);
    }
    return proposed_;
  }

  void learn(std::span<const cost>, std::span<const search_rank> ranks) override {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      chain& c = chains_[steps_[i].chain_index];
      if (c.has_rank && c.rank < ranks[i]) {
        c.fail();
        continue;
      }
      const bool is_better = c.has_rank && ranks[i] < c.rank;
      c.keys = steps_[i].keys;
      c.rank = ranks[i];
      c.has_rank = true;
      if (is_better) c.step = std::min(c.step * longer, first_step);
    }
  }

 private:
  struct step {
    std::size_t chain_index;
    std::vector<double> keys;
  };

  /// A chain's next step; one onto a mapping that was proposed before counts as a failure.
  void try_step(std::size_t index) {
    random_stream random(seed_, round_, index);
    chain& c = chains_[index];
    std::vector<double> keys = c.has_rank ? c.keys : draw_keys(code_.size(), random);
    if (c.has_rank) {
      for (double& key : keys) key = reflected(key + c.step * normal(random));
    }
    const genome g = code_.decode(keys);
    if (!seen_.insert(identity_of(g, space_))) return c.fail();
    proposed_.push_back(g);
    steps_.push_back({index, std::move(keys)});
  }

  search_space space_;
  encoding code_;
  std::uint64_t seed_;
  std::vector<chain> chains_;
  std::uint32_t round_ = 0;
  seen_set seen_;
  std::vector<step> steps_;
  std::vector<genome> proposed_;
};

}  // namespace

std::unique_ptr<proposer> make_es_proposer(const search_space& space,
                                           const search_options& options) {
  return std::make_unique<es_proposer>(space, options);
}

}  // namespace cugamma
