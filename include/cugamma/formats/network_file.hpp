#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cugamma/problem/network.hpp"

namespace cugamma {

/// Reads a table of layers, one a row; lines that begin with # are comments. Two headers:
///
/// - name,type,K,C,Y,X,R,S,stride_y,stride_x,groups,count (type, K, C, Y, X, R, S required, any
///   order). Y and X are the padded input. type: CONV, DSCONV (K is 1), GEMM (K, C, Y hold N, K, M;
///   X = R = S = 1), FC (Y holds rows of a batch; X = R = S = 1).
/// - K,C,Y,X,R,S,T or M,N,K,..,T or O,I,..,T, as GAMMA's model files: T 0 FC (O, I), 1 CONV, 2
/// DSCONV,
///   3 GEMM (M, N, K).
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
