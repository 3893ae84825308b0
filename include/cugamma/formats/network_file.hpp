#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cugamma/problem/network.hpp"

namespace cugamma {

/// Reads a table of layers, one a row, by the names of its columns in any order:
///
/// - type, or T: CONV or 1; DSCONV or 2 (K is 1); TRCONV or 4 (costed as CONV); GEMM or 3; FC or 0.
/// - K, C, Y, X, R, S: Y and X are the padded input. With `type`, a GEMM's K, C and Y hold N, K and
///   M, an FC's Y holds the rows of a batch, and X = R = S = 1 for both.
/// - or M, N, K for a table of GEMMs alone; or O, I for a table of FCs alone.
/// - name, stride_y, stride_x, groups, count, where wanted.
///
/// Columns of GAMMA's own headers, K,C,Y,X,R,S,T and M,N,K,0,0,0,T and O,I,0,0,0,0,T, are taken by
/// position, as the type of each row asks for. Cells may be quoted. Lines that begin with # are
/// comments in front of the header; behind it, if they have no comma, or if a blank follows the #.
///
/// A row of `groups` > 1 gives K and C of the whole layer; it becomes the layer of one group (K and
/// C divided by groups), counted groups times. `file` is the name for messages and, without folder
/// and extension, that of the network. Throws input_error "file:line:column: found X, expected Y".
network parse_network_csv(std::string_view text, std::string_view file);

/// Reads a network from disk: a CSV table, or a MAESTRO file (ending in .m), of which only the
/// layers count. Batches and groups of those become the layer of one item, counted as often, and
/// TRCONV a CONV, which is how MAESTRO costs it. Throws input_error also if the file cannot be
/// read.
network read_network(const std::string& path);

/// The path of a network file by name: a path that exists, or NAME or NAME.csv in the folders of
/// models (environment variable CUGAMMA_MODELS_DIR, the source tree's models, the installed
/// share/cugamma/models). Throws input_error with the names of the known models.
std::string find_model(std::string_view name);

/// The names that find_model knows, sorted.
std::vector<std::string> model_names();

}  // namespace cugamma
