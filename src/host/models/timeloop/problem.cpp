#include "cugamma/models/timeloop/problem.hpp"

namespace cugamma::timeloop {

std::int64_t macs(const problem& p) {
  std::int64_t product = 1;
  for (const dimension& d : p.dimensions) product *= d.size;
  return product;
}

}  // namespace cugamma::timeloop
