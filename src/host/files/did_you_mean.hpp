#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cugamma {

/// The names that a mistyped one may have meant, the nearest first, at most three: those with the
/// fewest letters added, left out, exchanged or swapped with their neighbour, or else those that
/// begin with it, where capitals, - and _ do not matter. None, if all are too far away.
std::vector<std::string> near_names(std::string_view typed, std::span<const std::string> names);

/// What a message of an unknown name goes on with: ", did you mean NAME?" where there is one that
/// is near, else `otherwise`.
std::string did_you_mean(std::string_view typed,
                         std::span<const std::string> names,
                         std::string_view otherwise);

}  // namespace cugamma
