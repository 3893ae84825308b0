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
  int line = 0;
  directive_kind kind = directive_kind::temporal;
  size_expression size;
  size_expression offset;
  token name;  ///< dimension, or the word Cluster
};

/// A Dataflow block: its directives, and the word itself.
struct dataflow_syntax {
  token at;
  std::vector<directive_syntax> directives;
};

/// A Layer block as it is written, nothing resolved but constants.
struct layer_syntax {
  std::string name;
  token at;
  token type;
  std::vector<dimension_size> strides;
  std::vector<dimension_size> dimensions;
  dataflow_syntax dataflow;
};

/// Something that was read over.
struct left_out_syntax {
  token at;
  std::string text;
};

struct file_syntax {
  std::string network;
  std::vector<layer_syntax> layers;
  std::vector<dataflow_syntax> dataflows;  ///< that stand in no layer
  std::vector<left_out_syntax> left_out;
};

/// Parses the grammar. Tokens point into the source's text. Throws input_error.
file_syntax parse_syntax(tokenizer& source);

}  // namespace cugamma
