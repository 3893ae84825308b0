#pragma once

#include <cxxopts.hpp>
#include <string>

#include "cugamma/accelerator.hpp"

namespace cugamma::cli {

/// Adds the options that describe the machine, in our spelling and in GAMMA's.
void add_accelerator_options(cxxopts::Options& options);

/// The machine of a command line: `base`, then what the file of --hw names, then the single
/// options. -1 is an unlimited size or bandwidth. Throws input_error for a value out of range.
accelerator accelerator_from(const cxxopts::ParseResult& given, const accelerator& base = {});

/// One line for people.
std::string describe(const accelerator& a);

}  // namespace cugamma::cli
