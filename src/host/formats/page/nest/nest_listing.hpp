#pragma once

#include <cstdint>
#include <string>

#include "formats/page/nest/mapping_levels.hpp"

namespace cugamma::report {

/// The loops of a mapping (text of best.m), level by level, each inside the one above it, parallel
/// dimensions marked. `num_pes` 0: unknown. A text that cannot be read is shown as it is.
std::string draw_loop_nest(const result_node& mapping_text, std::int64_t num_pes);

}  // namespace cugamma::report
