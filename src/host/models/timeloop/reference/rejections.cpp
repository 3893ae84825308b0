#include "models/timeloop/reference/rejections.hpp"

#include <algorithm>

namespace cugamma::timeloop::reference {
namespace {

/// Whether the factors of a dimension multiply to its size.
bool is_complete(const mapping& m, std::size_t d, std::int64_t size) {
  std::int64_t left = size;
  for (const level_loops& l : m.levels) {
    for (const std::int64_t factor : {l.spatial[d], l.temporal[d]}) {
      if (factor < 1 || left % factor != 0) return false;
      left /= factor;
    }
  }
  return left == 1;
}

verdict check_level(const storage_level& l,
                    const nest& n,
                    int level,
                    const std::vector<tensor_counts>& counts) {
  std::int64_t words = 0;
  for (const tensor_counts& c : counts) words += c.levels[static_cast<std::size_t>(level)].tile;
  if (const auto size = usable_size(l)) {
    if (words > *size) return {rejection::capacity, level};
    const double least = static_cast<double>(*size) * l.min_utilization;
    if (static_cast<double>(words) < least) return {rejection::min_utilization, level};
  }
  if (n.instances(level) > l.instances) return {rejection::instances, level};
  if (n.instances_x(level) > l.mesh_x) return {rejection::mesh_x, level};
  if (n.instances_y(level) > l.mesh_y) return {rejection::mesh_y, level};
  return {};
}

}  // namespace

verdict check_mapping(const architecture& a, const problem& p, const mapping& m) {
  for (std::size_t b = 0; b < m.levels.size(); ++b) {
    const fan_out fan = fan_out_of(a, static_cast<int>(b));
    const auto is_above_1 = [](std::int64_t factor) { return factor > 1; };
    if (fan.x * fan.y == 1 && std::ranges::any_of(m.levels[b].spatial, is_above_1)) {
      return {rejection::spatial_without_fanout};
    }
  }
  for (std::size_t d = 0; d < p.dimensions.size(); ++d) {
    if (!is_complete(m, d, p.dimensions[d].size)) return {rejection::factor_product};
  }
  for (std::size_t t = 0; t < p.tensors.size(); ++t) {
    const auto keeps = [t](const level_loops& l) { return (l.keep >> t & 1) != 0; };
    if (std::ranges::none_of(m.levels, keeps)) return {rejection::tensor_kept_nowhere};
  }
  return {};
}

verdict check_fit(const architecture& a, const nest& n, const std::vector<tensor_counts>& counts) {
  const auto breaks = [](const tensor_counts& c) { return c.breaks_down; };
  if (std::ranges::any_of(counts, breaks)) return {rejection::breakdown};
  const arithmetic_units& u = a.arithmetic;
  if (n.instances(-1) > u.instances) return {rejection::mac_instances};
  if (n.instances_x(-1) > u.mesh_x) return {rejection::mac_mesh_x};
  if (n.instances_y(-1) > u.mesh_y) return {rejection::mac_mesh_y};
  for (std::size_t b = 0; b < a.levels.size(); ++b) {
    const verdict v = check_level(a.levels[b], n, static_cast<int>(b), counts);
    if (v.why != rejection::none) return v;
  }
  return {};
}

}  // namespace cugamma::timeloop::reference
