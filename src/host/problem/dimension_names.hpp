#pragma once

#include <optional>
#include <string_view>

#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// A dimension as a file names it.
struct written_dimension {
  dimension dim;
  bool output = false;  ///< Y' or X'
};

/// The dimension that a name means in a layer of this type, if any: M, N, K of a GEMM are Y, K, C.
std::optional<written_dimension> dimension_of(layer_type type, std::string_view name);

/// The inverse of dimension_of; for a dimension that the type lacks a convolution's name.
std::string_view dimension_name(layer_type type, written_dimension d);

/// The names allowed in a layer of this type, for messages.
std::string_view dimension_list(layer_type type);

/// "CONV", "DSCONV", "GEMM", "NGCONV" or "TRCONV".
std::string_view type_name_of(layer_type type);

}  // namespace cugamma
