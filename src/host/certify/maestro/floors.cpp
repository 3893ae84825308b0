#include <algorithm>
#include <cmath>

#include "certify/busiest_pe.hpp"
#include "certify/maestro/facts.hpp"
#include "problem/noc_delay.hpp"

namespace cugamma::maestro_proof {
namespace {

/// The dimension that a level spreads where a rule names one: a layer without K spreads C.
int spread_dim(const facts& f, int d) {
  return d == K && !core::has(f.layer.tensors.present, K) ? int{C} : d;
}

/// Rows (columns) that a window adds to a tile.
number halo_of(const facts& f, int d) { return d < free_dims ? f.layer.halo[d] : 0; }

/// Whether a lost tile and a window too many can make up for each other in the count of the MACs of
/// the outermost level: whole rounds of tiles as long as the halo, then one of them and a rest.
bool may_lose_time(number size, number halo, number sub_clusters) {
  const number last_round = size % (sub_clusters * halo);
  return last_round > halo && last_round < 2 * halo && size > sub_clusters * halo;
}

/// A1 of docs/certify.md.
ratio speed_of(const facts& f, int level, int d, number sub_clusters) {
  const number halo = halo_of(f, d);
  const bool is_innermost = level + 1 == f.problem.space.levels_max;
  if (is_innermost || halo == 0 || sub_clusters < 2 || sub_clusters > halo) {
    return {sub_clusters, 1};
  }
  if (level == 0 && !may_lose_time(f.outputs(d), halo, sub_clusters)) return {sub_clusters, 1};
  return {(sub_clusters + 1) * halo + 1, halo + 1};
}

bool is_parallel_twice(const search_space& space) {
  return std::ranges::any_of(
      std::span(space.levels).first(static_cast<std::size_t>(space.levels_max)),
      [](const level_rule& r) { return r.second_parallel != no_second_parallel; });
}

number floor_of_cycles(const facts& f) {
  const search_space& space = f.problem.space;
  const auto lanes = static_cast<double>(f.problem.machine.simd_lanes);
  const auto macs = static_cast<double>(f.totals.macs);
  const double fastest = std::ceil(macs / (static_cast<double>(space.pes_max) * lanes));
  if (is_parallel_twice(space)) return static_cast<number>(fastest);
  const auto speed = [&](int level, int d, std::int64_t n) {
    return speed_of(f, level, spread_dim(f, d), n);
  };
  search_space spread = space;
  for (level_rule& rule : spread.levels) {
    if (spread_dim(f, K) != K && contains(rule.parallel, K)) rule.parallel |= mask_of(dimension::C);
  }
  const double work = std::ceil(least_macs_of_busiest_pe(spread, speed) / lanes);
  const number starts = noc_delay(f.problem.machine) * space.levels_min;
  return static_cast<number>(std::max(fastest, work + static_cast<double>(starts)));
}

}  // namespace

double floor_of(const certify_problem& problem) {
  facts f;
  f.problem = problem;
  f.layer = core::make_two_level_layer(core::make_layer_facts<number>(problem.space.target));
  f.totals = totals_of(problem.space.target);
  return value_of(
      f,
      {floor_of_cycles(f), f.totals.input_elems, f.totals.filter_elems, f.totals.output_elems});
}

}  // namespace cugamma::maestro_proof
