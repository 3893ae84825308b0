#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "cugamma/error.hpp"
#include "formats/timeloop/factors.hpp"
#include "formats/timeloop/sections.hpp"
#include "formats/timeloop/table.hpp"

namespace cugamma::timeloop {
namespace {

/// The first place of each reason to reject a mapping; Timeloop's order decides among them.
class rejections {
 public:
  void add(rejection why, const yaml_place& at, std::string_view what) {
    if (first_ != rejection::none && first_ <= why) return;
    first_ = why;
    const YAML::Mark mark = at.node().Mark();
    reason_ =
        fmt::format("{}:{}:{}: {}: {}", at.file(), mark.line + 1, mark.column + 1, at.path(), what);
  }
  rejection first() const { return first_; }
  const std::string& reason() const { return reason_; }

 private:
  rejection first_ = rejection::none;
  std::string reason_;
};

/// Reads the directives of one mapping, one by one.
class mapping_reader {
 public:
  mapping_reader(const architecture& a, const problem& p) : a_(a), p_(p) {
    loops_.levels.assign(a.levels.size(), empty_loops());
  }

  void read(const yaml_place& at);
  given_mapping result(const yaml_place& at);

 private:
  void read_loops(table& t, int level, bool is_spatial);
  void read_tensors(table& t, level_loops& loops);

  const architecture& a_;
  const problem& p_;
  mapping loops_;
  rejections rejected_;
};

/// The dimensions in the order that a permutation gives, the others behind.
std::array<std::uint8_t, max_dimensions> order_from(const yaml_place& at,
                                                    const problem& p,
                                                    rejections& rejected) {
  std::vector<std::uint8_t> order;
  for (const char letter : word_at(at, "letters of the problem's dimensions")) {
    if (std::isspace(static_cast<unsigned char>(letter)) != 0) continue;
    const auto found = std::ranges::find(p.dimensions, letter, &dimension::name);
    if (found == p.dimensions.end()) {
      rejected.add(rejection::unknown_dimension,
                   at,
                   fmt::format("the problem has no dimension {}", letter));
      continue;
    }
    const auto d = static_cast<std::uint8_t>(found - p.dimensions.begin());
    if (std::ranges::find(order, d) != order.end()) at.refuse("each dimension at most once");
    order.push_back(d);
  }
  std::array<std::uint8_t, max_dimensions> all{};
  for (std::uint8_t d = 0; d < max_dimensions; ++d) {
    if (std::ranges::find(order, d) == order.end()) order.push_back(d);
  }
  std::ranges::copy(order, all.begin());
  return all;
}

std::array<std::int64_t, max_dimensions> factors_from(const yaml_place& at,
                                                      const problem& p,
                                                      rejections& rejected) {
  std::array<std::int64_t, max_dimensions> factors = empty_loops().temporal;
  std::vector<int> seen;
  for (const factor_text& f : split_factors(at)) {
    if (f.relation != factor_relation::equal) at.refuse("factors such as C=4; no bounds");
    const int d = dimension_of(f.name, p);
    if (d < 0) {
      rejected.add(rejection::unknown_dimension,
                   at,
                   fmt::format("the problem has no dimension {}", f.name));
      continue;
    }
    if (std::ranges::find(seen, d) != seen.end()) at.refuse("each dimension at most once");
    seen.push_back(d);
    const auto i = static_cast<std::size_t>(d);
    factors[i] = f.value == 0 ? p.dimensions[i].size : f.value;
    if (f.remainder && *f.remainder != factors[i]) {
      rejected.add(rejection::imperfect_not_supported,
                   at,
                   fmt::format("{}={},{}: the last part differs, which is not modelled",
                               f.name,
                               f.value,
                               *f.remainder));
    }
  }
  return factors;
}

void refuse_flags(table& t) {
  for (const std::string_view key : flags_not_modelled) {
    const auto list = t.find(key);
    if (list && (!list->node().IsSequence() || list->node().size() > 0)) {
      t.refuse(key, "is not modelled");
    }
  }
}

void mapping_reader::read_loops(table& t, int level, bool is_spatial) {
  const fan_out f = fan_out_of(a_, level);
  if (is_spatial && f.x * f.y == 1) {
    rejected_.add(rejection::spatial_without_fanout,
                  t.at(),
                  fmt::format("level {} has one instance of the next inner level, no fan-out",
                              a_.levels[static_cast<std::size_t>(level)].name));
  }
  level_loops& loops = loops_.levels[static_cast<std::size_t>(level)];
  const level_loops before = empty_loops();
  auto& factors = is_spatial ? loops.spatial : loops.temporal;
  auto& order = is_spatial ? loops.spatial_order : loops.temporal_order;
  factors = before.temporal;
  order = before.temporal_order;
  if (const auto at = t.find("factors")) factors = factors_from(*at, p_, rejected_);
  if (const auto at = t.find("permutation")) order = order_from(*at, p_, rejected_);
  if (!is_spatial) return;
  const auto split = t.whole({"split"}, 0);
  loops.split =
      static_cast<int>(std::min<std::int64_t>(split.value_or(max_dimensions), max_dimensions));
}

void mapping_reader::read_tensors(table& t, level_loops& loops) {
  std::uint8_t keep = 0;
  std::uint8_t bypass = 0;
  if (const auto at = t.find("keep")) keep = tensors_at(*at, p_);
  if (const auto at = t.find("bypass")) {
    bypass = tensors_at(*at, p_);
    if ((keep & bypass) != 0) at->refuse("tensors that keep does not name");
  }
  loops.keep = static_cast<std::uint8_t>((loops.keep | keep) & ~bypass);
}

void mapping_reader::read(const yaml_place& at) {
  table t(at, "a table of target, type, factors, permutation, split, keep, bypass");
  const yaml_place target = t.need("target");
  const std::string type = word_at(t.need("type"), "temporal, spatial, datatype, bypass");
  if (type == "skew") t.refuse("type", "skew is not modelled");
  const int level = level_at(target, a_);
  refuse_flags(t);
  if (type == "temporal" || type == "spatial") {
    read_loops(t, level, type == "spatial");
  } else if (type == "datatype" || type == "bypass" || type == "dataspace") {
    read_tensors(t, loops_.levels[static_cast<std::size_t>(level)]);
  } else {
    t.need("type").refuse("temporal, spatial, datatype, bypass, dataspace");
  }
  t.refuse_unused();
}

given_mapping mapping_reader::result(const yaml_place& at) {
  for (std::size_t d = 0; d < p_.dimensions.size(); ++d) {
    double product = 1;  // exact up to sizes of problems
    for (const level_loops& l : loops_.levels) {
      product *= static_cast<double>(l.temporal[d]) * static_cast<double>(l.spatial[d]);
    }
    if (product == static_cast<double>(p_.dimensions[d].size)) continue;
    rejected_.add(rejection::factor_product,
                  at,
                  fmt::format("the factors of {} multiply to {}, its size is {}",
                              p_.dimensions[d].name,
                              product,
                              p_.dimensions[d].size));
  }
  if (rejected_.first() == rejection::none) return {at.file(), loops_, rejection::none, ""};
  return {at.file(), {}, rejected_.first(), rejected_.reason()};
}

}  // namespace

int level_at(const yaml_place& at, const architecture& a) {
  const std::string word = word_at(at, "the name of a level");
  std::vector<std::string> names;
  for (const storage_level& l : a.levels) names.push_back(l.name);
  const auto found = std::ranges::find(names, word);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  const auto last = static_cast<std::int64_t>(names.size()) - 1;
  if (const auto number = at.as_whole_number(0, last)) return static_cast<int>(*number);
  at.refuse(
      fmt::format("{}, or a number from 0 (the innermost) to {}", fmt::join(names, ", "), last));
}

std::uint8_t tensors_at(const yaml_place& at, const problem& p) {
  std::vector<std::string> names;
  for (const tensor& t : p.tensors) names.push_back(t.name);
  const std::string expected = fmt::format("{}", fmt::join(names, ", "));
  std::uint8_t bits = 0;
  for (const std::string& word : words_at(at, expected)) {
    const auto found = std::ranges::find(names, word);
    if (found == names.end()) at.refuse(expected);
    bits = static_cast<std::uint8_t>(bits | 1U << (found - names.begin()));
  }
  return bits;
}

given_mapping read_mapping(const yaml_place& at, const architecture& a, const problem& p) {
  if (at.node().IsMap()) at.refuse("a list of directives");
  if (!at.node().IsSequence()) at.refuse("a list of directives {target, type, ...}");
  mapping_reader reader(a, p);
  for (const yaml_place& directive : at.elements()) reader.read(directive);
  return reader.result(at);
}

}  // namespace cugamma::timeloop
