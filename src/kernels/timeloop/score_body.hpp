#pragma once

#include <cstdint>

#include "timeloop/simple/score.hpp"

/// What one thread of the kernels for Timeloop's model does. The same functions run on the host in
/// tests.
namespace cugamma::timeloop {

/// A population where the kernels find it.
struct score_input {
  const genome* genomes = nullptr;
  cost* costs = nullptr;
  /// How many mappings are not simple, then their places: count + 1 elements. nullptr: none is.
  std::uint32_t* not_simple = nullptr;
  /// As not_simple, of those that take a list of elements to score.
  std::uint32_t* left = nullptr;
  std::uint32_t count = 0;
};

/// Scores a mapping if it is simple; else false, its cost unwritten.
template <int Tensors, class Factor>
CUGAMMA_HD bool score_simple(const score_input& in,
                             const closed::tables& t,
                             std::uint32_t i,
                             simple::thread_rows<Factor> rows) {
  return simple::score<Tensors>(t, simple::genome_words(in.genomes[i]), rows, in.costs[i]);
}

/// Scores any mapping. Returns false, with an empty cost, if it takes a list of elements.
CUGAMMA_HD inline bool score_closed(const score_input& in,
                                    const closed::tables& t,
                                    std::uint32_t i) {
  const genome g = in.genomes[i];
  cost c;
  closed::no_elements none;
  const bool is_done = closed::score(g, t, none, c);
  in.costs[i] = c;
  return is_done;
}

}  // namespace cugamma::timeloop
