#include "problem/layer_limits.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "cugamma/error.hpp"
#include "problem/dimension_names.hpp"

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

void expect_one(const layer& l, std::initializer_list<dimension> dimensions) {
  for (const dimension d : dimensions) {
    if (l[d] == 1) continue;
    throw input_error(fmt::format("{} has {} = {}, expected 1",
                                  type_name_of(l.type),
                                  "KCYXRSNG"[index_of(d)],
                                  l[d]));
  }
}

}  // namespace

void check(const layer& l) {
  for (int d = 0; d < dimension_count; ++d) {
    if (l.size[d] >= 1) continue;
    throw input_error(fmt::format("found {} = {}, expected 1 or more", "KCYXRSNG"[d], l.size[d]));
  }
  if (l.stride_y < 1 || l.stride_x < 1) throw input_error("a stride is 1 or more");
  if (l[R] > l[Y] || l[S] > l[X]) {
    throw input_error("the filter is larger than the input");
  }
  if (l.type == layer_type::dsconv) expect_one(l, {K});
  if (l.type == layer_type::gemm) {
    expect_one(l, {X, R, S, N, G});
    if (l.stride_y != 1 || l.stride_x != 1) throw input_error("a GEMM has no stride");
  }
  if (const auto excess = uncountable(l)) {
    throw input_error(fmt::format("has {}", *excess));
  }
}

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
