#pragma once

#include <cxxopts.hpp>
#include <string>
#include <vector>

#include "cugamma/problem/accelerator.hpp"

namespace cugamma::cli {

/// Adds the options that describe the accelerator, in our spelling and in GAMMA's. base: what it is
/// without them.
void add_accelerator_options(cxxopts::Options& options,
                             const accelerator& base = usual_accelerator());

/// The accelerator of a command line: `base`, then what the file of --accelerator names, then the
/// single options. -1 is an unlimited size or bandwidth. Throws input_error for a value out of
/// range. may_search_pes: --num-pes search is no mistake, and leaves the PEs as they are. warnings:
/// takes what the file says and no accelerator has.
accelerator accelerator_from(const cxxopts::ParseResult& given,
                             const accelerator& base = usual_accelerator(),
                             bool may_search_pes = false,
                             std::vector<std::string>* warnings = nullptr);

/// The same with another name or file than that of --accelerator; empty: none.
accelerator accelerator_named(const cxxopts::ParseResult& given,
                              const std::string& name,
                              const accelerator& base = usual_accelerator());

/// Whether --num-pes search was given.
bool searches_pes(const cxxopts::ParseResult& given);

/// One line for people.
std::string describe(const accelerator& a);

}  // namespace cugamma::cli
