#pragma once

#include <array>
#include <cxxopts.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/search/network_search.hpp"

namespace cugamma::cli {

/// What a command line asks `cugamma search` to do.
struct search_request {
  network_search_request network;   ///< complete
  std::string out;                  ///< folder for result files, empty: none
  std::vector<std::string> inputs;  ///< the files that it is read from
  std::string format;
  int log_level = 1;
  bool is_verbose = false;            ///< print everything of every layer
  std::vector<std::string> warnings;  ///< of the files that were read
};

/// The options that were given, in their order, as "--name=value".
std::vector<std::string> arguments_of(const cxxopts::ParseResult& given);

/// What --format may be, where a command says nothing else.
inline constexpr std::array<std::string_view, 2> result_formats{"table", "json"};

/// Throws input_error naming the option for a value that cannot be used.
search_request read_search_request(const cxxopts::ParseResult& given,
                                   std::span<const std::string_view> formats = result_formats);

}  // namespace cugamma::cli
