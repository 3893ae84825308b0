#include "certify/maestro/winner.hpp"

#include <fmt/format.h>

#include <limits>
#include <stdexcept>

#include "cugamma/models/cost_model.hpp"
#include "models/maestro/maestro_model.hpp"

namespace cugamma::maestro_proof {
namespace {

/// An order of the inner level that its rule allows.
void set_inner_order(genome& g, const level_rule& rule) {
  unsigned named = 0;
  int position = 0;
  for (; position < rule.fixed_positions; ++position) {
    const dimension d = rule.order_prefix[static_cast<std::size_t>(position)];
    set_order(g, 1, position, d);
    named |= 1u << index_of(d);
  }
  for (int d = 0; d < gene_dimension_count; ++d) {
    if ((named >> d & 1u) == 0) set_order(g, 1, position++, static_cast<dimension>(d));
  }
}

genome genome_of(const facts& f, const winner& w) {
  const search_space& space = f.problem.space;
  genome g;
  set_level_count(g, 2);
  g.layer_index = space.layer_index;
  g.accelerator_index = space.accelerator_index;
  for (int d = 0; d < gene_dimension_count; ++d) {
    const auto dim = static_cast<dimension>(d);
    const bool is_free = d < free_dims;
    const std::int32_t whole = space.bound[static_cast<std::size_t>(d)];
    set_tile(g, 0, dim, is_free ? static_cast<std::int32_t>(w.outer_tile[d]) : whole);
    set_tile(g, 1, dim, is_free ? static_cast<std::int32_t>(w.inner_tile[d]) : whole);
    set_order(g, 0, d, w.order.dimensions[static_cast<std::size_t>(d)]);
  }
  set_inner_order(g, space.levels[1]);
  set_parallel(g, 0, static_cast<dimension>(w.outer_parallel));
  set_parallel(g, 1, static_cast<dimension>(w.inner_parallel));
  set_cluster_size(g, 1, static_cast<std::int32_t>(w.cluster_size));
  return g;
}

}  // namespace

double offer_winner(const facts& f, const winner& w, const movement& counted, proof& p) {
  const genome g = genome_of(f, w);
  const layer& l = f.problem.space.target;
  const accelerator& a = f.problem.machine;
  const cost c = maestro_model.price(l, a, to_mapping(g, l));
  const double value = cugamma::value(f.problem.goal, scored_mapping{c, a, a.num_pes});
  const bool counts = c.status == 0;
  if (f.is_wide && (!counts || value != value_of(f, counted))) {
    throw std::logic_error(fmt::format(
        "certify: the closed form finds {} for a mapping that the cost model gives {} (status {})",
        value_of(f, counted),
        value,
        c.status));
  }
  if (!counts) return std::numeric_limits<double>::infinity();
  p.offer(g, value);
  return value;
}

}  // namespace cugamma::maestro_proof
