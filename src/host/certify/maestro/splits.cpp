#include "certify/maestro/splits.hpp"

#include <algorithm>
#include <map>

#include "models/maestro/closed/inner.hpp"

namespace cugamma::maestro_proof {
namespace {

using core::edge_tile;
using core::full_tile;

bool in_set(unsigned tensor, int d) { return core::has(tensor, d); }

core::spatial_dim<number> parallel_dim(const facts& f,
                                       int d,
                                       number tile,
                                       const core::tiling<number>& edges,
                                       number clusters,
                                       number active) {
  bool spatial[free_dims] = {};
  number tiles[free_dims] = {};
  spatial[d] = true;
  tiles[d] = tile;
  return core::make_spatial_dim(spatial, tiles, f.layer, edges, clusters, active);
}

inner_work work_of(const facts& f,
                   int d,
                   const core::tiling<number>& outer,
                   number outer_tile,
                   number inner_tile,
                   number cluster_size) {
  const core::tiling<number> of[2] = {core::cut_into(outer_tile, inner_tile),
                                      core::cut_into(outer.edge, inner_tile)};
  const core::spatial_rounds<number> rounds[2] = {core::deal_to(cluster_size, of[full_tile]),
                                                  core::deal_to(cluster_size, of[edge_tile])};
  constexpr int from = core::edges_come_from(edge_tile);
  const auto spatial = parallel_dim(f, d, inner_tile, of[from], cluster_size, rounds[from].active);
  const number own[2] = {outer_tile, outer.edge};
  inner_work work{{}, true, spatial, {rounds[0], rounds[1]}};
  for (int size = full_tile; size <= edge_tile; ++size) {
    const auto slowest =
        core::slowest_share(spatial, rounds[size], in_set(f.layer.tensors.output, d));
    const auto macs = core::volume_share(spatial, rounds[size], spatial.edge);
    work.cycles[size] = core::over_rounds(rounds[size], slowest);
    const bool occurs = size == full_tile || outer.partial;
    const bool is_right = core::over_rounds(rounds[size], macs) == own[size];
    work.counts_right = work.counts_right && (is_right || !occurs);
  }
  return work;
}

/// Elements that the first step of a run of the inner level needs at least: with tiles of 1 in all
/// other dimensions.
number least_first_in(const facts& f, int d, const inner_work& work, int size) {
  const core::couplings& tensors = f.layer.tensors;
  const auto share = [&](unsigned tensor) {
    return core::make_ingress_share(work.spatial, work.rounds[size], in_set(tensor, d)).of[0][1];
  };
  number input = share(tensors.input);
  for (int e = 0; e < free_dims; ++e) {
    if (e != d && in_set(tensors.input, e)) input *= 1 + f.layer.halo[e];
  }
  return input + f.layer.window * share(tensors.filter);
}

/// What first steps wait over the steps of a dimension, besides the head.
number waits_over(const facts& f,
                  int d,
                  const core::tiling<number>& outer,
                  const inner_work& work,
                  const outer_split* dealt) {
  const auto wait = [&](int size) { return noc_cycles(f, least_first_in(f, d, work, size)) - 1; };
  const number full = wait(full_tile), edge = wait(edge_tile);
  if (dealt == nullptr) return outer.full * full + (outer.partial ? edge : 0);
  const core::spatial_rounds<number>& rounds = dealt->level.rounds;
  const number either = std::min(full, edge);
  return rounds.before_edge * (rounds.init_edge ? either : full) + rounds.edges * either;
}

number cycles_over(const core::tiling<number>& outer,
                   number full,
                   number edge,
                   const outer_split* dealt) {
  if (dealt != nullptr) return core::outer_spatial_cycles(dealt->level, full, edge);
  return outer.full * full + (outer.partial ? edge : 0);
}

}  // namespace

outer_split split_outer(const facts& f, int d, number clusters, number tile) {
  outer_split s;
  s.dim = d;
  s.clusters = clusters;
  s.tile = tile;
  s.tiling = core::cut_into(f.outputs(d), tile);
  core::outer_level<number>& level = s.level;
  level.rounds = core::deal_to(clusters, s.tiling);
  level.spatial = parallel_dim(f, d, tile, s.tiling, clusters, level.rounds.active);
  s.rounds = level.rounds.before_edge + level.rounds.edges;
  const auto macs = core::volume_share(level.spatial, level.rounds, level.spatial.edge);
  s.counts_right = core::over_rounds(level.rounds, macs) == f.outputs(d);
  s.cycles = core::outer_spatial_cycles(level, tile, s.tiling.edge);
  s.has_time = s.cycles * clusters >= f.outputs(d);
  const auto out = core::volume_share(level.spatial, level.rounds, level.spatial.out_unique);
  const core::couplings& tensors = f.layer.tensors;
  s.first_out = in_set(tensors.output, d) ? out.before_edge : 1;
  s.all_out = in_set(tensors.output, d) ? core::over_rounds(level.rounds, out) : s.rounds;
  s.of_input = core::make_ingress_share(level.spatial, level.rounds, in_set(tensors.input, d));
  s.of_filter = core::make_ingress_share(level.spatial, level.rounds, in_set(tensors.filter, d));
  return s;
}

traffic_factors traffic_factors_of(const outer_split& s) {
  traffic_factors factors{s.rounds, s.first_out, s.all_out};
  std::size_t i = 3;
  const core::spatial_rounds<number>& rounds = s.level.rounds;
  for (const auto* share : {&s.of_input, &s.of_filter}) {
    const auto& of = share->of;
    factors[i++] = of[0][0];
    factors[i++] = of[0][1];
    factors[i++] = rounds.before_edge * of[0][1] + rounds.edges * of[1][1];
    factors[i++] = (rounds.before_edge - 1) * of[0][0] + rounds.edges * of[1][0];
    factors[i++] = (rounds.before_edge - 1) * of[0][1] + rounds.edges * of[1][1];
  }
  return factors;
}

number least_inner_cycles(const facts& f,
                          int d,
                          number outer_tile,
                          const cluster_range& clusters,
                          const outer_split* outer) {
  const core::tiling<number> tiling = core::cut_into(f.outputs(d), outer_tile);
  const auto share = [&](number tile) { return (tile + clusters.high - 1) / clusters.high; };
  return cycles_over(tiling, share(outer_tile), share(tiling.edge), outer);
}

namespace {

/// The inner tiles of the other dimensions that need the least L1 of all.
void set_least_others(const facts& f, int d, number (&inner)[free_dims]) {
  const auto usable = [](number t) { return t == 0 ? number{max_tile} : t; };
  for (int e = 0; e < free_dims; ++e) {
    const auto& all = f.least_inner[static_cast<std::size_t>(e)];
    inner[e] = e == d ? 1 : usable(std::ranges::min(all, {}, usable));
  }
}

/// Calls see(cycles, tile, cluster size, what the inner level makes of them) for every choice whose
/// tile counts right and fits L1, the smallest tile first, the largest cluster first, until it
/// returns false.
template <class See>
void for_each_choice(const facts& f,
                     int d,
                     number outer_tile,
                     const cluster_range& clusters,
                     const outer_split* outer,
                     const See& see) {
  const core::tiling<number> tiling = core::cut_into(f.outputs(d), outer_tile);
  number inner[free_dims];
  set_least_others(f, d, inner);
  for (number t = 1; t <= outer_tile; ++t) {
    inner[d] = t;
    if (!fits_l1(f, inner)) return;
    if (!allows_inner(f, d, outer_tile, t)) continue;
    // Cluster sizes beyond the tiles all do the same.
    const number most = std::min(clusters.high, std::max(clusters.low, outer_tile / t + 2));
    for (number c = most; c >= clusters.low; --c) {
      const inner_work work = work_of(f, d, tiling, outer_tile, t, c);
      if (!work.counts_right) continue;
      if (!see(cycles_over(tiling, work.cycles[0], work.cycles[1], outer), t, c, work)) return;
    }
  }
}

}  // namespace

std::vector<inner_choice> inner_choices(const facts& f,
                                        int d,
                                        number outer_tile,
                                        const cluster_range& clusters,
                                        const outer_split* outer) {
  const number least = least_inner_cycles(f, d, outer_tile, clusters, outer);
  std::vector<inner_choice> found;
  const auto see = [&](number cycles, number tile, number cluster_size, const inner_work&) {
    if (!found.empty() && cycles >= found.back().cycles) return true;
    if (!found.empty() && (f.has_free_inner || found.back().tile == tile)) found.pop_back();
    found.push_back({cycles, tile, cluster_size});
    return cycles > least;
  };
  for_each_choice(f, d, outer_tile, clusters, outer, see);
  return found;
}

std::vector<inner_choice> all_inner_choices(const facts& f,
                                            int d,
                                            number outer_tile,
                                            const cluster_range& clusters,
                                            const outer_split* outer) {
  std::map<number, inner_choice> by_cycles;
  const auto see = [&](number cycles, number tile, number cluster_size, const inner_work&) {
    by_cycles.try_emplace(cycles, inner_choice{cycles, tile, cluster_size});
    return true;
  };
  for_each_choice(f, d, outer_tile, clusters, outer, see);
  std::vector<inner_choice> all;
  for (const auto& [cycles, choice] : by_cycles) all.push_back(choice);
  return all;
}

std::vector<worked_choice> worked_choices(const facts& f,
                                          int d,
                                          number outer_tile,
                                          const cluster_range& clusters) {
  std::vector<worked_choice> all;
  const auto see = [&](number, number tile, number cluster_size, const inner_work& work) {
    all.push_back({tile, cluster_size, work});
    return true;
  };
  for_each_choice(f, d, outer_tile, clusters, nullptr, see);
  return all;
}

namespace {

bool is_no_better(const facts& f, const timed_choice& a, const timed_choice& b) {
  return a.cycles >= b.cycles && a.waits >= b.waits && a.outer_tile >= b.outer_tile &&
         (f.has_free_inner || a.inner_tile >= b.inner_tile);
}

}  // namespace

std::vector<timed_choice> timed_choices(const facts& f,
                                        int d,
                                        std::span<const number> outer_tiles,
                                        const cluster_range& clusters,
                                        const outer_split* outer) {
  std::vector<timed_choice> found;
  for (const number outer_tile : outer_tiles) {
    const core::tiling<number> tiling = core::cut_into(f.outputs(d), outer_tile);
    const auto see = [&](number cycles, number tile, number cluster_size, const inner_work& work) {
      const timed_choice c{cycles,
                           waits_over(f, d, tiling, work, outer),
                           outer_tile,
                           tile,
                           cluster_size};
      const auto covers = [&](const timed_choice& other) { return is_no_better(f, c, other); };
      if (std::ranges::any_of(found, covers)) return true;
      std::erase_if(found, [&](const timed_choice& other) { return is_no_better(f, other, c); });
      found.push_back(c);
      return true;
    };
    for_each_choice(f, d, outer_tile, clusters, outer, see);
  }
  return found;
}

}  // namespace cugamma::maestro_proof
