#include "cugamma/search/auto_population.hpp"

namespace cugamma {

std::int64_t auto_population(belief trust, bool runs_on_host) {
  return (trust == belief::strict ? 64 : 32) * (runs_on_host ? 1 : 2);
}

}  // namespace cugamma
