#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/mapping/mapping.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/layer.hpp"
#include "cugamma/problem/network.hpp"

namespace cugamma {

/// Where a file writes a cluster level: the lines, from 1, of its Cluster (of the Dataflow for the
/// top level) and of its directives.
struct level_lines {
  int begin = 0;
  std::vector<int> directives;
};

/// One Layer block of a MAESTRO file.
struct named_mapping {
  std::string name;  ///< several words are joined by '-'
  layer l;
  /// Its own directives or a copy of the previous layer's. Empty if there are none, or if they
  /// cannot be held: then `reasons` tells why.
  std::optional<mapping> m;
  std::vector<std::string> reasons;
  std::vector<std::string> warnings;
  int line = 0;                    ///< of the word Layer, from 1
  std::vector<level_lines> lines;  ///< of each level of `m`; empty: not known
  std::int32_t num_pes = 0;        ///< that it was searched for; 0: not known
};

/// A MAESTRO mapping file, or a model file: then no layer has a mapping.
struct mapping_file {
  std::string network;
  std::vector<named_mapping> layers;
  std::vector<std::string> warnings = {};  ///< what was left out; "file:line: what"
};

/// Reads MAESTRO's mapping language (DFSL_parser.hpp of commit 4eb08d1): Constant, Network, Layer,
/// Type, Stride, Dimensions, Dataflow, Sz(), Cluster, // comments. Constants and Sz() are resolved.
/// M, N, K of a GEMM are held as Y, K, C, in its directives too. Sizes may be given as Y' and X'.
/// An Accelerator block, and a Network's FPS, Probability and Dependency, are left out with a
/// warning. `file` is the name for messages. Throws input_error "file:line:column: found X,
/// expected Y".
mapping_file parse_mapping_file(std::string_view text, std::string_view file);

/// Whether a text is in MAESTRO's language: its first word is Network, Dataflow, Constant or
/// Accelerator.
bool is_mapping_text(std::string_view text);

/// Gives every layer of a network the one Dataflow of a text that has no Network. Sz() stands for
/// the sizes of the layer at hand. A layer whose type lacks a dimension of the Dataflow has no
/// mapping, and a reason. Throws input_error also if the text holds no Dataflow, or several.
mapping_file apply_dataflow(std::string_view text, std::string_view file, const network& layers);

/// Cuts every tile that is larger than the tile above it (at the top: than the layer) to that, with
/// a warning that names level, directive and line. A TemporalMap of R or S stays as it is: MAESTRO
/// refuses one that does not cover the whole filter.
void fit_tiles(named_mapping& given);

/// The rules that an illegal mapping breaks, as reasons() names them, each with the level, the
/// directive, the limit and the line that breaks it. precondition: `given` has a mapping
std::vector<std::string> illegal_places(const named_mapping& given,
                                        const accelerator& a,
                                        std::uint32_t status);

/// Reads a file from disk. Throws input_error also if it cannot be read.
mapping_file read_mapping_file(const std::string& path);

/// The text of a mapping file with one layer, which reads back as the same layer and mapping and
/// from which MAESTRO computes the same figures. Characters of the name that the language reserves
/// become '_'.
std::string write_mapping(std::string_view name, const layer& l, const mapping& m);

}  // namespace cugamma
