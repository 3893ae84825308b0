#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/constraints.hpp"
#include "cugamma/models/timeloop/genome.hpp"
#include "cugamma/models/timeloop/problem.hpp"

namespace cugamma::timeloop {

/// A value for each dimension.
using per_dimension = std::array<std::int64_t, max_dimensions>;

/// What the loops of one place may be.
struct place_rules {
  per_dimension least{};  ///< factors; 1: no rule
  per_dimension most{};
  std::vector<std::uint8_t> innermost;  ///< dimensions that stand innermost, in this order
  std::vector<std::uint8_t> outermost;  ///< that stand outermost, the last one outermost
  std::optional<int> split;             ///< of spatial loops
};

/// What one level may hold and feed.
struct level_rules {
  std::int64_t usable_words = std::numeric_limits<std::int64_t>::max();
  std::int64_t columns = 1;  ///< of its fan-out
  std::int64_t rows = 1;
  std::uint8_t keep = 0;      ///< bits of tensors that it must keep
  std::uint8_t may_keep = 0;  ///< that it may keep
};

/// Where the genomes of a search lie: the mappings of a problem onto an architecture that keep the
/// rules of all levels.
struct map_space {
  genome_shape shape;
  problem work;
  std::array<level_rules, max_levels> levels;
  std::array<place_rules, max_places> places;
  double min_parallelism = 0;  ///< least product of spatial factors over fan-outs
  std::array<std::uint8_t, max_dimensions> tensors_of{};  ///< bit t: the dimension indexes tensor t

  int outermost_place() const { return shape.num_places - 1; }
  bool is_spatial(int place) const { return shape.places[place].is_spatial; }
  int level_of(int place) const { return shape.places[place].level; }
};

/// The mappings of a problem onto an architecture that keep constraints; without bypass, those in
/// which every level keeps every tensor that it may. Throws input_error as make_genome_shape does.
/// precondition: the constraints have as many levels as the architecture
map_space make_map_space(const architecture& a,
                         const problem& p,
                         const constraints& c,
                         bool explores_bypass);

}  // namespace cugamma::timeloop
