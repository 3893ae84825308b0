#pragma once

#include <string_view>

namespace cugamma {

/// Why mappings were not used, in words after their count: "that exceed L1" of "l1_size", of a
/// doubt its own; the key itself if it is not known.
std::string_view rejected_words(std::string_view key);

}  // namespace cugamma
