#include "cugamma/models/timeloop/architecture.hpp"

#include <cmath>

namespace cugamma::timeloop {

fan_out fan_out_of(const architecture& a, int level) {
  const storage_level& own = a.levels[static_cast<std::size_t>(level)];
  if (level == 0) return {a.arithmetic.mesh_x / own.mesh_x, a.arithmetic.mesh_y / own.mesh_y};
  const storage_level& inner = a.levels[static_cast<std::size_t>(level - 1)];
  return {inner.mesh_x / own.mesh_x, inner.mesh_y / own.mesh_y};
}

std::optional<std::int64_t> usable_size(const storage_level& l) {
  if (!l.size_words) return {};
  return static_cast<std::int64_t>(
      std::floor(static_cast<double>(*l.size_words) / l.multiple_buffering));
}

}  // namespace cugamma::timeloop
