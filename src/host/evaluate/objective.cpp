#include "cugamma/evaluate/objective.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>

#include "cugamma/error.hpp"
#include "files/did_you_mean.hpp"

namespace cugamma {
namespace {

constexpr std::array<std::string_view, objective_count> names{"latency",
                                                              "energy",
                                                              "power",
                                                              "EDP",
                                                              "area",
                                                              "LAP",
                                                              "LALP",
                                                              "EAP",
                                                              "throughput",
                                                              "l1_size",
                                                              "l2_size",
                                                              "L-PE",
                                                              "L-PE-L2",
                                                              "PE",
                                                              "maestro-energy",
                                                              "maestro-EDP",
                                                              "budget-area"};

constexpr std::array<std::string_view, objective_count> units{"cycles",
                                                              "nJ",
                                                              "mW",
                                                              "nJ x cycles",
                                                              "um2",
                                                              "um2 x cycles",
                                                              "um2 x cycles2",
                                                              "um2 x nJ",
                                                              "MACs/cycle",
                                                              "elements",
                                                              "elements",
                                                              "cycles x PEs",
                                                              "cycles x PEs x elements",
                                                              "PEs",
                                                              "nJ",
                                                              "nJ x cycles",
                                                              "um2"};

std::string folded(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ' ') continue;
    out += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

objective parse_objective(std::string_view text) {
  const std::string wanted = folded(text);
  const auto found = std::find_if(names.begin(), names.end(), [&](std::string_view name) {
    return folded(name) == wanted;
  });
  if (found == names.end()) {
    const std::vector<std::string> known(names.begin(), names.end());
    throw input_error(
        fmt::format("objective '{}' is not known{}",
                    text,
                    did_you_mean(text, known, fmt::format(": one of {}", fmt::join(names, ", ")))));
  }
  return static_cast<objective>(found - names.begin());
}

objective_limit parse_limit(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string number(equals == std::string_view::npos ? "" : text.substr(equals + 1));
  char* end = nullptr;
  const double bound = std::strtod(number.c_str(), &end);
  if (number.empty() || *end != '\0' || !(bound > 0) || !std::isfinite(bound)) {
    throw input_error(
        fmt::format("limit: found \"{}\", expected NAME=NUMBER, the number above 0", text));
  }
  return {parse_objective(text.substr(0, equals)), bound};
}

}  // namespace

std::string_view name_of(objective o) { return names[static_cast<std::size_t>(o)]; }

std::string_view unit_of(objective o) { return units[static_cast<std::size_t>(o)]; }

std::vector<objective> parse_objectives(std::string_view list) {
  std::vector<objective> out;
  while (true) {
    const std::size_t comma = list.find(',');
    out.push_back(parse_objective(list.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  if (out.size() > max_objectives) {
    throw input_error(fmt::format("{} objectives, at most {}", out.size(), max_objectives));
  }
  return out;
}

std::vector<objective_limit> parse_limits(std::string_view list) {
  std::vector<objective_limit> out;
  while (true) {
    const std::size_t comma = list.find(',');
    out.push_back(parse_limit(list.substr(0, comma)));
    if (comma == std::string_view::npos) return out;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace cugamma
