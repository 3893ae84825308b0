#include "certify/maestro/traffic.hpp"

namespace cugamma::maestro_proof {
namespace {

/// The volume of a tensor's tile without the parallel dimension.
number volume_of(const facts& f, const outer_split& dealt, const outer_tiles& tiles, unsigned of) {
  number volume = core::has(of, core::R) ? f.layer.window : 1;
  for (int d = 0; d < free_dims; ++d) {
    if (core::has(of, d) && d != dealt.dim) volume *= tiles.tile[d] + f.layer.halo[d];
  }
  return volume;
}

/// How often the loops outside a position repeat what is inside.
number repeats(const outer_tiles& tiles, const loop_order& order, int position) {
  number all = 1;
  for (std::size_t e = 0; e < free_dims; ++e) {
    if (order.position[e] < position) all *= tiles.steps[e];
  }
  return all;
}

/// Whether a loop inside a position moves the tensor.
bool reloads(const outer_split& dealt,
             const outer_tiles& tiles,
             const loop_order& order,
             unsigned of,
             int position) {
  for (int e = 0; e < free_dims; ++e) {
    if (!core::has(of, e) || order.position[static_cast<std::size_t>(e)] <= position) continue;
    if ((e == dealt.dim ? dealt.rounds : tiles.steps[e]) > 1) return true;
  }
  return false;
}

}  // namespace

number ingress(const facts& f,
               const outer_split& dealt,
               const outer_tiles& tiles,
               const loop_order& order,
               bool is_filter) {
  const unsigned of = is_filter ? f.layer.tensors.filter : f.layer.tensors.input;
  const auto& share = (is_filter ? dealt.of_filter : dealt.of_input).of;
  const core::spatial_rounds<number>& rounds = dealt.level.rounds;
  const number volume = volume_of(f, dealt, tiles, of);
  const number again = rounds.before_edge * share[0][1] + rounds.edges * share[1][1];
  const int parallel_at = order.position[static_cast<std::size_t>(dealt.dim)];
  number total = volume * share[0][1];
  for (int d = 0; d < free_dims; ++d) {
    if (!core::has(of, d) || tiles.steps[d] <= 1) continue;
    const int at = order.position[static_cast<std::size_t>(d)];
    number moved = volume;
    if (f.layer.halo[d] > 0 && !reloads(dealt, tiles, order, of, at)) {
      moved = volume / (tiles.tile[d] + f.layer.halo[d]) * tiles.tile[d];
    }
    total += (tiles.steps[d] - 1) * repeats(tiles, order, at) * moved *
             (parallel_at < at ? again : share[0][0]);
  }
  if (!core::has(of, dealt.dim)) return total;
  const int whole = reloads(dealt, tiles, order, of, parallel_at) ? 1 : 0;
  return total + repeats(tiles, order, parallel_at) * volume *
                     ((rounds.before_edge - 1) * share[0][whole] + rounds.edges * share[1][whole]);
}

axis_traffic::axis_traffic(const facts& f,
                           const outer_split& dealt,
                           outer_tiles tiles,
                           const loop_order& order,
                           int d,
                           bool is_filter) {
  const auto traffic = [&](number tile, number steps) {
    tiles.tile[d] = tile;
    tiles.steps[d] = steps;
    return static_cast<double>(ingress(f, dealt, tiles, order, is_filter));
  };
  const double none2 = traffic(0, 2), none3 = traffic(0, 3);
  const double one2 = traffic(1, 2), one3 = traffic(1, 3);
  by_both_ = (one3 - none3) - (one2 - none2);
  by_steps_ = none3 - none2;
  by_tile_ = (one2 - none2) - 2 * by_both_;
  still_ = none2 - 2 * by_steps_;
}

number first_step(const facts& f, const outer_split& dealt, const outer_tiles& tiles) {
  const core::couplings& tensors = f.layer.tensors;
  number output = dealt.first_out;
  for (int d = 0; d < free_dims; ++d) {
    if (core::has(tensors.output, d) && d != dealt.dim) output *= tiles.tile[d];
  }
  return volume_of(f, dealt, tiles, tensors.input) * dealt.of_input.of[0][1] +
         volume_of(f, dealt, tiles, tensors.filter) * dealt.of_filter.of[0][1] + output;
}

number egress(const facts& f, const outer_split& dealt, const outer_tiles& tiles) {
  number total = dealt.all_out;
  for (int d = 0; d < free_dims; ++d) {
    if (d == dealt.dim) continue;
    total *= core::has(f.layer.tensors.output, d) ? f.outputs(d) : tiles.steps[d];
  }
  return total;
}

}  // namespace cugamma::maestro_proof
