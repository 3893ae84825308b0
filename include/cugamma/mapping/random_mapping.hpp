#pragma once

#include <cstdint>
#include <span>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// How a random mapping is drawn.
enum class mapping_draw : std::uint8_t {
  initial,  ///< as GAMMA's first population: two levels, random top tiles, inner tiles 1
  uniform,  ///< one to three levels, every tile uniform below the one above, R and S parallel too
  edges,    ///< as uniform, but tiles at and beside divisors, so that edges of all kinds occur
  illegal,  ///< as edges, with one of the rules of legality broken
};
inline constexpr int mapping_draw_count = 4;

/// True if the tiles of a genome can hold every dimension of the layer.
bool has_genome_sizes(const layer& l);

/// Mappings number first, first + 1, ... of an endless sequence that the seed alone decides: each
/// of a random layer, accelerator and kind of draw, with their indices set. Throws input_error if
/// there are no layers or no accelerators.
void draw_mappings(std::uint64_t seed,
                   std::uint64_t first,
                   std::span<const layer> layers,
                   std::span<const accelerator> accelerators,
                   std::span<genome> out);

}  // namespace cugamma
