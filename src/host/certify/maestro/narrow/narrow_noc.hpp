#pragma once

#include "certify/maestro/traffic.hpp"

/// Runtimes, and what mappings wait for a NoC that does not take a step's traffic at once: M1 and
/// M7 to M9 of docs/certify.md.
namespace cugamma::maestro_proof {

/// Outer tiles that have the same numbers of steps, between two. A dimension of which nothing is
/// known counts as one step of a tile between 1 and the whole.
struct tile_range {
  outer_tiles least;
  outer_tiles most;
};

/// Outputs of the first step.
number first_out(const facts& f, const outer_split& dealt, const outer_tiles& tiles);

/// Cycles that the first step waits for what it is sent, besides the NoC's head.
number first_wait(const facts& f, const outer_split& dealt, const outer_tiles& tiles);

/// Cycles that the PEs compute in all. factor: of the dimension q that is parallel inside.
number work_cycles(const facts& f, const outer_split& dealt, int q, number factor);

/// The runtime where no step but the first waits for the NoC. cycles: that PEs compute.
number runtime_of(const facts& f,
                  const outer_split& dealt,
                  const outer_tiles& tiles,
                  number cycles);

/// The same with what the first steps of the inner level wait, which is parallel in q.
number timed_runtime(const facts& f,
                     const outer_split& dealt,
                     const outer_tiles& tiles,
                     int q,
                     const timed_choice& choice);

/// The least runtime of mappings with such tiles, clusters of that many PEs at most, no less
/// traffic and no shorter runtime than the given ones.
number least_runtime_by_noc(const facts& f,
                            const outer_split& dealt,
                            const tile_range& tiles,
                            number most_cluster_pes,
                            const movement& least);

}  // namespace cugamma::maestro_proof
