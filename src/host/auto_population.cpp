#include "cugamma/auto_population.hpp"

namespace cugamma {

std::int64_t auto_population(belief trust, bool runs_on_host) {
  if (trust != belief::strict) return 32;
  return runs_on_host ? 64 : 128;
}

}  // namespace cugamma
