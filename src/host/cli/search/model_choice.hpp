#pragma once

#include <cxxopts.hpp>

#include "cugamma/search/network_search.hpp"

namespace cugamma::cli {

/// Parses the arguments of a search. Options in GAMMA's spelling ask for GAMMA's cost model:
/// without a --cost-model they stand for --cost-model maestro. argv[0]: the command. is_told: says
/// on stderr which options are given more than once. Unless --help is asked for, throws input_error
/// for words that are no options and for empty values.
cxxopts::ParseResult parse_search_arguments(cxxopts::Options& options,
                                            int argc,
                                            char** argv,
                                            bool is_told = true);

/// Warns on stderr if a search believes figures of a cost model that can be doubted.
void warn_of_belief(const network_search_request& request);

}  // namespace cugamma::cli
