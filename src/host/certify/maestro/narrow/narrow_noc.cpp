#include "certify/maestro/narrow/narrow_noc.hpp"

#include <algorithm>

namespace cugamma::maestro_proof {
namespace {

/// The largest tile of the parallel dimension that is handed down in the first step.
number first_parallel_tile(const outer_split& dealt) {
  const bool is_edge_alone = dealt.level.rounds.init_edge && dealt.level.spatial.single;
  return is_edge_alone ? dealt.tiling.edge : dealt.tile;
}

/// Outputs of the first step at most: those of the largest tiles, or as many as L2 has room for
/// beside the least input and filter.
number most_first_out(const facts& f, const outer_split& dealt, const tile_range& tiles) {
  const number most = first_out(f, dealt, tiles.most);
  const number limit = f.problem.space.l2_size_elems;
  if (limit == unlimited) return most;
  const number others = first_step(f, dealt, tiles.least) - first_out(f, dealt, tiles.least);
  return std::min(most, limit / 2 - others);
}

/// Least cycles in which PEs compute a first step with so many outputs.
number first_compute(const facts& f,
                     const outer_split& dealt,
                     const outer_tiles& least,
                     number most_cluster_pes,
                     number outputs) {
  number work = f.layer.window * first_parallel_tile(dealt) * outputs;
  for (int d = 0; d < free_dims; ++d) {
    if (d != dealt.dim && !core::has(f.layer.tensors.output, d)) work *= least.tile[d];
  }
  return work / (dealt.first_out * most_cluster_pes);
}

/// Steps of the outer level.
number steps_of(const outer_split& dealt, const outer_tiles& tiles) {
  number steps = dealt.rounds;
  for (const number n : tiles.steps) steps *= n;
  return steps;
}

}  // namespace

number first_wait(const facts& f, const outer_split& dealt, const outer_tiles& tiles) {
  if (f.is_wide) return 0;
  return noc_cycles(f, first_step(f, dealt, tiles) - first_out(f, dealt, tiles)) - 1;
}

number first_out(const facts& f, const outer_split& dealt, const outer_tiles& tiles) {
  number out = dealt.first_out;
  for (int d = 0; d < free_dims; ++d) {
    if (d != dealt.dim && core::has(f.layer.tensors.output, d)) out *= tiles.tile[d];
  }
  return out;
}

number work_cycles(const facts& f, const outer_split& dealt, int q, number factor) {
  number cycles = f.layer.window * factor;
  if (q != dealt.dim) cycles *= dealt.cycles;
  for (int d = 0; d < free_dims; ++d) {
    if (d != q && d != dealt.dim) cycles *= f.outputs(d);
  }
  return cycles;
}

number runtime_of(const facts& f,
                  const outer_split& dealt,
                  const outer_tiles& tiles,
                  number cycles) {
  return cycles + f.head * (steps_of(dealt, tiles) + 1) + first_wait(f, dealt, tiles);
}

number timed_runtime(const facts& f,
                     const outer_split& dealt,
                     const outer_tiles& tiles,
                     int q,
                     const timed_choice& choice) {
  // The waits are those of all steps of q.
  const number others = q == dealt.dim ? dealt.rounds : tiles.steps[q];
  return runtime_of(f, dealt, tiles, work_cycles(f, dealt, q, choice.cycles)) +
         steps_of(dealt, tiles) / others * choice.waits;
}

number least_runtime_by_noc(const facts& f,
                            const outer_split& dealt,
                            const tile_range& tiles,
                            number most_cluster_pes,
                            const movement& least) {
  const number steps = steps_of(dealt, tiles.least);
  const number fewest = first_out(f, dealt, tiles.least);
  const auto computed = [&](number outputs) {
    return first_compute(f, dealt, tiles.least, most_cluster_pes, outputs);
  };
  const auto by_output = [&](number first) {
    return computed(first) + noc_cycles(f, std::max<number>(least.output - first, 0));
  };
  const number least_delay = f.head - 1;
  const number out = std::min(by_output(fewest), by_output(most_first_out(f, dealt, tiles)));
  return std::max(
      {least.runtime,
       computed(fewest) + f.head + noc_cycles(f, least.input + least.filter) + least_delay * steps,
       out + 2 * f.head + first_wait(f, dealt, tiles.least) + least_delay * (steps - 1)});
}

}  // namespace cugamma::maestro_proof
