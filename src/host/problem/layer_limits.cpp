#include "problem/layer_limits.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace cugamma {
namespace {

using enum dimension;

double product(const layer& l, bool of_outputs, std::initializer_list<dimension> dimensions) {
  double result = 1;
  for (const dimension d : dimensions) {
    result *= std::max(1, of_outputs ? output_size(l, d) : l[d]);
  }
  return result;
}

}  // namespace

std::optional<std::string> uncountable(const layer& l) {
  constexpr double most = 9007199254740992;
  const std::pair<const char*, double> counts[] = {
      {"MACs", product(l, true, {K, C, Y, X, R, S, N, G})},
      {"elements of input", product(l, false, {N, G, C, Y, X})},
      {"elements of filter", product(l, false, {G, K, C, R, S})}};
  for (const auto& [what, count] : counts) {
    if (count >= most) return fmt::format("{:.3g} {}, fewer than 2^53 can be counted", count, what);
  }
  return std::nullopt;
}

}  // namespace cugamma
