#include "certify/maestro/narrow/mapping_times.hpp"

#include <algorithm>

#include "problem/noc_delay.hpp"

namespace cugamma::maestro_proof {
namespace {

using core::edge_tile;
using core::full_tile;

void set_positions(number (&positions)[free_dims], const loop_order& order) {
  for (std::size_t d = 0; d < free_dims; ++d) positions[d] = order.position[d];
}

/// Cycles in which so many elements pass the NoC.
number delay(const facts& f, number head, number elems) { return head + noc_cycles(f, elems) - 1; }

/// The steps of a loop that hold tiles of one size.
struct step_group {
  number count;
  number macs;  ///< factor of those of the slowest PE
  number out;   ///< factor of the outputs of all PEs
};

}  // namespace

handed_tiles::handed_tiles(const facts& f, const outer_split& dealt, const outer_tiles& tiles)
    : level_(dealt.level) {
  for (int d = 0; d < free_dims; ++d) {
    full_[d] = d == dealt.dim ? dealt.tile : tiles.tile[d];
    tilings_[d] = core::cut_into(f.outputs(d), full_[d]);
    if (d == dealt.dim) {
      if (tilings_[d].partial) parallel_edge_ = core::bit(d);
      continue;
    }
    const std::size_t before = kinds_;
    for (std::size_t i = 0; i < before; ++i) {
      if (tilings_[d].partial) {
        at_edge_[kinds_] = at_edge_[i] | core::bit(d);
        count_[kinds_++] = count_[i];
      }
      count_[i] *= tilings_[d].full;
    }
  }
}

inner_runs::inner_runs(const facts& f,
                       const handed_tiles& handed,
                       int q,
                       const worked_choice& choice)
    : f_(f), handed_(handed), q_(q), choice_(choice), head_(noc_delay(f.problem.machine)) {
  for (unsigned at_edge = 0; at_edge < std::size(computed_); ++at_edge) {
    number& cycles = computed_[at_edge];
    cycles = f.layer.window * choice.work.cycles[core::has(at_edge, q) ? edge_tile : full_tile];
    for (int d = 0; d < free_dims; ++d) cycles *= d == q ? 1 : handed.size(d, at_edge);
  }
}

number inner_runs::first_delay(const inner_tiles& tiles, unsigned at_edge) const {
  const core::couplings& tensors = f_.layer.tensors;
  const auto& rounds = choice_.work.rounds[core::has(at_edge, q_) ? edge_tile : full_tile];
  const auto share = [&](unsigned tensor) {
    const bool indexes = core::has(tensor, q_);
    return core::make_ingress_share(choice_.work.spatial, rounds, indexes).of[0][1];
  };
  number input = share(tensors.input), filter = f_.layer.window * share(tensors.filter);
  for (int d = 0; d < free_dims; ++d) {
    if (d == q_) continue;
    const number tile = std::min(tiles.tile[d], handed_.size(d, at_edge));
    if (core::has(tensors.input, d)) input *= tile + f_.layer.halo[d];
    if (core::has(tensors.filter, d)) filter *= tile;
  }
  return delay(f_, head_, input + filter);
}

number inner_runs::without_traffic(const inner_tiles& tiles, unsigned at_edge) const {
  return computed_[at_edge] + first_delay(tiles, at_edge);
}

number inner_runs::without_ingress(const inner_tiles& tiles, unsigned at_edge) const {
  const bool spreads_outputs = core::has(f_.layer.tensors.output, q_);
  const auto& rounds = choice_.work.rounds[core::has(at_edge, q_) ? edge_tile : full_tile];
  const auto& spatial = choice_.work.spatial;
  const auto macs = core::slowest_share(spatial, rounds, spreads_outputs);
  auto out = core::volume_share(spatial, rounds, spatial.out_unique);
  if (!spreads_outputs) out = {1, 1};
  step_group groups[free_dims][2];
  for (int d = 0; d < free_dims; ++d) {
    if (d == q_) {
      groups[d][0] = {rounds.before_edge, macs.before_edge, out.before_edge};
      groups[d][1] = {rounds.edges, macs.at_edge, out.at_edge};
      continue;
    }
    const auto cut = core::cut_into(handed_.size(d, at_edge), tiles.tile[d]);
    const bool indexes = core::has(f_.layer.tensors.output, d);
    const auto group = [&](number count, number size) {
      return step_group{count, size, indexes ? size : 1};
    };
    groups[d][0] = group(std::max<number>(cut.full, 1), cut.full > 0 ? tiles.tile[d] : cut.edge);
    groups[d][1] = group(cut.full > 0 && cut.partial ? 1 : 0, cut.edge);
  }
  number sum = 0;
  for (unsigned kind = 0; kind < 1u << free_dims; ++kind) {
    step_group step{1, f_.layer.window, 1};
    for (int d = 0; d < free_dims; ++d) {
      const step_group& own = groups[d][core::has(kind, d) ? 1 : 0];
      step = {step.count * own.count, step.macs * own.macs, step.out * own.out};
    }
    const number sent = delay(f_, head_, step.out);
    sum += step.count * std::max(step.macs, sent);
    if (kind == 0) sum += step.macs - std::max(step.macs, sent);  // the first step
  }
  return sum + first_delay(tiles, at_edge);
}

mapping_times::mapping_times(const facts& f,
                             const outer_split& dealt,
                             const outer_tiles& outer,
                             int q,
                             number cluster_size,
                             const inner_tiles& inner)
    : f_(f), machine_(core::make_machine_facts<number>(f.problem.machine)) {
  for (int d = 0; d < free_dims; ++d) {
    genes_.tile[0][d] = d == dealt.dim ? dealt.tile : outer.tile[d];
    genes_.tile[1][d] = inner.tile[d];
    genes_.spatial[0][d] = d == dealt.dim;
    genes_.spatial[1][d] = d == q;
  }
  genes_.pes = f.problem.space.pes_max;
  genes_.cluster_size = cluster_size;
  outer_ = core::make_outer(genes_, f.layer);
  cut_ = core::cut_inner(genes_, outer_, f.layer);
}

unsigned mapping_times::moving_inside() const {
  unsigned moving = 0;
  for (int d = 0; d < free_dims; ++d) {
    const number steps = std::max(cut_.of[full_tile][d].count, cut_.of[edge_tile][d].count);
    if (genes_.spatial[1][d] || steps > 1) moving |= core::bit(d);
  }
  return moving;
}

void mapping_times::set_inner_order(const loop_order& order) {
  set_positions(genes_.position[1], order);
  constexpr int from = core::edges_come_from(edge_tile);
  loops_ =
      core::order_loops(genes_, f_.layer, 1, cut_.of, cut_.of[from], cut_.spatial, cut_.rounds);
}

number mapping_times::run(unsigned at_edge) const {
  const auto handed = core::hand_tile(loops_, f_.layer, at_edge);
  const core::pe_step<number, number> compute{machine_};
  return core::step_sum(loops_, handed, machine_, compute, number{0}).total(f_.layer.window);
}

number mapping_times::runtime(const loop_order& outer_order,
                              const number (&run)[1 << free_dims]) const {
  struct known_cycles {
    const number (&of)[1 << free_dims];
    number at(number at_edge) const { return of[at_edge]; }
  };
  auto genes = genes_;
  set_positions(genes.position[0], outer_order);
  return core::time_outer(genes, outer_, f_.layer, machine_, known_cycles{run});
}

}  // namespace cugamma::maestro_proof
