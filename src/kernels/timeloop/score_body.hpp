#pragma once

#include <cstdint>

#include "models/timeloop/closed/price.hpp"

/// What one thread of the kernel for Timeloop's model does. The same function runs on the host in
/// tests.
namespace cugamma::timeloop {

/// A population where the kernel finds it.
struct score_input {
  const genome* genomes = nullptr;
  cost* costs = nullptr;
  const closed::tables* tables = nullptr;
  /// How many mappings take a list of elements to score, then their places: count + 1 elements.
  std::uint32_t* left = nullptr;
  std::uint32_t count = 0;
};

/// Scores mapping i. Returns false, with an empty cost, if it takes a list of elements.
CUGAMMA_HD inline bool score_one(const score_input& in, std::uint32_t i) {
  const genome g = in.genomes[i];
  cost c;
  closed::no_elements none;
  const bool is_done = closed::score(g, *in.tables, none, c);
  in.costs[i] = c;
  return is_done;
}

}  // namespace cugamma::timeloop
