#pragma once

#include "cugamma/mapping/random_mapping.hpp"
#include "numbers/random.hpp"

namespace cugamma {

/// Draws a mapping of a layer onto an accelerator; legal except for mapping_draw::illegal. Layer
/// and accelerator index are 0. precondition: has_genome_sizes(l)
genome draw_mapping(const layer& l, const accelerator& a, mapping_draw how, random_stream& random);

}  // namespace cugamma
