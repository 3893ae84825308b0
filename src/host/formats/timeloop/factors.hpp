#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/models/timeloop/problem.hpp"
#include "files/parse_yaml.hpp"

namespace cugamma::timeloop {

/// Keys of loops in mappings and constraints that Timeloop has and this model has not.
inline constexpr std::array<std::string_view, 6> flags_not_modelled{"no_reuse",
                                                                    "no_temporal_reuse",
                                                                    "no_multicast_no_reduction",
                                                                    "no_link_transfer",
                                                                    "no_coalesce",
                                                                    "rmw_first_update"};

enum class factor_relation : std::uint8_t { equal, at_most, at_least };

/// One of the factors in a text such as "R=3 C<=8 P4".
struct factor_text {
  std::string name;
  factor_relation relation = factor_relation::equal;
  std::int64_t value = 0;
  std::optional<std::int64_t> remainder;  ///< of X=4,3
};

/// The factors of a text. Refuses what is none.
std::vector<factor_text> split_factors(const yaml_place& at);

/// The number of the dimension of that name; -1: the problem has none.
int dimension_of(const std::string& name, const problem& p);

}  // namespace cugamma::timeloop
