#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>

/// What certify's JSON tells of a layer or problem, whatever the cost model.
namespace cugamma {

inline std::set<std::string> keys_of(const nlohmann::json& entry) {
  std::set<std::string> keys;
  for (const auto& [key, value] : entry.items()) keys.insert(key);
  return keys;
}

inline const std::set<std::string> proof_keys{"layer",
                                              "objective",
                                              "optimum",
                                              "lower_bound",
                                              "upper_bound",
                                              "gap",
                                              "proven",
                                              "seconds",
                                              "subtrees",
                                              "opened",
                                              "mapping",
                                              "metrics"};

}  // namespace cugamma
