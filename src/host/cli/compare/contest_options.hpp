#pragma once

#include <cxxopts.hpp>
#include <initializer_list>
#include <string>

namespace cugamma::cli {

/// Adds the options of a contest to a group "Compare": --algorithms, of which `algorithms` says
/// what there are, --seeds, --seconds, --prove and --gap. proved: "layer" or "problem"
void add_contest_options(cxxopts::Options& options,
                         const std::string& algorithms,
                         const std::string& proved);

/// How many searches an algorithm holds, and for how long at equal time.
struct contest_size {
  int seeds = 10;
  double seconds = 0;  ///< 0: no contest at equal time
};

/// Throws input_error naming the option for a value that cannot be used.
contest_size contest_size_from(const cxxopts::ParseResult& given);

/// Throws input_error for options that are for search alone, and for those that need --prove where
/// it is missing.
void refuse_search_options(const cxxopts::ParseResult& given,
                           std::initializer_list<const char*> of_search);

}  // namespace cugamma::cli
