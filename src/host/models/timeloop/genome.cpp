#include "cugamma/models/timeloop/genome.hpp"

#include <fmt/format.h>

#include <limits>

#include "cugamma/error.hpp"
#include "models/timeloop/genome_bits.hpp"

namespace cugamma::timeloop {
namespace {

/// Whether positions [0, dimensions) hold these dimensions and the rest the others.
bool is_order(const std::uint8_t* bytes, int dimensions) {
  unsigned seen = 0;
  for (int i = 0; i < max_dimensions; ++i) {
    const int d = nibble(bytes, i);
    if (d >= max_dimensions || (d < dimensions) != (i < dimensions)) return false;
    seen |= 1u << d;
  }
  return seen == (1u << max_dimensions) - 1;
}

void require_at_most(std::size_t got, int most, const char* what) {
  if (got > static_cast<std::size_t>(most)) {
    throw input_error(fmt::format("{} {}: the model takes at most {}", got, what, most));
  }
}

void add_prime(genome_shape& s, int dimension, std::int64_t prime) {
  const auto i = static_cast<std::size_t>(s.num_primes++);
  s.primes[i] = static_cast<std::int32_t>(prime);
  s.dimension_of[i] = static_cast<std::uint8_t>(dimension);
}

/// Primes are looked for up to this one; what is left is prime if it is below 2^40.
constexpr std::int64_t most_tried = std::int64_t{1} << 20;

void add_primes(genome_shape& s, int index, const dimension& d) {
  std::int64_t rest = d.size;
  for (std::int64_t f = 2; f * f <= rest && f < most_tried; ++f) {
    for (; rest % f == 0; rest /= f) add_prime(s, index, f);
  }
  if (rest > std::numeric_limits<std::int32_t>::max()) {
    throw input_error(fmt::format(
        "dimension {} = {} has the factor {}, whose primes are too large: they may be at most {}",
        d.name,
        d.size,
        rest,
        std::numeric_limits<std::int32_t>::max()));
  }
  if (rest > 1) add_prime(s, index, rest);
}

void check_sizes(const problem& p) {
  std::int64_t product = 1;
  for (const dimension& d : p.dimensions) {
    if (d.size < 1 || __builtin_mul_overflow(product, d.size, &product)) {
      throw input_error(
          fmt::format("dimension {} = {}: sizes are at least 1 and multiply to less than 2^63",
                      d.name,
                      d.size));
    }
  }
}

/// Gives a factor of a dimension to a place: of primes without one, the first that divide.
void place_factor(const genome_shape& s,
                  std::size_t dimension,
                  std::int64_t factor,
                  int place_index,
                  std::array<bool, max_primes>& placed,
                  genome& g) {
  std::int64_t rest = factor;
  for (std::size_t i = 0; i < static_cast<std::size_t>(s.num_primes); ++i) {
    if (s.dimension_of[i] != dimension || placed[i] || rest < 1 || rest % s.primes[i] != 0) {
      continue;
    }
    rest /= s.primes[i];
    placed[i] = true;
    set_nibble(g.places.data(), static_cast<int>(i), place_index);
  }
  if (rest != 1) {
    throw input_error(
        fmt::format("level {}: factor {} of dimension {}: factors must multiply to its size",
                    s.places[static_cast<std::size_t>(place_index)].level,
                    factor,
                    dimension));
  }
}

/// The place of a level's factors; -1: its fan-out has none.
int find_place(const genome_shape& s, place wanted) {
  for (int i = 0; i < s.num_places; ++i) {
    if (s.places[static_cast<std::size_t>(i)] == wanted) return i;
  }
  return -1;
}

void place_factors(const mapping& m, const genome_shape& s, genome& g) {
  std::array<bool, max_primes> placed{};
  for (std::size_t b = 0; b < m.levels.size(); ++b) {
    const auto level = static_cast<std::int8_t>(b);
    for (const bool is_spatial : {true, false}) {
      const int at = find_place(s, {level, is_spatial});
      const auto& factors = is_spatial ? m.levels[b].spatial : m.levels[b].temporal;
      for (std::size_t d = 0; d < static_cast<std::size_t>(s.num_dimensions); ++d) {
        if (factors[d] == 1) continue;
        if (at < 0) {
          throw input_error(
              fmt::format("level {}: spatial factor {} of dimension {}: the level has no fan-out",
                          b,
                          factors[d],
                          d));
        }
        place_factor(s, d, factors[d], at, placed, g);
      }
    }
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(s.num_primes); ++i) {
    if (placed[i]) continue;
    throw input_error(
        fmt::format("dimension {}: the mapping's factors lack {}: they must multiply to its size",
                    s.dimension_of[i],
                    s.primes[i]));
  }
}

}  // namespace

genome_shape make_genome_shape(const architecture& a, const problem& p) {
  require_at_most(a.levels.size(), max_levels, "storage levels");
  require_at_most(p.dimensions.size(), max_dimensions, "dimensions");
  require_at_most(p.tensors.size(), max_tensors, "tensors");
  check_sizes(p);
  genome_shape s;
  s.num_dimensions = static_cast<int>(p.dimensions.size());
  s.num_tensors = static_cast<int>(p.tensors.size());
  s.num_levels = static_cast<int>(a.levels.size());
  for (int level = 0; level < s.num_levels; ++level) {
    const fan_out fan = fan_out_of(a, level);
    const auto l = static_cast<std::int8_t>(level);
    if (fan.x * fan.y > 1) s.places[static_cast<std::size_t>(s.num_places++)] = {l, true};
    s.places[static_cast<std::size_t>(s.num_places++)] = {l, false};
  }
  for (int d = 0; d < s.num_dimensions; ++d) {
    add_primes(s, d, p.dimensions[static_cast<std::size_t>(d)]);
  }
  return s;
}

bool has_shape(const genome& g, const genome_shape& shape) {
  for (int i = 0; i < shape.num_primes; ++i) {
    if (nibble(g.places.data(), i) >= shape.num_places) return false;
  }
  for (std::size_t b = 0; b < static_cast<std::size_t>(shape.num_levels); ++b) {
    if (g.split[b] > max_dimensions) return false;
    if (!is_order(&g.temporal_orders[b * order_bytes], shape.num_dimensions) ||
        !is_order(&g.spatial_orders[b * order_bytes], shape.num_dimensions)) {
      return false;
    }
  }
  return true;
}

mapping decode(const genome& g, const genome_shape& shape) {
  mapping m;
  m.levels.assign(static_cast<std::size_t>(shape.num_levels), empty_loops());
  for (int i = 0; i < shape.num_primes; ++i) {
    const auto prime = static_cast<std::size_t>(i);
    const place at = shape.places[static_cast<std::size_t>(nibble(g.places.data(), i))];
    level_loops& l = m.levels[static_cast<std::size_t>(at.level)];
    auto& factors = at.is_spatial ? l.spatial : l.temporal;
    factors[shape.dimension_of[prime]] *= shape.primes[prime];
  }
  for (std::size_t b = 0; b < m.levels.size(); ++b) {
    level_loops& l = m.levels[b];
    l.temporal_order = read_order(&g.temporal_orders[b * order_bytes]);
    l.spatial_order = read_order(&g.spatial_orders[b * order_bytes]);
    l.split = g.split[b];
    l.keep = g.keep[b];
  }
  return m;
}

genome encode(const mapping& m, const genome_shape& shape) {
  genome g;
  const std::size_t levels = m.levels.size();
  if (levels != static_cast<std::size_t>(shape.num_levels) || levels > max_levels) {
    throw input_error(
        fmt::format("the mapping has {} levels, the architecture {}", levels, shape.num_levels));
  }
  place_factors(m, shape, g);
  for (std::size_t b = 0; b < levels; ++b) {
    const level_loops& l = m.levels[b];
    write_order(l.temporal_order, &g.temporal_orders[b * order_bytes]);
    write_order(l.spatial_order, &g.spatial_orders[b * order_bytes]);
    g.split[b] = static_cast<std::uint8_t>(l.split);
    g.keep[b] = l.keep;
  }
  return g;
}

}  // namespace cugamma::timeloop
