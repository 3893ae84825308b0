#include "certify/exact/question.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "models/exact/figures.hpp"

namespace cugamma::exact {
namespace {

constexpr unsigned window_bits = 1u << index_of(dimension::R) | 1u << index_of(dimension::S);

/// Whether the tile of a dimension at the level above is one and the same in all mappings: at the
/// top it is the whole dimension, as it is of R and S.
bool is_fixed_above(int level, int d) { return level == 0 || d >= free_dims; }

/// Whether a tile depends on no other than the one above it.
bool is_plain(const tile_rule& rule, int level, int d) {
  const auto is_known = [&](int other) {
    return other == no_dimension || other == d || is_fixed_above(level, other);
  };
  return is_known(rule.same_as_above) && is_known(rule.at_most_tile_of);
}

tile_bounds bounds_of(const search_space& s, int level, int d) {
  const tile_rule& rule = s.levels[level].tiles[d];
  tile_bounds b{rule.low, std::min(rule.high, s.bound[d]), false};
  if (rule.same_as_above == d && level > 0) {
    b.is_that_above = true;
  } else if (rule.same_as_above != no_dimension) {
    b.low = b.high = std::min(s.bound[rule.same_as_above], s.bound[d]);
  } else if (rule.at_most_tile_of != no_dimension && rule.at_most_tile_of != d) {
    b.high = std::min(b.high, s.bound[rule.at_most_tile_of]);
  }
  return b;
}

/// The orders of K, C, Y and X that go on as a level's fixed outermost loops begin.
order_choice orders_of(const level_rule& rule) {
  order_choice choice;
  std::vector<int> begins;
  for (int i = 0; i < rule.fixed_positions; ++i) {
    const dimension d = rule.order_prefix[static_cast<std::size_t>(i)];
    choice.prefix.push_back(d);
    if (index_of(d) < free_dims) begins.push_back(index_of(d));
  }
  choice.is_any = begins.empty();
  four_dims order{0, 1, 2, 3};
  do {
    if (std::equal(begins.begin(), begins.end(), order.begin())) choice.allowed.push_back(order);
  } while (std::ranges::next_permutation(order).found);
  return choice;
}

std::optional<std::string> level_obstacle(const search_space& s, int level) {
  const level_rule& rule = s.levels[level];
  if (rule.parallel & window_bits) return "R or S parallel";
  if (level > 0 && rule.cluster.at_most_tile_of != no_dimension) {
    return "cluster sizes bound to tiles";
  }
  for (int d = 0; d < free_dims; ++d) {
    if (!is_plain(rule.tiles[d], level, d)) return "tiles bound to those of other dimensions";
  }
  return std::nullopt;
}

/// What not even the floors hold for.
std::optional<std::string> space_obstacle(const search_space& s) {
  if (s.search_pes) return "accelerators whose PEs are searched";
  for (int level = 0; level < s.levels_max; ++level) {
    if (s.levels[level].second_parallel != no_second_parallel) {
      return "two parallel dimensions in a level";
    }
  }
  return std::nullopt;
}

detail::box_elements<double> elements_of_box(const closed_layer<double>& shape,
                                             const four_sizes& box) {
  double length[free_dims];
  for (int d = 0; d < free_dims; ++d) length[d] = box[at(d)];
  return detail::elements_of<double>(shape, length);
}

/// Elements that no step of a mapping that counts exceeds: those of the layer, or half of L2.
detail::box_elements<double> largest_step(const question& q) {
  detail::box_elements<double> e = elements_of_box(q.shape, q.size);
  if (q.machine.l2_size_elems == unlimited) return e;
  const double half = static_cast<double>(q.machine.l2_size_elems) / 2;
  return {std::min(e.input, half), std::min(e.filter, half), std::min(e.output, half)};
}

/// Whether no step of any mapping that counts waits for a NoC or for the memory off chip.
bool has_wide_noc(const question& q) {
  const accelerator& a = q.machine;
  const detail::box_elements<double> most = largest_step(q);
  const double least = std::min(a.noc_bw, a.offchip_bw);
  double ingress = most.input + most.filter;
  if (a.l2_size_elems != unlimited) {
    ingress = std::min(ingress, static_cast<double>(a.l2_size_elems) / 2);
  }
  return a.simd_lanes == 1 && q.start_cycles <= 1 && ingress <= least && most.output <= least;
}

/// A step lasts at least as long as its ingress, and as its egress. A NoC takes at least V /
/// bandwidth for V elements if its head takes a cycle, the memory off chip always.
double transfer_cycles_of(const question& q) {
  const tensor_counts touched = touched_elements(q.target);
  const double most = static_cast<double>(std::max(touched.input + touched.filter, touched.output));
  const double off_chip = most / q.machine.offchip_bw;
  return q.start_cycles >= 1 ? std::max(off_chip, most / q.machine.noc_bw) : off_chip;
}

void set_energy(question& q) {
  const cost_constants& k = q.machine.constants;
  const double macs = static_cast<double>(layer_macs(q.target));
  const tensor_counts touched = touched_elements(q.target);
  q.l1_weight = k.l1_energy_macs;
  q.l2_weight = k.l2_energy_macs;
  q.cluster_weight = k.cluster_energy_macs;
  q.fixed_energy = macs + q.l1_weight * 4 * macs +
                   q.l2_weight * static_cast<double>(touched.input + touched.filter) +
                   k.dram_energy_macs * static_cast<double>(touched.sum());
  // No stream moves more elements than there are MACs, and a hundred roundings are below 2e-14.
  const double most = macs * (2 * q.l1_weight + 4 * q.l2_weight + 6 * q.cluster_weight);
  q.rounding = std::max(1e-12, 2e-14 * (most / q.fixed_energy));
}

/// The parallel dimension of a level that gives a point its units with `available` sub-clusters;
/// `tiles`: that each dimension has.
int dimension_with_units(dimension_mask allowed,
                         int wanted,
                         std::int32_t units,
                         std::int32_t available,
                         const four_sizes& tiles) {
  for (int d = 0; d < free_dims; ++d) {
    if (!contains(allowed, d) || (wanted != nothing_parallel && wanted != d)) continue;
    if (std::min(available, tiles[static_cast<std::size_t>(d)]) == units) return d;
  }
  return nothing_parallel;
}

genome make_genome(const question& q, const point& p, int outer, int inner, std::int32_t cluster) {
  genome g;
  g.layer_index = q.layer_index;
  g.accelerator_index = q.accelerator_index;
  for (int level = 0; level < 2; ++level) {
    const auto l = static_cast<std::size_t>(level);
    for (int i = 0; i < free_dims; ++i) {
      set_tile(g, level, static_cast<dimension>(i), p.tile[l][at(i)]);
    }
    for (const dimension d : {dimension::R, dimension::S}) set_tile(g, level, d, q.target[d]);
    g.loops[l] = loops_of(q, l, p.order[l]);
  }
  set_parallel(g, 0, static_cast<dimension>(outer));
  set_parallel(g, 1, static_cast<dimension>(inner));
  set_cluster_size(g, 1, cluster);
  return g;
}

}  // namespace

std::uint32_t loops_of(const question& q, std::size_t level, const four_dims& outermost_first) {
  // R and S make one step each: they may stand anywhere.
  std::vector<dimension> order = q.orders[level].prefix;
  const auto append = [&](dimension d) {
    if (std::ranges::find(order, d) == order.end()) order.push_back(d);
  };
  for (const int d : outermost_first) append(static_cast<dimension>(d));
  append(dimension::R);
  append(dimension::S);
  genome g;
  for (int i = 0; i < gene_dimension_count; ++i) set_order(g, 0, i, order[at(i)]);
  return g.loops[0];
}

double question::work(double busy_product) const {
  const double macs = busy_product * shape.filter;
  const double lanes = static_cast<double>(machine.simd_lanes);
  // A product of parts of dimensions may come out a little above a whole number.
  return machine.simd_lanes == 1 ? macs : std::ceil(macs / lanes * (1 - 1e-12));
}

double question::cycles(double busy_product, double steps_product, const waited_for& w) const {
  // v elements take at least v / bandwidth - 1 cycles more than the head.
  const double bandwidth = static_cast<double>(machine.noc_bw);
  const double waits = std::max(std::ceil(w.first / bandwidth) - 1, 0.0) +
                       std::max(w.starts / bandwidth - steps_product, 0.0) + w.cycles;
  return std::max(work(busy_product) + start_cycles * (steps_product + 1) + waits, transfer_cycles);
}

double question::waited_for_box(const four_sizes& box) const {
  if (has_exact_cycles) return 0;
  const auto e = elements_of_box(shape, box);
  return e.input + e.filter;
}

double question::value(double energy, double cycles) const {
  if (!has_energy) return cycles;
  const double nj = energy * machine.constants.mac_energy_nj;
  return has_cycles ? nj * cycles : nj;
}

bool question::fits(const four_sizes& box, std::int64_t buffer) const {
  return buffer == unlimited || buffer_for(box) <= buffer;
}

std::int64_t question::buffer_for(const four_sizes& box) const {
  const auto e = elements_of_box(shape, box);
  return static_cast<std::int64_t>(2 * (e.input + e.filter + e.output));
}

std::optional<std::string> question_obstacle(const certify_problem& p) {
  constexpr std::array known{objective::latency, objective::energy, objective::edp};
  if (std::ranges::count(known, p.goal) == 0) {
    return fmt::format(
        "objective {}: under the exact cost model optima of latency, energy and EDP can be proved",
        name_of(p.goal));
  }
  if (const auto found = space_obstacle(p.space)) {
    return fmt::format("{}: no optima of such mappings can be proved under the exact cost model",
                       *found);
  }
  const cost_constants& k = p.machine.constants;
  if (k.l1_energy_macs < 0 || k.l2_energy_macs < 0 || k.cluster_energy_macs < 0 ||
      k.dram_energy_macs < 0) {
    return "an access with an energy below 0: optima can be proved of energies from 0";
  }
  return std::nullopt;
}

std::optional<std::string> search_obstacle(const search_space& s) {
  if (s.levels_min != 2 || s.levels_max != 2) return "other than two levels";
  if (s.factors_only) return "tiles that must divide one another";
  for (int level = 0; level < 2; ++level) {
    if (auto found = level_obstacle(s, level)) return found;
  }
  return std::nullopt;
}

question make_question(const certify_problem& p) {
  question q;
  q.target = p.space.target;
  q.machine = p.machine;
  q.machine.l1_size_elems = p.space.l1_size_elems;
  q.machine.l2_size_elems = p.space.l2_size_elems;
  q.goal = p.goal;
  q.layer_index = p.space.layer_index;
  q.accelerator_index = p.space.accelerator_index;
  q.shape = make_closed_layer<double>(q.target);
  for (int d = 0; d < free_dims; ++d) {
    const auto at = static_cast<std::size_t>(d);
    q.size[at] = p.space.bound[at];
  }
  for (std::size_t level = 0; level < 2; ++level) {
    q.parallel[level] = p.space.levels[level].parallel;
    q.orders[level] = orders_of(p.space.levels[level]);
    for (int d = 0; d < free_dims; ++d) {
      q.tiles[level][at(d)] = bounds_of(p.space, static_cast<int>(level), d);
    }
  }
  const cluster_rule& cluster = p.space.levels[1].cluster;
  q.least_cluster = cluster.low;
  q.largest_cluster = std::min(cluster.high, q.machine.num_pes);
  q.has_energy = q.goal != objective::latency;
  q.has_cycles = q.goal != objective::energy;
  q.start_cycles =
      static_cast<double>(std::int64_t{q.machine.noc_hops} * q.machine.noc_hop_latency);
  q.has_exact_cycles = has_wide_noc(q);
  if (!q.has_exact_cycles) q.transfer_cycles = std::ceil(transfer_cycles_of(q));
  if (q.has_energy) set_energy(q);
  return q;
}

std::optional<genome> genome_of(const question& q, const point& p) {
  std::array<four_sizes, 2> tiles{};
  for (std::size_t d = 0; d < free_dims; ++d) {
    tiles[0][d] = ceil_div(q.size[d], p.tile[0][d]);
    tiles[1][d] = ceil_div(p.tile[0][d], p.tile[1][d]);
  }
  for (std::int32_t cluster = q.least_cluster; cluster <= q.largest_cluster; ++cluster) {
    const std::int32_t above = q.machine.num_pes / cluster;
    const int outer =
        dimension_with_units(q.parallel[0], p.parallel[0], p.units[0], above, tiles[0]);
    const int inner =
        dimension_with_units(q.parallel[1], p.parallel[1], p.units[1], cluster, tiles[1]);
    if (outer == nothing_parallel || inner == nothing_parallel) continue;
    return make_genome(q, p, outer, inner, cluster);
  }
  return std::nullopt;
}

double price_of(const question& q, const genome& g) {
  const cost c = price(q.target, q.machine, to_mapping(g, q.target));
  if (c.status != 0) return std::numeric_limits<double>::infinity();
  return cugamma::value(q.goal, scored_mapping{c, q.machine, pes_of(g, q.machine)});
}

}  // namespace cugamma::exact
