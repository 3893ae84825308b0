#pragma once

#include "models/two_level/couplings.hpp"
#include "numbers/number.hpp"

/// Mappings of two levels that are parallel in one dimension each: what the closed forms of the
/// models take. Most leave R and S whole, and K, C, Y and X alone are cut. N is one mapping (a
/// plain number) or one mapping a SIMD lane.
namespace cugamma::core {

inline constexpr int free_dims = 4;  ///< K, C, Y, X

/// Two-level mappings that cut the first Dims dimensions; tiles in output coordinates, as genomes
/// have them.
template <class N, int Dims = free_dims>
struct two_level_genes {
  N tile[2][Dims];
  N position[2][Dims];  ///< in the level's loop order
  mask_of<N> spatial[2][Dims];
  N pes;
  N cluster_size;
};

/// What reading a genome takes of its layer.
struct gene_context {
  couplings tensors;
  std::int32_t filter_rows = 1;
  std::int32_t filter_columns = 1;
};

constexpr gene_context make_gene_context(const layer& l) {
  return {couplings_of(l.type), l[dimension::R], l[dimension::S]};
}

}  // namespace cugamma::core
