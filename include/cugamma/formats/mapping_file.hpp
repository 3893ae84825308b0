#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/mapping/mapping.hpp"
#include "cugamma/problem/layer.hpp"

namespace cugamma {

/// One Layer block of a MAESTRO file.
struct named_mapping {
  std::string name;  ///< several words are joined by '-'
  layer l;
  /// Its own directives or a copy of the previous layer's. Empty if there are none, or if they
  /// cannot be held: then `reasons` tells why.
  std::optional<mapping> m;
  std::vector<std::string> reasons;
  std::vector<std::string> warnings;
  int line = 0;              ///< of the word Layer, from 1
  std::int32_t num_pes = 0;  ///< that it was searched for; 0: not known
};

/// A MAESTRO mapping file, or a model file: then no layer has a mapping.
struct mapping_file {
  std::string network;
  std::vector<named_mapping> layers;
};

/// Reads MAESTRO's mapping language (DFSL_parser.hpp of commit 4eb08d1): Constant, Network, Layer,
/// Type, Stride, Dimensions, Dataflow, Sz(), Cluster, // comments; an Accelerator block is skipped.
/// Constants and Sz() are resolved. M, N, K of a GEMM are held as Y, K, C, in its directives too.
/// Sizes may be given as Y' and X'. `file` is the name for messages. Throws input_error
/// "file:line:column: found X, expected Y".
mapping_file parse_mapping_file(std::string_view text, std::string_view file);

/// Reads a file from disk. Throws input_error also if it cannot be read.
mapping_file read_mapping_file(const std::string& path);

/// The text of a mapping file with one layer, which reads back as the same layer and mapping and
/// from which MAESTRO computes the same figures. Characters of the name that the language reserves
/// become '_'.
std::string write_mapping(std::string_view name, const layer& l, const mapping& m);

}  // namespace cugamma
