#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/compare/contest.hpp"

namespace cugamma::cli {

/// What a contest was about, as its output says it.
struct contest_heading {
  std::string model;      ///< of the network or problem
  std::string objective;  ///< its name
  std::string unit;       ///< of what searches minimise
  /// The figure that people read for a value that searches minimise.
  std::function<double(double)> figure;
  int seeds = 0;
  std::int64_t evaluations = 0;
  double seconds = 0;  ///< 0: no contest at equal time
};

/// What --format may be.
inline constexpr std::array<std::string_view, 3> contest_formats{"table", "json", "csv"};

/// precondition: the format is one of them
std::string contest_text(const contest_heading& h,
                         const std::vector<contestant>& all,
                         std::string_view format);
std::string contest_json(const contest_heading& h, const std::vector<contestant>& all);

}  // namespace cugamma::cli
