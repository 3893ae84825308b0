#pragma once

#include <tbb/global_control.h>

#include <cstddef>
#include <optional>

namespace cugamma {

/// While it lives, at most so many threads work at once; 0: as many as there are cores.
class thread_limit {
 public:
  explicit thread_limit(int threads) {
    if (threads > 0) control_.emplace(kind::max_allowed_parallelism, std::size_t(threads));
  }

 private:
  using kind = tbb::global_control;
  std::optional<tbb::global_control> control_;
};

/// Threads that may work at once now.
inline std::size_t allowed_threads() {
  using control = tbb::global_control;
  return control::active_value(control::max_allowed_parallelism);
}

}  // namespace cugamma
