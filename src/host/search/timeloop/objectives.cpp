#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "cugamma/error.hpp"
#include "cugamma/search/timeloop_search.hpp"

namespace cugamma::timeloop {

namespace {

constexpr std::string_view accesses_prefix = "accesses-";

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

[[noreturn]] void refuse(std::string_view found, int levels) {
  throw input_error(
      fmt::format("objectives: found \"{}\", expected edp, latency (delay), energy, utilization, "
                  "last_level_accesses, or accesses-0 to accesses-{}",
                  found,
                  levels - 1));
}

objective parse_objective(std::string_view given, int levels) {
  const std::string name = in_lower_case(given);
  if (name == "edp") return {figure::edp};
  if (name == "latency" || name == "delay" || name == "cycles") return {figure::latency};
  if (name == "energy") return {figure::energy};
  if (name == "utilization") return {figure::utilization};
  if (name == "last_level_accesses") return {figure::accesses, levels - 1};
  if (!name.starts_with(accesses_prefix)) refuse(given, levels);
  int level = -1;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + accesses_prefix.size(), end, level);
  if (error != std::errc() || stop != end || level < 0 || level >= levels) refuse(given, levels);
  return {figure::accesses, level};
}

objective objective_of(const mapper_metric& m, int levels) {
  using enum metric;
  switch (m.what) {
    case edp:
      return {figure::edp};
    case energy:
      return {figure::energy};
    case delay:
      return {figure::latency};
    case last_level_accesses:
      return {figure::accesses, levels - 1};
    case accesses:
      return {figure::accesses, m.level};
  }
  return {};
}

}  // namespace

void set_from(const mapper_settings& m, const architecture& a, search_options& o) {
  o.objectives.clear();
  for (const mapper_metric& wanted : m.metrics) {
    if (o.objectives.size() == max_objectives) break;
    o.objectives.push_back(objective_of(wanted, static_cast<int>(a.levels.size())));
  }
  if (m.search_size > 0) o.evaluations = m.search_size;
}

std::vector<objective> parse_objectives(std::string_view list, const architecture& a) {
  std::vector<objective> objectives;
  while (true) {
    const std::size_t comma = list.find(',');
    objectives.push_back(parse_objective(list.substr(0, comma), static_cast<int>(a.levels.size())));
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  if (objectives.size() > max_objectives) {
    throw input_error(fmt::format("objectives: found {}, expected at most {}",
                                  objectives.size(),
                                  max_objectives));
  }
  return objectives;
}

std::string name_of(const objective& o) {
  switch (o.what) {
    case figure::edp:
      return "edp";
    case figure::latency:
      return "latency";
    case figure::energy:
      return "energy";
    case figure::utilization:
      return "utilization";
    case figure::accesses:
      return fmt::format("accesses-{}", o.level);
  }
  return "";
}

std::string_view unit_of(const objective& o) {
  switch (o.what) {
    case figure::edp:
      return "pJ x cycles";
    case figure::energy:
      return "pJ";
    case figure::latency:
    case figure::utilization:
      return "cycles";
    case figure::accesses:
      return "words";
  }
  return "";
}

std::vector<objective_limit> parse_limits(std::string_view list, const architecture& a) {
  std::vector<objective_limit> limits;
  while (true) {
    const std::string_view one = list.substr(0, list.find(','));
    const std::size_t equals = one.find('=');
    double bound = 0;
    const char* const end = one.data() + one.size();
    const char* const begin = equals == std::string_view::npos ? end : one.data() + equals + 1;
    const auto [stop, error] = std::from_chars(begin, end, bound);
    if (error != std::errc() || stop != end || !(bound > 0) || !std::isfinite(bound)) {
      throw input_error(
          fmt::format("limits: found \"{}\", expected OBJECTIVE=NUMBER above 0", one));
    }
    limits.push_back(
        {parse_objective(one.substr(0, equals), static_cast<int>(a.levels.size())), bound});
    if (one.size() == list.size()) return limits;
    list.remove_prefix(one.size() + 1);
  }
}

}  // namespace cugamma::timeloop
