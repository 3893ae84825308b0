#pragma once

#include <cxxopts.hpp>

#include "cugamma/search/network_search.hpp"

namespace cugamma::cli {

/// Parses the arguments of a search. Options in GAMMA's spelling ask for GAMMA's cost model:
/// without a --cost-model they stand for --cost-model maestro. argv[0]: the command. Throws
/// input_error for words that are no options.
cxxopts::ParseResult parse_search_arguments(cxxopts::Options& options, int argc, char** argv);

/// Warns on stderr if a search believes figures of a cost model that can be doubted.
void warn_of_belief(const network_search_request& request);

}  // namespace cugamma::cli
