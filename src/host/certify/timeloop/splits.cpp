#include "certify/timeloop/splits.hpp"

namespace cugamma::timeloop::proving {
namespace {

/// Factors by place.
using factors = std::array<std::int64_t, max_places>;

/// Lists the ways to share a dimension out.
class sharing {
 public:
  sharing(const map_space& space, int dimension)
      : space_(space), dimension_(static_cast<std::size_t>(dimension)) {
    const std::int64_t size = space.work.dimensions[dimension_].size;
    for (std::int64_t f = 1; f * f <= size; ++f) {
      if (size % f != 0) continue;
      divisors_.push_back(f);
      if (f * f != size) divisors_.push_back(size / f);
    }
    chosen_.fill(1);
    share_out(0, size);
  }

  const std::vector<factors>& all() const { return all_; }

 private:
  void share_out(int place, std::int64_t left) {
    if (all_.size() > most_splits) return;
    if (place == space_.outermost_place()) {
      if (!may_have(place, left)) return;
      chosen_[static_cast<std::size_t>(place)] = left;
      all_.push_back(chosen_);
      return;
    }
    for (const std::int64_t f : divisors_) {
      if (left % f != 0 || !may_have(place, f)) continue;
      chosen_[static_cast<std::size_t>(place)] = f;
      share_out(place + 1, left / f);
    }
  }

  bool may_have(int place, std::int64_t factor) const {
    const place_rules& rules = space_.places[static_cast<std::size_t>(place)];
    return factor >= rules.least[dimension_] && factor <= rules.most[dimension_];
  }

  const map_space& space_;
  std::size_t dimension_;
  std::vector<std::int64_t> divisors_;
  factors chosen_;
  std::vector<factors> all_;
};

void set_products(const map_space& space, split& s) {
  const auto levels = static_cast<std::size_t>(space.shape.num_levels);
  s.below.fill(1);
  s.instances.fill(1);
  s.visits.fill(1);
  for (std::size_t b = 0; b < levels; ++b) {
    s.below[b + 1] = s.below[b] * s.spatial[b] * s.temporal[b];
  }
  double instances = 1, visits = 1;
  for (std::size_t b = levels; b-- > 0;) {
    s.instances[b] = instances;
    instances *= static_cast<double>(s.spatial[b]);
    s.visits[b] = visits *= static_cast<double>(s.temporal[b]);
  }
}

/// Any primes that multiply to the factors: those of a dimension that are equal do not differ.
void set_prime_places(const map_space& space, int dimension, factors left, split& s) {
  for (int i = 0; i < space.shape.num_primes; ++i) {
    const auto prime = static_cast<std::size_t>(i);
    if (space.shape.dimension_of[prime] != dimension) continue;
    std::size_t at = 0;
    while (left[at] % space.shape.primes[prime] != 0) ++at;
    left[at] /= space.shape.primes[prime];
    s.prime_places.push_back(static_cast<std::uint8_t>(at));
  }
}

}  // namespace

std::vector<split> splits_of(const map_space& space, int dimension) {
  const sharing shares(space, dimension);
  std::vector<split> all;
  for (const factors& f : shares.all()) {
    split s;
    s.spatial.fill(1);
    s.temporal.fill(1);
    for (int place = 0; place < space.shape.num_places; ++place) {
      const auto b = static_cast<std::size_t>(space.level_of(place));
      (space.is_spatial(place) ? s.spatial : s.temporal)[b] = f[static_cast<std::size_t>(place)];
    }
    set_products(space, s);
    set_prime_places(space, dimension, f, s);
    all.push_back(std::move(s));
  }
  return all;
}

}  // namespace cugamma::timeloop::proving
