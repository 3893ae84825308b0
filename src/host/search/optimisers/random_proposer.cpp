#include <vector>

#include "mapping/operators/seeding.hpp"
#include "search/breeding/seen_set.hpp"
#include "search/optimisers/encoding.hpp"
#include "search/optimisers/proposers.hpp"
#include "search/optimisers/random_keys.hpp"

namespace cugamma {
namespace {

class random_proposer final : public proposer {
 public:
  random_proposer(const search_space& space, const search_options& options)
      : space_(space),
        code_(space, options.rates.fit_buffers),
        seed_(options.seed),
        population_(options.population) {}

  std::span<const genome> propose(std::int64_t at_most) override {
    constexpr int attempts = 24;
    drawn_.clear();
    const std::int64_t wanted = std::min(at_most, population_);
    for (std::int64_t i = 0; i < wanted * attempts && std::ssize(drawn_) < wanted; ++i) {
      random_stream random(seed_, 0, next_++);
      const genome g = code_.decode(draw_keys(code_.size(), random));
      if (seen_.insert(identity_of(g, space_))) drawn_.push_back(g);
    }
    return drawn_;
  }

  void learn(std::span<const cost>, std::span<const search_rank>) override {}

 private:
  search_space space_;
  encoding code_;
  std::uint64_t seed_;
  std::int64_t population_;
  std::uint64_t next_ = 0;
  seen_set seen_;
  std::vector<genome> drawn_;
};

}  // namespace

std::unique_ptr<proposer> make_random_proposer(const search_space& space,
                                               const search_options& options) {
  return std::make_unique<random_proposer>(space, options);
}

}  // namespace cugamma
