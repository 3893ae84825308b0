#pragma once

#include <cxxopts.hpp>

namespace cugamma::cli {

/// Adds --against and what only goes with it.
void add_against_options(cxxopts::Options& options);

/// Throws input_error for an option that has no effect with --against, or without it.
void refuse_idle_options(const cxxopts::ParseResult& given);

/// `cugamma validate --against`: prints how far another cost model's figures are from those of
/// --cost-model. Returns the exit status.
int run_against(const cxxopts::ParseResult& given);

}  // namespace cugamma::cli
