#pragma once

#include <cxxopts.hpp>
#include <string>

#include "cugamma/search/network_search.hpp"

namespace cugamma::cli {

/// Adds --checkpoint, --checkpoint-every and --resume.
void add_checkpoint_options(cxxopts::OptionAdder& add);

/// What they ask for.
checkpoint_plan checkpoints_from(const cxxopts::ParseResult& given);

/// What was asked for: with --resume the options of the checkpoint, but for the folder that it was
/// kept in and files if there are new ones, then those given with it. Throws input_error for a
/// checkpoint of a cost model whose searches take other options.
cxxopts::ParseResult with_resumed_options(cxxopts::Options& options,
                                          const cxxopts::ParseResult& given);

/// Whether a search that was interrupted can go on from its last checkpoint; says on stderr why
/// not. problem: why that could not be written; empty: it was, or there is none.
bool can_go_on(bool was_interrupted, const std::string& problem);

}  // namespace cugamma::cli
