#pragma once

#include <string>
#include <vector>

#include "cugamma/problem/network.hpp"

namespace cugamma::cli {

/// The layers of a network that a list of numbers from 1 and names asks for, or all. Throws
/// input_error naming --layer.
std::vector<network_layer> chosen_layers(const network& net, const std::string& choices);

}  // namespace cugamma::cli
