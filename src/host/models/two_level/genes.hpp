#pragma once

#include "models/two_level/couplings.hpp"
#include "numbers/number.hpp"

/// Mappings of two levels that are parallel in one of K, C, Y, X each and leave R and S whole: what
/// the closed forms of the models take. N is one mapping (a plain number) or one mapping a SIMD
/// lane.
namespace cugamma::core {

inline constexpr int free_dims = 4;  ///< K, C, Y, X

/// Two-level mappings; tiles in output coordinates, as genomes have them.
template <class N>
struct two_level_genes {
  N tile[2][free_dims];
  N position[2][free_dims];  ///< in the level's loop order
  mask_of<N> spatial[2][free_dims];
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
