#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "formats/page/sections.hpp"

namespace cugamma::report {

/// Layers of one shape, which have one mapping: the first of them, and how often the network runs
/// all of them.
struct shape {
  result_node layer;
  double count = 0;
  std::vector<std::string> names;   ///< of all of them
  std::vector<std::size_t> places;  ///< of all of them among the layers of the result
};

std::vector<shape> shapes_of(const run& r);

/// What layers of one shape have in common: type, sizes and mapping, all but the name. Empty for a
/// layer without a mapping.
std::string key_of_shape(const result_node& layer);

/// The names of a shape's layers but the first, "also a, b", as HTML.
std::string also_text(const std::vector<std::string>& names);

/// The place of a layer on the page, as links name it.
std::string anchor_of(const run& r, const result_node& layer);

/// A table of the shapes, each with a link to its layer: cycles, energy, EDP, the share of the MACs
/// that the PEs could do, how far from the bound and from the optimum, what is in doubt.
std::string shapes_table(const run& r);

/// MACs a cycle over MACs an element that moves between L2 and the memory, with what PEs and memory
/// allow; empty if no layer says so.
std::string roofline_card(const run& r);

}  // namespace cugamma::report
