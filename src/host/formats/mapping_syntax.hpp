#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/mapping/mapping.hpp"
#include "formats/tokenizer.hpp"

namespace cugamma {

/// A number as a directive writes it: its value, or the dimension that Sz() names.
struct size_expression {
  std::int32_t value = 0;
  token size_of;  ///< empty unless written as Sz(dimension)
};

struct dimension_size {
  token name;
  std::int32_t size = 1;
};

struct directive_syntax {
  bool is_cluster = false;
  directive_kind kind = directive_kind::temporal;
  size_expression size;
  size_expression offset;
  token name;  ///< dimension, or the word Cluster
};

/// A Layer block as it is written, nothing resolved but constants.
struct layer_syntax {
  std::string name;
  token at;
  token type;
  std::vector<dimension_size> strides;
  std::vector<dimension_size> dimensions;
  std::vector<directive_syntax> directives;
};

struct file_syntax {
  std::string network;
  std::vector<layer_syntax> layers;
};

/// Parses the grammar. Tokens point into the source's text. Throws input_error.
file_syntax parse_syntax(tokenizer& source);

}  // namespace cugamma
