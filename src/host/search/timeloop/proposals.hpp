#pragma once

#include "cugamma/models/timeloop/genome.hpp"
#include "numbers/random.hpp"
#include "search/timeloop/map_space.hpp"

namespace cugamma::timeloop {

/// A random mapping of a space: fan-outs are filled, then the levels from the inside out, each to a
/// random degree. Valid, if the rules leave anything valid within a few attempts.
genome draw_genome(const map_space& space, random_stream& random);

/// A child that differs from a genome in one to a few moves; repaired.
genome mutate(const genome& parent, const map_space& space, random_stream& random);

/// A child with the factors of each dimension and the orders of each place from one of two
/// genomes; repaired.
genome cross(const genome& a, const genome& b, const map_space& space, random_stream& random);

/// Moves factors outward, and out of fan-outs, until everything fits and the rules are kept.
void repair(genome& g, const map_space& space, random_stream& random);

}  // namespace cugamma::timeloop
