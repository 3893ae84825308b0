#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "cugamma/hd.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// The dimensions that index a tensor, in MAESTRO's order (API_user-interface-v2.hpp,
/// ConfigConvTensors); where two of them are spatial in a level, the later one decides.
struct tensor {
  std::array<dimension, dimension_count> dims{};
  std::int32_t dim_count = 0;

  CUGAMMA_HD constexpr bool is_coupled(dimension d) const {
    for (int i = 0; i < dim_count; ++i) {
      if (dims[i] == d) return true;
    }
    return false;
  }
};
static_assert(std::is_trivially_copyable_v<tensor>);

/// The three tensors of a layer. The output is indexed by Y and X as if by the input; windowed says
/// that its own rows and columns are Y - R + 1 and X - S + 1.
struct tensor_set {
  tensor input;
  tensor filter;
  tensor output;
  bool windowed = true;
};

namespace detail {

CUGAMMA_HD constexpr void couple(tensor& t, dimension d) { t.dims[t.dim_count++] = d; }

template <typename... Dimensions>
CUGAMMA_HD constexpr void couple(tensor& t, dimension first, Dimensions... rest) {
  couple(t, first);
  couple(t, rest...);
}

}  // namespace detail

/// The tensors of a layer's type. N counts only where the layer names it, G only for ngconv, as in
/// MAESTRO, whose ngconv output depends on C too. trconv is analysed as conv: MAESTRO drops the
/// inner stride that would tell them apart (DFA_layer.hpp, LayerDimension).
CUGAMMA_HD constexpr tensor_set tensors_of(const layer& l) {
  using enum dimension;
  tensor_set t;
  if (l.type == layer_type::gemm) {
    detail::couple(t.input, Y, C);
    detail::couple(t.filter, C, K);
    detail::couple(t.output, Y, K);
    t.windowed = false;
    return t;
  }
  const bool depthwise = l.type == layer_type::dsconv;
  const bool grouped = l.type == layer_type::ngconv;
  if ((l.named_batch_group & 1) != 0) {
    detail::couple(t.input, N);
    detail::couple(t.output, N);
  }
  if (grouped) {
    detail::couple(t.input, G);
    detail::couple(t.filter, G);
    detail::couple(t.output, G);
  }
  if (!depthwise) {
    detail::couple(t.filter, K);
    detail::couple(t.output, K);
  }
  if (depthwise || grouped) detail::couple(t.output, C);
  detail::couple(t.input, C, Y, X);
  detail::couple(t.filter, C, R, S);
  detail::couple(t.output, Y, X);
  return t;
}

/// Elements of a tensor of the layer in input coordinates: the product of its dimensions.
CUGAMMA_HD constexpr std::int64_t elems(const tensor& t, const layer& l) {
  std::int64_t product = 1;
  for (int i = 0; i < t.dim_count; ++i) product *= l[t.dims[i]];
  return product;
}

/// Elements of the output as MAESTRO reads it into L2: unit-stride windows whatever the stride.
CUGAMMA_HD constexpr std::int64_t unit_stride_output_elems(const tensor_set& t, const layer& l) {
  std::int64_t product = 1;
  for (int i = 0; i < t.output.dim_count; ++i) {
    const dimension d = t.output.dims[i];
    std::int64_t size = l[d];
    if (t.windowed && d == dimension::Y) size += 1 - l[dimension::R];
    if (t.windowed && d == dimension::X) size += 1 - l[dimension::S];
    product *= size;
  }
  return product;
}

}  // namespace cugamma
