#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/mapping.hpp"
#include "cugamma/models/timeloop/problem.hpp"

namespace cugamma::timeloop {

/// A place where a factor of a dimension can go: the temporal loops of a level or the spatial loops
/// of its fan-out.
struct place {
  std::int8_t level = 0;
  bool is_spatial = false;
  friend bool operator==(const place&, const place&) = default;
};
inline constexpr int max_places = 2 * max_levels;  ///< fewer than 16: a place takes four bits
inline constexpr int max_primes = 64;  ///< of a problem: the sizes' product is below 2^63

/// A mapping in 128 bytes, perfect factors by construction: every prime factor of every dimension
/// has a place. Orders are of all dimensions, four bits each, the innermost first; a place's loops
/// of bound 1 do not exist, so only the order among the others matters.
struct genome {
  std::array<std::uint8_t, max_primes / 2> places{};  ///< of prime i: bits 4 (i % 2) of byte i / 2
  std::array<std::uint8_t, max_levels * 5> temporal_orders{};  ///< five bytes a level
  std::array<std::uint8_t, max_levels * 5> spatial_orders{};
  std::array<std::uint8_t, max_levels> keep{};   ///< as level_loops::keep
  std::array<std::uint8_t, max_levels> split{};  ///< as level_loops::split
  std::array<std::uint8_t, 24> unused{};         ///< 0
  friend bool operator==(const genome&, const genome&) = default;
};
static_assert(std::is_trivially_copyable_v<genome> && sizeof(genome) == 128);

/// What genomes of one problem on one architecture mean.
struct genome_shape {
  int num_dimensions = 0;
  int num_tensors = 0;
  int num_levels = 0;
  int num_places = 0;
  int num_primes = 0;
  std::array<place, max_places> places{};         ///< the innermost first, spatial before temporal
  std::array<std::int32_t, max_primes> primes{};  ///< dimension by dimension, ascending
  std::array<std::uint8_t, max_primes> dimension_of{};  ///< of each prime
};

/// Throws input_error for a problem or an architecture that genomes cannot hold: more places,
/// primes above 2^31.
genome_shape make_genome_shape(const architecture& a, const problem& p);

/// Whether a genome's primes have places that exist, its orders are permutations whose first
/// entries are the problem's dimensions, and its splits lie within them: what decode and scorers
/// take. What is read from elsewhere may not be.
bool has_shape(const genome& g, const genome_shape& shape);

/// The mapping that a genome stands for. precondition: has_shape
mapping decode(const genome& g, const genome_shape& shape);

/// A genome of a mapping. Throws input_error if the mapping is not perfect or puts factors where
/// the architecture has no fan-out.
genome encode(const mapping& m, const genome_shape& shape);

}  // namespace cugamma::timeloop
