#pragma once

#include <cxxopts.hpp>
#include <string>
#include <string_view>

namespace cugamma::cli {

/// The options of `cugamma search`, in our spelling and in GAMMA's.
cxxopts::Options make_search_options();

/// The help of the command itself.
std::string search_help(const cxxopts::Options& options);

/// The help of a command that takes the options of a search: its name, what it is about, the group
/// of its own options (empty: it has none), lines to begin with.
std::string own_help(const cxxopts::Options& options,
                     std::string_view command,
                     std::string_view about,
                     std::string_view group,
                     std::string_view examples);

}  // namespace cugamma::cli
