#include "certify/maestro/facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "cugamma/evaluate/objective.hpp"
#include "models/maestro/closed/inner.hpp"
#include "models/maestro/energy.hpp"
#include "problem/noc_delay.hpp"

namespace cugamma::maestro_proof {
namespace {

constexpr std::array goals{objective::latency,
                           objective::energy,
                           objective::edp,
                           objective::maestro_energy,
                           objective::maestro_edp};
constexpr dimension_mask filter_dims = mask_of(dimension::R) | mask_of(dimension::S);

/// Whether a rule refers to a tile that mappings differ in: those of R and S are whole.
bool is_tile_chosen(int d) { return d < free_dims; }

std::optional<std::string> level_obstacle(const search_space& space, int level) {
  const level_rule& rule = space.levels[static_cast<std::size_t>(level)];
  if ((rule.parallel & filter_dims) != 0) return "R or S may be parallel (--parallel-rs)";
  if (rule.second_parallel != no_second_parallel) {
    return fmt::format("level {} may have a second parallel dimension", level + 1);
  }
  if (level > 0 && is_tile_chosen(rule.cluster.at_most_tile_of)) {
    return "the cluster size is bounded by a tile";
  }
  for (int d = 0; d < free_dims; ++d) {
    const tile_rule& tile = rule.tiles[static_cast<std::size_t>(d)];
    if (level == 0) continue;
    const bool follows_other = is_tile_chosen(tile.same_as_above) && tile.same_as_above != d;
    if (follows_other || is_tile_chosen(tile.at_most_tile_of)) {
      return fmt::format("the inner tile of {} is bounded by that of another dimension", "KCYX"[d]);
    }
  }
  return std::nullopt;
}

/// What a rule leaves of the tiles below one of a size; see ruled_tiles of the breeding.
struct tile_bounds {
  number low;
  number high;
};

tile_bounds range_of(const search_space& space, int level, int d, number above) {
  const tile_rule& rule =
      space.levels[static_cast<std::size_t>(level)].tiles[static_cast<std::size_t>(d)];
  const auto bound = [&](int of) -> number {
    const bool is_bound = level == 0 || !is_tile_chosen(of);
    return is_bound ? space.bound[static_cast<std::size_t>(of)] : above;
  };
  if (rule.same_as_above != no_dimension) {
    const number same = std::min(above, bound(rule.same_as_above));
    return {same, same};
  }
  number high = std::min<number>(rule.high, above);
  if (rule.at_most_tile_of != no_dimension) high = std::min(high, bound(rule.at_most_tile_of));
  return {std::min<number>(rule.low, high), high};
}

bool is_allowed(const search_space& space, int level, int d, number above, number tile) {
  const tile_bounds range = range_of(space, level, d, above);
  if (tile < range.low || tile > range.high) return false;
  return !space.factors_only || above % tile == 0 || std::gcd(above, tile) < range.low;
}

std::vector<number> outer_tile_choices(const search_space& space, int d) {
  const number bound = space.bound[static_cast<std::size_t>(d)];
  std::vector<number> all;
  for (number t = 1; t <= bound; ++t) {
    if (is_allowed(space, 0, d, bound, t)) all.push_back(t);
  }
  return all;
}

/// The smallest inner tile of a dimension that is not parallel inside, which needs the least L1 of
/// those that count right; 0 if there is none.
number least_inner_tile(const facts& f, int d, number outer_tile) {
  for (number t = 1; t <= outer_tile; ++t) {
    if (allows_inner(f, d, outer_tile, t) && counts_inner(f, d, outer_tile, t)) return t;
  }
  return 0;
}

std::vector<cluster_range> cluster_ranges(const search_space& space) {
  const number pes = space.pes_max;
  const cluster_rule& rule = space.levels[1].cluster;
  number high = std::min<number>(pes, rule.high);
  if (rule.at_most_tile_of != no_dimension) {
    high = std::min<number>(high, space.bound[static_cast<std::size_t>(rule.at_most_tile_of)]);
  }
  high = std::max<number>(high, 1);
  std::vector<cluster_range> all;
  for (number c = std::min<number>(rule.low, high); c <= high; ++c) {
    if (!all.empty() && all.back().clusters == pes / c) {
      all.back().high = c;
    } else {
      all.push_back({pes / c, c, c});
    }
  }
  return all;
}

/// The orders that a level's rule allows, one for each way in which the dimensions of a set can
/// stand.
std::vector<loop_order> allowed_orders(const level_rule& rule, unsigned set) {
  std::array<int, gene_dimension_count> dims{0, 1, 2, 3, 4, 5};
  std::vector<loop_order> all;
  std::set<std::vector<int>> seen;
  do {
    loop_order order;
    std::vector<int> standing;
    bool has_prefix = true;
    for (std::size_t p = 0; p < dims.size(); ++p) {
      order.dimensions[p] = static_cast<dimension>(dims[p]);
      if (p < rule.fixed_positions && order.dimensions[p] != rule.order_prefix[p]) {
        has_prefix = false;
      }
      if (dims[p] >= free_dims) continue;
      order.position[static_cast<std::size_t>(dims[p])] = static_cast<int>(p);
      if (core::has(set, dims[p])) standing.push_back(dims[p]);
    }
    if (has_prefix && seen.insert(standing).second) all.push_back(order);
  } while (std::ranges::next_permutation(dims).found);
  return all;
}

/// The most elements of the tensors that a step of a level moves in or out, whatever the mapping.
struct largest_step {
  number in = 0;
  number out = 0;
};

largest_step largest_step_of(const facts& f) {
  largest_step most;
  const number pes = f.problem.space.pes_max;
  for (int p = 0; p < free_dims; ++p) {
    number input = 1, filter = f.layer.window, output = 1;
    for (int d = 0; d < free_dims; ++d) {
      number held = f.outputs(d) + f.layer.halo[d];
      for (number t = 1; d == p && t <= f.outputs(d); ++t) {
        const number active = std::min(pes, (f.outputs(d) + t - 1) / t);
        held = std::max(held, (t + f.layer.halo[d]) * active);
      }
      if (core::has(f.layer.tensors.input, d)) input *= held;
      if (core::has(f.layer.tensors.filter, d)) filter *= held;
      if (core::has(f.layer.tensors.output, d)) output *= held;
    }
    most = {std::max(most.in, input + filter), std::max(most.out, output)};
  }
  return most;
}

void judge_runtime(facts& f) {
  const accelerator& a = f.problem.machine;
  const number head = noc_delay(a);
  const largest_step most = largest_step_of(f);
  const number largest = std::max(most.in, most.out);
  const bool hides_head = head <= f.layer.window;
  f.is_wide =
      hides_head && largest <= a.noc_bw && largest < (f.layer.window + 1) * number{a.offchip_bw};
  f.head = hides_head ? head : 1;
}

}  // namespace

std::optional<std::string> obstacle(const certify_problem& problem) {
  const search_space& space = problem.space;
  if (std::ranges::find(goals, problem.goal) == goals.end()) {
    return fmt::format(
        "objective {}: optima are proved of latency, energy, EDP, maestro-energy and maestro-EDP",
        name_of(problem.goal));
  }
  if (space.search_pes) return "--num-pes search: optima are proved of one accelerator";
  if (space.target.stride_y != 1 || space.target.stride_x != 1) return "the layer has a stride";
  return std::nullopt;
}

std::optional<std::string> search_obstacle(const certify_problem& problem) {
  const search_space& space = problem.space;
  if (space.levels_min != 2 || space.levels_max != 2) return "other than two levels";
  if (problem.machine.simd_lanes != 1) return "PEs of several lanes (--simd-lanes)";
  for (int level = 0; level < 2; ++level) {
    if (auto found = level_obstacle(space, level)) return found;
  }
  return std::nullopt;
}

facts facts_of(const certify_problem& problem) {
  facts f;
  f.problem = problem;
  f.layer = core::make_two_level_layer(core::make_layer_facts<number>(problem.space.target));
  f.totals = totals_of(problem.space.target);
  for (int d = 0; d < free_dims; ++d) {
    if (!core::has(f.layer.tensors.present, d)) f.layer.outputs[d] = 1;
  }
  judge_runtime(f);
  f.fastest = (f.totals.macs + problem.space.pes_max - 1) / problem.space.pes_max;
  for (unsigned set = 0; set < f.orders.size(); ++set) {
    f.orders[set] = allowed_orders(problem.space.levels[0], set);
    f.inner_orders[set] = allowed_orders(problem.space.levels[1], set);
  }
  f.clusters = cluster_ranges(problem.space);
  for (int d = 0; d < free_dims; ++d) {
    const auto i = static_cast<std::size_t>(d);
    f.tiles[i] = outer_tile_choices(problem.space, d);
    for (const number t : f.tiles[i]) f.least_inner[i].push_back(least_inner_tile(f, d, t));
    f.has_free_inner =
        f.has_free_inner && std::ranges::all_of(f.least_inner[i], [](number t) { return t == 1; });
  }
  return f;
}

double value_of(const facts& f, const movement& m) {
  const activity<double> done{static_cast<double>(f.totals.macs),
                              static_cast<double>(f.totals.macs),
                              static_cast<double>(m.input),
                              static_cast<double>(m.filter),
                              static_cast<double>(m.output)};
  const cost_constants& k = f.problem.machine.constants;
  const auto runtime = static_cast<double>(m.runtime);
  const int levels = std::min(f.problem.space.levels_max, 2);  // more count as two do
  switch (f.problem.goal) {
    case objective::energy:
      return energy_nj(done, f.totals.fill, k);
    case objective::edp:
      return energy_nj(done, f.totals.fill, k) * runtime;
    case objective::maestro_energy:
      return maestro_csv_energy_nj(done, f.totals.fill, k, levels);
    case objective::maestro_edp:
      return maestro_csv_energy_nj(done, f.totals.fill, k, levels) * runtime;
    default:
      return runtime;
  }
}

bool depends_on_runtime(const facts& f) {
  return f.problem.goal != objective::energy && f.problem.goal != objective::maestro_energy;
}

bool fits_l1(const facts& f, const number (&inner_tile)[free_dims]) {
  const number limit = f.problem.space.l1_size_elems;
  if (limit == unlimited) return true;
  core::two_level_genes<number> genes{};
  std::ranges::copy(inner_tile, genes.tile[1]);
  return 2 * core::pe_buffer(genes, f.layer) <= limit;
}

bool allows_inner(const facts& f, int d, number outer_tile, number inner_tile) {
  if (inner_tile > outer_tile) return false;
  if (!core::has(f.layer.tensors.present, d)) return inner_tile == 1;
  return is_allowed(f.problem.space, 1, d, outer_tile, inner_tile);
}

bool counts_inner(const facts& f, int d, number outer_tile, number inner_tile) {
  const core::tiling<number> outer = core::cut_into(f.outputs(d), outer_tile);
  const core::tiling<number> of_full = core::cut_into(outer_tile, inner_tile);
  const core::tiling<number> of_edge = core::cut_into(outer.edge, inner_tile);
  const number tail = of_edge.partial ? of_full.edge : 0;
  return !outer.partial || of_edge.full * inner_tile + tail == outer.edge;
}

}  // namespace cugamma::maestro_proof
