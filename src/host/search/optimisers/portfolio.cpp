#include <algorithm>
#include <limits>
#include <utility>

#include "search/optimisers/proposers.hpp"

namespace cugamma {
namespace {

constexpr search_rank nothing_yet{std::numeric_limits<double>::infinity(), {}};

class genetic_proposer final : public proposer {
 public:
  explicit genetic_proposer(genetic_search search) : search_(std::move(search)) {}
  std::span<const genome> propose(std::int64_t at_most) override { return search_.ask(at_most); }
  void learn(std::span<const cost> costs, std::span<const search_rank>) override {
    search_.tell(costs);
  }

 private:
  genetic_search search_;
};

class portfolio final : public proposer {
 public:
  explicit portfolio(std::vector<std::unique_ptr<proposer>> members) {
    for (auto& m : members) members_.push_back({std::move(m), nothing_yet});
  }

  std::span<const genome> propose(std::int64_t at_most) override {
    choose();
    std::span<const genome> proposed = members_[chosen_].from->propose(at_most);
    for (std::size_t i = 1; i < members_.size() && proposed.empty(); ++i) {
      chosen_ = (chosen_ + 1) % members_.size();
      proposed = members_[chosen_].from->propose(at_most);
    }
    return proposed;
  }

  void learn(std::span<const cost> costs, std::span<const search_rank> ranks) override {
    member& m = members_[chosen_];
    m.from->learn(costs, ranks);
    if (!ranks.empty()) m.best = std::min(m.best, *std::ranges::min_element(ranks));
  }

 private:
  struct member {
    std::unique_ptr<proposer> from;
    search_rank best;
  };

  std::size_t leader() const {
    const auto best = std::ranges::min_element(members_, {}, &member::best);
    return static_cast<std::size_t>(best - members_.begin());
  }

  /// The first round tries every member once.
  void choose() {
    const bool leads = turn_ >= members_.size() && (turn_ - members_.size()) % 2 == 0;
    ++turn_;
    chosen_ = leads ? leader() : next_++ % members_.size();
  }

  std::vector<member> members_;
  std::size_t turn_ = 0;    ///< batches so far
  std::size_t next_ = 0;    ///< batches that were not the leader's
  std::size_t chosen_ = 0;  ///< who proposed last
};

}  // namespace

std::unique_ptr<proposer> make_portfolio(std::vector<std::unique_ptr<proposer>> members) {
  return std::make_unique<portfolio>(std::move(members));
}

std::unique_ptr<proposer> make_genetic_proposer(genetic_search search) {
  return std::make_unique<genetic_proposer>(std::move(search));
}

}  // namespace cugamma
