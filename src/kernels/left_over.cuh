#pragma once

#include "score_input.hpp"

/// What the first kernel of every model does besides scoring.
namespace cugamma {

/// The genome of a thread's mapping, or false if it names a layer or an accelerator that is not
/// there, which is noted.
__device__ inline bool read_genome(const score_input& in, std::uint32_t i, genome& g) {
  g = in.genomes[i];
  if (g.layer_index < in.layer_count && g.accelerator_index < in.accelerator_count) return true;
  in.costs[i] = cost{};
  *in.index_out_of_range = 1;
  return false;
}

/// Lists a mapping that lacks something. One that lacks everything gets an empty cost, so that
/// whoever fetches it before it is finished reads no memory that nobody wrote.
__device__ inline void list_left(const score_input& in, std::uint32_t i, lacking lacks) {
  if (lacks == lacking::runtime) in.left[left_at(atomicAdd(&in.left[0], 1u))] = i;
  if (lacks == lacking::everything) {
    in.costs[i] = cost{};
    in.left[left_from_back(in.count, atomicAdd(&in.left[1], 1u))] = i;
  }
}

}  // namespace cugamma
