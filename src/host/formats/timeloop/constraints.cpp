#include "cugamma/models/timeloop/constraints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "formats/timeloop/factors.hpp"
#include "formats/timeloop/sections.hpp"
#include "formats/timeloop/table.hpp"

namespace cugamma::timeloop {
namespace {

constexpr const char* again = "each constraint of a level once, over all files";

/// Reads the constraints of one list, one by one.
class constraint_reader {
 public:
  constraint_reader(const architecture& a,
                    const problem& p,
                    std::string_view absent,
                    constraints& c,
                    std::vector<std::string>& warnings)
      : a_(a), p_(p), absent_(absent), c_(c), warnings_(warnings) {}

  void read_target(const yaml_place& at);

 private:
  void read_one(table& t, const yaml_place& target);
  void read_loops(table& t, table& attributes, int level, bool is_spatial);
  void read_factors(table& t, loop_constraint& loops);
  void read_bound(const factor_text& f, const yaml_place& at, loop_constraint& loops);
  void read_order(const yaml_place& at, loop_constraint& loops);
  int absent_before(int split, const yaml_place& order) const;
  void read_tensors(table& t, int level);
  void read_utilization(table& t, const yaml_place& target, int level);

  const architecture& a_;
  const problem& p_;
  std::string_view absent_;
  constraints& c_;
  std::vector<std::string>& warnings_;
};

void constraint_reader::read_bound(const factor_text& f,
                                   const yaml_place& at,
                                   loop_constraint& loops) {
  const int d = dimension_of(f.name, p_);
  if (d < 0 && f.name.size() == 1 && absent_.find(f.name) != std::string_view::npos) return;
  if (d < 0) at.refuse("dimensions of the problem");
  if (f.remainder) at.refuse("factors without a remainder: they are not modelled");
  factor_range& range = loops.factors[static_cast<std::size_t>(d)];
  const std::int64_t size = p_.dimensions[static_cast<std::size_t>(d)].size;
  const factor_range free;
  if (f.relation == factor_relation::equal) {
    if (f.value > size) {
      warnings_.push_back(fmt::format("{}:{}: {}={} exceeds the dimension's size {}, no effect",
                                      at.file(),
                                      at.line(),
                                      f.name,
                                      f.value,
                                      size));
      return;
    }
    if (range != free) at.refuse(again);
    range.low = range.high = f.value == 0 ? size : f.value;
    return;
  }
  if (f.value == 0) at.refuse("bounds of at least 1");
  const bool is_high = f.relation == factor_relation::at_most;
  std::int64_t& bound = is_high ? range.high : range.low;
  if (bound != (is_high ? free.high : free.low)) at.refuse(again);
  bound = f.value;
  if (range.low > range.high) at.refuse("bounds that leave a factor");
}

void constraint_reader::read_factors(table& t, loop_constraint& loops) {
  if (const auto at = t.find("factors")) {
    for (const factor_text& f : split_factors(*at)) read_bound(f, *at, loops);
  }
  const factor_range free;
  const auto most = t.whole({"default_max_factor"}, 1);
  const auto least = t.whole({"default_min_factor"}, 1);
  for (std::size_t d = 0; d < p_.dimensions.size(); ++d) {
    factor_range& range = loops.factors[d];
    if (range.low == range.high) continue;
    if (most && range.high == free.high) range.high = std::max(*most, range.low);
    if (least && range.low == free.low) range.low = std::min(*least, range.high);
  }
}

void constraint_reader::read_order(const yaml_place& at, loop_constraint& loops) {
  if (!loops.innermost.empty() || !loops.outermost.empty()) at.refuse(again);
  const std::string text = word_at(at, "letters of the problem's dimensions");
  bool is_outer = false;
  for (const char letter : text.substr(0, text.find('#'))) {
    if (std::isspace(static_cast<unsigned char>(letter)) != 0) continue;
    if (letter == '_') {
      is_outer = true;
      continue;
    }
    const auto found = std::ranges::find(p_.dimensions, letter, &dimension::name);
    if (found == p_.dimensions.end()) {
      if (absent_.find(letter) != std::string_view::npos) continue;
      at.refuse("dimensions of the problem");
    }
    const auto d = static_cast<std::uint8_t>(found - p_.dimensions.begin());
    for (const auto* side : {&loops.innermost, &loops.outermost}) {
      if (std::ranges::find(*side, d) != side->end()) at.refuse("each dimension at most once");
    }
    (is_outer ? loops.outermost : loops.innermost).push_back(d);
  }
}

/// How many of the first letters of an order, up to the split, stand for dimensions that the
/// problem lacks.
int constraint_reader::absent_before(int split, const yaml_place& order) const {
  int count = 0;
  for (const char letter : order.node().Scalar()) {
    if (letter == '_' || split == 0) break;
    if (std::isspace(static_cast<unsigned char>(letter)) != 0) continue;
    --split;
    if (absent_.find(letter) != std::string_view::npos) ++count;
  }
  return count;
}

void constraint_reader::read_loops(table& t, table& attributes, int level, bool is_spatial) {
  const fan_out f = fan_out_of(a_, level);
  if (is_spatial && f.x * f.y == 1) {
    t.need("type").refuse("temporal at a level without fan-out");
  }
  level_constraint& own = c_.levels[static_cast<std::size_t>(level)];
  loop_constraint& loops = is_spatial ? own.spatial : own.temporal;
  read_factors(attributes, loops);
  if (const auto at = attributes.find("permutation")) read_order(*at, loops);
  if (!is_spatial) return;
  const auto split = t.find("split") ? t.whole({"split"}, 0) : attributes.whole({"split"}, 0);
  if (!split) return;
  if (own.split) (t.find("split") ? t : attributes).find("split")->refuse(again);
  own.split = static_cast<int>(std::min<std::int64_t>(*split, max_dimensions));
  if (const auto at = attributes.find("permutation")) *own.split -= absent_before(*own.split, *at);
}

void constraint_reader::read_tensors(table& t, int level) {
  level_constraint& own = c_.levels[static_cast<std::size_t>(level)];
  const bool is_outermost = level + 1 == static_cast<int>(a_.levels.size());
  const auto set = [&](std::string_view key, std::uint8_t& bits, std::uint8_t& others) {
    const auto at = t.find(key);
    if (!at) return;
    const std::uint8_t named = tensors_at(*at, p_);
    if (!is_outermost && ((bits | others) & named) != 0) at->refuse(again);
    bits = static_cast<std::uint8_t>(bits | named);
    others = static_cast<std::uint8_t>(others & ~named);
  };
  set("keep", own.keep, own.bypass);
  set("bypass", own.bypass, own.keep);
}

void constraint_reader::read_utilization(table& t, const yaml_place& target, int level) {
  if (level != 0) target.refuse("the innermost level, " + a_.levels.front().name);
  const yaml_place at = t.need("min");
  if (c_.min_parallelism != 0) at.refuse(again);
  c_.min_parallelism = number_at(at);
  if (c_.min_parallelism > 1) at.refuse("a share from 0 to 1");
}

void constraint_reader::read_one(table& t, const yaml_place& target) {
  const yaml_place type_at = t.need("type");
  const std::string type = word_at(type_at, "the type of a constraint");
  const int level = level_at(target, a_);
  std::optional<table> inner;
  if (const auto at = t.find("attributes")) inner.emplace(*at, "a table of attributes");
  table& attributes = inner ? *inner : t;
  for (const std::string_view key : flags_not_modelled) {
    t.refuse(key, "is not modelled");
    attributes.refuse(key, "is not modelled");
  }
  if (type == "temporal" || type == "spatial") {
    read_loops(t, attributes, level, type == "spatial");
  } else if (type == "datatype" || type == "bypass" || type == "bypassing" || type == "dataspace") {
    read_tensors(attributes, level);
  } else if (type == "utilization" || type == "parallelism") {
    read_utilization(attributes, target, level);
  } else if (type == "skew" || type == "max_overbooked_proportion") {
    t.refuse("type", type + " is not modelled");
  } else {
    type_at.refuse("temporal, spatial, datatype, bypass, utilization");
  }
  attributes.refuse_unused();
  t.refuse_unused();
}

void constraint_reader::read_target(const yaml_place& at) {
  table t(at, "a table of target, type, ...");
  const auto target = t.find({"target", "name"});
  if (!target) t.need("target");
  const auto list = t.find("constraints");
  if (!list) {
    read_one(t, *target);
    return;
  }
  if (!list->node().IsSequence()) list->refuse("a list of constraints");
  for (const yaml_place& element : list->elements()) {
    table one(element, "a table of type, ...");
    read_one(one, *target);
  }
  t.refuse_unused();
}

/// The list itself: it stands under the key, or under a key of its table.
std::optional<yaml_place> list_of(const yaml_place& at) {
  if (at.node().IsNull()) return {};
  if (at.node().IsSequence()) return at;
  table t(at, "a list of constraints {target, type, ...}");
  t.find("version");
  if (t.word("template").value_or("uber") != "uber") {
    t.refuse("template", "only uber is modelled, without imperfect factors");
  }
  const auto list = t.find({"constraints", "targets"});
  t.refuse_unused();
  if (list && list->node().IsScalar()) list->refuse("a list of constraints; names are not read");
  return list;
}

}  // namespace

void add_constraints(const yaml_place& at,
                     const architecture& a,
                     const problem& p,
                     std::string_view absent,
                     constraints& c,
                     std::vector<std::string>& warnings) {
  const auto list = list_of(at);
  if (!list || list->node().IsNull()) return;
  if (!list->node().IsSequence()) list->refuse("a list of constraints {target, type, ...}");
  constraint_reader reader(a, p, absent, c, warnings);
  for (const yaml_place& element : list->elements()) reader.read_target(element);
}

}  // namespace cugamma::timeloop
