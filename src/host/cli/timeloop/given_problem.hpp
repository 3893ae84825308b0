#pragma once

#include <cxxopts.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/formats/timeloop_files.hpp"

namespace cugamma::cli {

/// What the files of a command hold; prints their warnings. Throws input_error without an
/// architecture or a problem.
timeloop::file_contents read_given_problem(const cxxopts::ParseResult& given,
                                           std::string_view command);

/// Those of --backends, else all that can run; says on stderr which cannot.
std::vector<std::string> back_ends_asked_for(const cxxopts::ParseResult& given);

}  // namespace cugamma::cli
