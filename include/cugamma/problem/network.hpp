#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// A layer of a network, and how many times the network runs it.
struct network_layer {
  std::string name;
  layer l;
  std::int64_t count = 1;
};

struct network {
  std::string name;
  std::vector<network_layer> layers;
  /// What a reader took for something else than it says, or left out; "file:line: what".
  std::vector<std::string> warnings = {};
};

}  // namespace cugamma
