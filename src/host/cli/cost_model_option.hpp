#pragma once

#include <cxxopts.hpp>
#include <span>
#include <string>

#include "cugamma/models/cost_model.hpp"

namespace cugamma::cli {

/// Adds --cost-model to a group of options.
void add_cost_model_option(cxxopts::Options& options,
                           std::string_view otherwise = default_cost_model,
                           const std::string& group = "");

/// What --cost-model names in a command line that is not parsed yet, since a model may decide which
/// options there are, or in the checkpoint that --resume goes on from; empty: neither names one.
std::string cost_model_name(std::span<const std::string> words);

/// The model that --cost-model names. Throws input_error with the known names for another one.
const cost_model& cost_model_from(const cxxopts::ParseResult& given);

}  // namespace cugamma::cli
