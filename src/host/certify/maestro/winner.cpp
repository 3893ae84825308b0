#include "certify/maestro/winner.hpp"

#include <fmt/format.h>

#include <limits>
#include <stdexcept>

#include "cugamma/models/cost_model.hpp"
#include "models/maestro/maestro_model.hpp"

namespace cugamma::maestro_proof {
namespace {

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
    set_order(g, 1, d, w.inner_order.dimensions[static_cast<std::size_t>(d)]);
  }
  set_parallel(g, 0, static_cast<dimension>(w.outer_parallel));
  set_parallel(g, 1, static_cast<dimension>(w.inner_parallel));
  set_cluster_size(g, 1, static_cast<std::int32_t>(w.cluster_size));
  return g;
}

}  // namespace

double offer_winner(const facts& f,
                    const winner& w,
                    const movement& counted,
                    bool is_exact,
                    proof& p) {
  const genome g = genome_of(f, w);
  const layer& l = f.problem.space.target;
  const accelerator& a = f.problem.machine;
  const cost c = maestro_model.price(l, a, to_mapping(g, l));
  const double value = cugamma::value(f.problem.goal, scored_mapping{c, a, a.num_pes});
  const bool counts = c.status == 0;
  if (is_exact && (!counts || value != value_of(f, counted))) {
    throw std::logic_error(fmt::format(
        "certify: the proof finds {} for a mapping that the cost model gives {} (status {})",
        value_of(f, counted),
        value,
        c.status));
  }
  if (!counts) return std::numeric_limits<double>::infinity();
  p.offer(g, value);
  return value;
}

}  // namespace cugamma::maestro_proof
