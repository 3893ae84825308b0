#pragma once

#include <cxxopts.hpp>
#include <vector>

#include "cli/several/variants.hpp"

namespace cugamma::cli {

/// Runs a search for each combination of the varied options, prints what they come to as a table
/// (or as --format says), and with --out writes each into a folder of its own, the table as
/// summary.csv, a page that compares them and one that plots them. The exit status.
int run_several(const cxxopts::ParseResult& given, const std::vector<varied_option>& varied);

}  // namespace cugamma::cli
