#include "cugamma/models/timeloop/constraints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace cugamma::timeloop {
namespace {

int count_of(const std::vector<dimension>& dimensions) {
  return static_cast<int>(dimensions.size());
}

std::optional<std::string> broken_factor(const loop_constraint& c,
                                         const problem& p,
                                         std::span<const std::int64_t> factors) {
  for (std::size_t d = 0; d < p.dimensions.size(); ++d) {
    const factor_range& range = c.factors[d];
    if (factors[d] >= range.low && factors[d] <= range.high) continue;
    const bool has_end = range.high != factor_range{}.high;
    return fmt::format("factor {}={}, constrained to {}",
                       p.dimensions[d].name,
                       factors[d],
                       range.low == range.high ? fmt::format("{}", range.low)
                       : has_end               ? fmt::format("{} to {}", range.low, range.high)
                                               : fmt::format("{} or more", range.low));
  }
  return {};
}

/// The dimensions of loops that exist, the innermost first.
std::vector<std::uint8_t> real_loops(std::span<const std::uint8_t> order,
                                     std::span<const std::int64_t> factors) {
  std::vector<std::uint8_t> loops;
  for (const std::uint8_t d : order) {
    if (factors[d] > 1) loops.push_back(d);
  }
  return loops;
}

bool keeps_order(const loop_constraint& c,
                 std::span<const std::uint8_t> order,
                 std::span<const std::int64_t> factors) {
  const auto loops = real_loops(order, factors);
  const auto inner = real_loops(c.innermost, factors);
  const auto outer = real_loops(c.outermost, factors);
  if (inner.size() + outer.size() > loops.size()) return false;
  return std::equal(inner.begin(), inner.end(), loops.begin()) &&
         std::equal(outer.rbegin(), outer.rend(), loops.rbegin());
}

/// Whether some place for the loops of bound 1 brings the X loops before the split and the Y loops
/// behind it.
bool keeps_split(int split, const loop_constraint& c, const level_loops& loops, int dimensions) {
  const int first_free = static_cast<int>(c.innermost.size());
  const int first_outer = dimensions - static_cast<int>(c.outermost.size());
  const auto place_of = [&](std::uint8_t d) -> std::optional<int> {
    const auto inner = std::ranges::find(c.innermost, d);
    if (inner != c.innermost.end()) return static_cast<int>(inner - c.innermost.begin());
    const auto outer = std::ranges::find(c.outermost, d);
    if (outer != c.outermost.end()) {
      return first_outer + static_cast<int>(outer - c.outermost.begin());
    }
    return {};
  };
  int free_x = std::clamp(split, first_free, first_outer) - first_free;
  int free_y = first_outer - first_free - free_x;
  for (int i = 0; i < dimensions; ++i) {
    const std::uint8_t d = loops.spatial_order[static_cast<std::size_t>(i)];
    if (loops.spatial[d] == 1) continue;
    const bool is_x = i < loops.split;
    if (const auto place = place_of(d)) {
      if ((*place < split) != is_x) return false;
    } else if (--(is_x ? free_x : free_y) < 0) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> broken_at(const level_constraint& c,
                                     const problem& p,
                                     const level_loops& loops) {
  const auto count = p.dimensions.size();
  const std::span spatial_order(loops.spatial_order.data(), count);
  if (const auto broken = broken_factor(c.temporal, p, loops.temporal)) {
    return "temporal " + *broken;
  }
  if (const auto broken = broken_factor(c.spatial, p, loops.spatial)) return "spatial " + *broken;
  if (!keeps_order(c.temporal, {loops.temporal_order.data(), count}, loops.temporal)) {
    return "the order of the temporal loops";
  }
  if (!keeps_order(c.spatial, spatial_order, loops.spatial)) {
    return "the order of the spatial loops";
  }
  if (c.split && !keeps_split(*c.split, c.spatial, loops, count_of(p.dimensions))) {
    return fmt::format("the split into X and Y loops, constrained to {}", *c.split);
  }
  for (std::size_t t = 0; t < p.tensors.size(); ++t) {
    const bool is_kept = (loops.keep >> t & 1) != 0;
    if (is_kept && (c.bypass >> t & 1) != 0) return p.tensors[t].name + " is not bypassed";
    if (!is_kept && (c.keep >> t & 1) != 0) return p.tensors[t].name + " is bypassed";
  }
  return {};
}

double parallelism(const architecture& a, const problem& p, const mapping& m) {
  double share = 1;
  for (std::size_t b = 0; b < m.levels.size(); ++b) {
    const fan_out f = fan_out_of(a, static_cast<int>(b));
    double used = 1;
    for (std::size_t d = 0; d < p.dimensions.size(); ++d) {
      used *= static_cast<double>(m.levels[b].spatial[d]);
    }
    share *= used / static_cast<double>(f.x * f.y);
  }
  return share;
}

}  // namespace

constraints no_constraints(const architecture& a, const problem& p) {
  constraints c;
  c.levels.resize(a.levels.size());
  c.levels.back().keep = static_cast<std::uint8_t>((1U << p.tensors.size()) - 1);
  return c;
}

std::optional<std::string> broken_constraint(const constraints& c,
                                             const architecture& a,
                                             const problem& p,
                                             const mapping& m) {
  for (std::size_t b = 0; b < c.levels.size(); ++b) {
    if (const auto broken = broken_at(c.levels[b], p, m.levels[b])) {
      return fmt::format("level {}: {}", a.levels[b].name, *broken);
    }
  }
  const double used = parallelism(a, p, m);
  if (used >= c.min_parallelism) return {};
  return fmt::format("utilization {:.6g} of the fan-out, constrained to at least {:.6g}",
                     used,
                     c.min_parallelism);
}

}  // namespace cugamma::timeloop
