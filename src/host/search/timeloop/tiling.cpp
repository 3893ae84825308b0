#include "search/timeloop/tiling.hpp"

#include <limits>

namespace cugamma::timeloop {

namespace {

/// The bytes that hold the order of a place.
auto packed_order(auto& g, const place& p) {
  auto& orders = p.is_spatial ? g.spatial_orders : g.temporal_orders;
  return orders.data() + p.level * order_bytes;
}

}  // namespace

int place_of(const genome& g, int prime) { return nibble(g.places.data(), prime); }

void put(genome& g, int prime, int place) { set_nibble(g.places.data(), prime, place); }

dimension_order order_of(const genome& g, const genome_shape& shape, int place) {
  return read_order(packed_order(g, shape.places[place]));
}

void set_order(genome& g, const genome_shape& shape, int place, const dimension_order& order) {
  write_order(order, packed_order(g, shape.places[place]));
}

tiling::tiling(const genome& g, const map_space& space) : space_(&space) {
  for (auto& of_place : factors_) of_place.fill(1);
  for (auto& of_level : extents_) of_level.fill(1);
  const genome_shape& shape = space.shape;
  for (int i = 0; i < shape.num_primes; ++i) {
    const int d = shape.dimension_of[i];
    const int at = place_of(g, i);
    factors_[at][d] *= shape.primes[i];
    for (int level = space.level_of(at); level < shape.num_levels; ++level) {
      extents_[level][d] *= shape.primes[i];
    }
  }
}

std::int64_t tiling::words(const genome& g, int level) const {
  std::int64_t sum = 0;
  for (std::size_t t = 0; t < space_->work.tensors.size(); ++t) {
    if ((g.keep[level] >> t & 1) == 0) continue;
    std::int64_t volume = 1;
    for (const axis& a : space_->work.tensors[t].axes) {
      std::int64_t extent = 1;
      for (const axis_term& term : a) {
        extent += term.coefficient * (extents_[level][term.dimension] - 1);
      }
      volume *= extent;
    }
    sum += volume;
  }
  return sum;
}

int tiling::first_overflow(const genome& g) const {
  for (int level = 0; level < space_->shape.num_levels; ++level) {
    const std::int64_t usable = space_->levels[level].usable_words;
    if (usable != std::numeric_limits<std::int64_t>::max() && words(g, level) > usable) {
      return level;
    }
  }
  return -1;
}

bool tiling::fits_fan_out(const genome& g, int place) const {
  const int level = space_->level_of(place);
  const dimension_order order = order_of(g, space_->shape, place);
  std::int64_t columns = 1;
  std::int64_t rows = 1;
  for (int i = 0; i < space_->shape.num_dimensions; ++i) {
    (i < g.split[level] ? columns : rows) *= factors_[place][order[i]];
  }
  return columns <= space_->levels[level].columns && rows <= space_->levels[level].rows;
}

bool tiling::keeps_rules(int place) const {
  const place_rules& rules = space_->places[place];
  for (int d = 0; d < space_->shape.num_dimensions; ++d) {
    const std::int64_t f = factors_[place][d];
    if (f < rules.least[d] || f > rules.most[d]) return false;
  }
  return true;
}

bool tiling::is_valid(const genome& g) const {
  for (int p = 0; p < space_->shape.num_places; ++p) {
    if (!keeps_rules(p)) return false;
    if (space_->is_spatial(p) && !fits_fan_out(g, p)) return false;
  }
  return uses_enough_units() && first_overflow(g) < 0;
}

bool tiling::uses_enough_units() const {
  if (space_->min_parallelism <= 0) return true;
  double share = 1;
  for (int p = 0; p < space_->shape.num_places; ++p) {
    if (!space_->is_spatial(p)) continue;
    for (const std::int64_t f : factors_[p]) share *= static_cast<double>(f);
    const level_rules& rules = space_->levels[space_->level_of(p)];
    share /= static_cast<double>(rules.columns * rules.rows);
  }
  return share >= space_->min_parallelism;
}

void tiling::move(genome& g, int prime, int place) {
  const genome_shape& shape = space_->shape;
  const int d = shape.dimension_of[prime];
  const std::int64_t f = shape.primes[prime];
  const int from = place_of(g, prime);
  factors_[from][d] /= f;
  factors_[place][d] *= f;
  for (int level = space_->level_of(from); level < space_->level_of(place); ++level) {
    extents_[level][d] /= f;
  }
  for (int level = space_->level_of(place); level < space_->level_of(from); ++level) {
    extents_[level][d] *= f;
  }
  put(g, prime, place);
}

bool tiling::move_if_fits(genome& g, int prime, int place) {
  const int d = space_->shape.dimension_of[prime];
  const std::int64_t f = space_->shape.primes[prime];
  const int from = place_of(g, prime);
  if (factors_[place][d] * f > space_->places[place].most[d]) return false;
  if (factors_[from][d] / f < space_->places[from].least[d]) return false;
  move(g, prime, place);
  const bool fits = (!space_->is_spatial(place) || fits_fan_out(g, place)) &&
                    (space_->level_of(place) >= space_->level_of(from) || first_overflow(g) < 0);
  if (!fits) move(g, prime, from);
  return fits;
}

}  // namespace cugamma::timeloop
