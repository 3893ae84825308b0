#pragma once

#include <optional>
#include <string>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/mapping/mapping.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// The genome whose to_mapping is this mapping, if there is one: no batch or group, one to three
/// levels, each a permutation of the layer's dimensions in output-centric form (Y', X')
/// with offset = size, one or two of them spatial. Its layer and accelerator index are 0. Otherwise
/// nothing, and `reason`, if given, tells what no genome can say.
std::optional<genome> to_genome(const layer& l, const mapping& m, std::string* reason = nullptr);

}  // namespace cugamma
