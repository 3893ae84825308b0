#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <type_traits>

#include "cugamma/hd.hpp"

namespace cugamma {

/// The loops of a layer. K output channels, C input channels, Y and X rows and columns of the
/// (padded) input, R and S rows and columns of the filter, N batch, G groups. GEMM (M x K) * (K x
/// N) is held as K = N, C = K, Y = M, with every other dimension 1.
enum class dimension : std::uint8_t { K, C, Y, X, R, S, N, G };

inline constexpr int dimension_count = 8;
/// Dimensions that a genome has genes for: K, C, Y, X, R, S.
inline constexpr int gene_dimension_count = 6;

CUGAMMA_HD constexpr int index_of(dimension d) { return static_cast<int>(d); }

/// Operator types of MAESTRO's mapping files. A fully connected layer is a conv with 1 x 1 output.
enum class layer_type : std::uint8_t { conv, dsconv, gemm, ngconv, trconv };

/// One operator. Sizes in elements; a dimension that the type does not have is 1 (dsconv: K = 1).
struct layer {
  std::array<std::int32_t, dimension_count> size{1, 1, 1, 1, 1, 1, 1, 1};
  std::int32_t stride_y = 1;
  std::int32_t stride_x = 1;
  layer_type type = layer_type::conv;
  /// Which of N and G the source named: MAESTRO's tensors depend on it. Bit 0: N, bit 1: G.
  std::uint8_t named_batch_group = 0;
  std::uint16_t reserved = 0;

  CUGAMMA_HD constexpr std::int32_t operator[](dimension d) const { return size[index_of(d)]; }
  CUGAMMA_HD constexpr std::int32_t& operator[](dimension d) { return size[index_of(d)]; }
  friend constexpr bool operator==(const layer&, const layer&) = default;
};
static_assert(std::is_trivially_copyable_v<layer> && sizeof(layer) == 44);

/// Throws input_error naming the first size that no layer has: below 1; a filter larger than the
/// input; other than 1 in a dimension that the type does not have; counts of 2^53 or more.
void check(const layer& l);

/// Rows (Y) or columns (X) of the output; every other dimension is returned as it is.
CUGAMMA_HD constexpr std::int32_t output_size(const layer& l, dimension d) {
  if (d == dimension::Y) return (l[d] - l[dimension::R]) / l.stride_y + 1;
  if (d == dimension::X) return (l[d] - l[dimension::S]) / l.stride_x + 1;
  return l[d];
}

/// Multiply-accumulates that the layer needs: the product of K, C, Y', X', R, S, N, G.
CUGAMMA_HD constexpr std::int64_t layer_macs(const layer& l) {
  std::int64_t macs = 1;
  for (int d = 0; d < dimension_count; ++d) macs *= output_size(l, static_cast<dimension>(d));
  return macs;
}

/// The layer that a search maps in place of a strided one: stride 1, the same outputs and MACs, and
/// the smallest input that yields them (so input traffic is a lower bound). Unstrided layers come
/// back unchanged.
CUGAMMA_HD constexpr layer unit_stride(layer l) {
  l[dimension::Y] = output_size(l, dimension::Y) + l[dimension::R] - 1;
  l[dimension::X] = output_size(l, dimension::X) + l[dimension::S] - 1;
  l.stride_y = l.stride_x = 1;
  return l;
}

/// Elements of the three tensors of a layer.
CUGAMMA_HD constexpr std::int64_t input_elems(const layer& l) {
  using enum dimension;
  return std::int64_t{1} * l[N] * l[G] * l[C] * l[Y] * l[X];
}
CUGAMMA_HD constexpr std::int64_t filter_elems(const layer& l) {
  using enum dimension;
  return std::int64_t{1} * l[G] * l[K] * l[C] * l[R] * l[S];
}
CUGAMMA_HD constexpr std::int64_t output_elems(const layer& l) {
  using enum dimension;
  const std::int64_t channels = l.type == layer_type::dsconv ? l[C] : l[K];
  return channels * l[N] * l[G] * output_size(l, Y) * output_size(l, X);
}

}  // namespace cugamma
