#pragma once

#include <string>

#include "formats/page/result_node.hpp"

namespace cugamma::report {

/// The memories from off chip to the PEs: what a layer's best mapping holds in each, against its
/// size, and what moves between them; below them the array of PEs with those that work. Empty where
/// the mapping cannot be drawn.
std::string draw_hierarchy(const result_node& root, const result_node& layer);

}  // namespace cugamma::report
