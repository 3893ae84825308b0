#include "search/timeloop/map_space.hpp"

#include <algorithm>

#include "cugamma/models/timeloop/mapping.hpp"

namespace cugamma::timeloop {

namespace {

std::uint8_t all_tensors(const problem& p) {
  return static_cast<std::uint8_t>((1u << p.tensors.size()) - 1);
}

level_rules rules_of(const architecture& a,
                     const problem& p,
                     const level_constraint& c,
                     int level,
                     bool explores_bypass) {
  const auto& store = a.levels[static_cast<std::size_t>(level)];
  level_rules rules;
  rules.usable_words = usable_size(store).value_or(rules.usable_words);
  const fan_out fan = fan_out_of(a, level);
  rules.columns = fan.x;
  rules.rows = fan.y;
  rules.may_keep = static_cast<std::uint8_t>(all_tensors(p) & ~c.bypass);
  rules.keep = explores_bypass ? c.keep : rules.may_keep;
  return rules;
}

place_rules rules_of(const level_constraint& c, bool is_spatial, const problem& p) {
  const loop_constraint& loops = is_spatial ? c.spatial : c.temporal;
  place_rules rules;
  rules.least.fill(1);
  rules.most.fill(std::numeric_limits<std::int64_t>::max());
  for (std::size_t d = 0; d < p.dimensions.size(); ++d) {
    rules.least[d] = loops.factors[d].low;
    rules.most[d] = loops.factors[d].high;
  }
  rules.innermost = loops.innermost;
  rules.outermost = loops.outermost;
  if (is_spatial) rules.split = c.split;
  return rules;
}

}  // namespace

map_space make_map_space(const architecture& a,
                         const problem& p,
                         const constraints& c,
                         bool explores_bypass) {
  map_space space;
  space.shape = make_genome_shape(a, p);
  space.work = p;
  space.min_parallelism = c.min_parallelism;
  for (std::size_t level = 0; level < a.levels.size(); ++level) {
    space.levels[level] = rules_of(a, p, c.levels[level], static_cast<int>(level), explores_bypass);
  }
  for (int at = 0; at < space.shape.num_places; ++at) {
    const place& where = space.shape.places[static_cast<std::size_t>(at)];
    const level_constraint& of_level = c.levels[static_cast<std::size_t>(where.level)];
    space.places[static_cast<std::size_t>(at)] = rules_of(of_level, where.is_spatial, p);
  }
  for (std::size_t t = 0; t < p.tensors.size(); ++t) {
    for (const axis& of_tensor : p.tensors[t].axes) {
      for (const axis_term& term : of_tensor) {
        space.tensors_of[static_cast<std::size_t>(term.dimension)] |= 1u << t;
      }
    }
  }
  return space;
}

}  // namespace cugamma::timeloop
