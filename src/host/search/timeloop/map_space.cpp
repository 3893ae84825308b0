#include "search/timeloop/map_space.hpp"

#include "cugamma/models/timeloop/mapping.hpp"

namespace cugamma::timeloop {

namespace {

std::uint8_t all_tensors(const problem& p) {
  return static_cast<std::uint8_t>((1u << p.tensors.size()) - 1);
}

level_rules rules_of(const architecture& a, const problem& p, int level, bool explores_bypass) {
  level_rules rules;
  rules.usable_words = usable_size(a.levels[level]).value_or(rules.usable_words);
  const fan_out fan = fan_out_of(a, level);
  rules.columns = fan.x;
  rules.rows = fan.y;
  rules.may_keep = all_tensors(p);
  const bool is_outermost = level + 1 == static_cast<int>(a.levels.size());
  rules.keep = explores_bypass && !is_outermost ? 0 : rules.may_keep;
  return rules;
}

}  // namespace

map_space make_map_space(const architecture& a, const problem& p, bool explores_bypass) {
  map_space space;
  space.shape = make_genome_shape(a, p);
  space.work = p;
  for (int level = 0; level < space.shape.num_levels; ++level) {
    space.levels[level] = rules_of(a, p, level, explores_bypass);
  }
  for (place_rules& rules : space.places) {
    rules.least.fill(1);
    rules.most.fill(std::numeric_limits<std::int64_t>::max());
  }
  for (std::size_t t = 0; t < p.tensors.size(); ++t) {
    for (const axis& of_tensor : p.tensors[t].axes) {
      for (const axis_term& term : of_tensor) space.tensors_of[term.dimension] |= 1u << t;
    }
  }
  return space;
}

}  // namespace cugamma::timeloop
