#pragma once

#include <cstddef>
#include <cstdint>

#include "cugamma/mapping/genome.hpp"
#include "mapping/operators/drawing.hpp"
#include "mapping/operators/plan.hpp"

namespace cugamma {

/// What the individuals of one generation are made from.
struct proposal_job {
  const breeding_plan* plan = nullptr;
  const genome* parents = nullptr;
  std::uint32_t parent_count = 0;  ///< below 2: all are drawn
  probability immigrants;          ///< share that is drawn, not bred
  operators::drawing draws;
  std::uint64_t seed = 1;
  std::uint32_t generation = 0;
  std::uint32_t attempt = 0;  ///< another individual in the place of one that was known
};

/// Most individuals of one call, so that what a call works on stays in the cache.
inline constexpr std::size_t proposal_block = 256;

/// The operators in SIMD lanes. Each instruction set has one, made from the same text; all propose
/// the same.
struct breeding_lanes {
  /// Makes individuals, each a function of the job and of its number alone, with their identities
  /// (see identity_of). precondition: count <= proposal_block
  void (*propose)(const proposal_job& job,
                  const std::uint32_t* individuals,
                  std::size_t count,
                  genome* out,
                  std::uint64_t* identities);
  const char* name;
};

extern const breeding_lanes breeding_base, breeding_avx2, breeding_avx512;

/// One individual at a time, for any number of PEs.
extern const breeding_lanes breeding_single;
/// PEs up to which the lanes divide exactly.
inline constexpr std::int32_t most_pes_in_lanes = 1 << 22;

}  // namespace cugamma
