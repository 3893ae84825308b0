#pragma once

#include <cxxopts.hpp>

#include "cugamma/models/cost_model.hpp"

namespace cugamma::cli {

/// Adds --cost-model.
void add_cost_model_option(cxxopts::Options& options,
                           std::string_view otherwise = default_cost_model);

/// The model that --cost-model names. Throws input_error with the known names for another one.
const cost_model& cost_model_from(const cxxopts::ParseResult& given);

}  // namespace cugamma::cli
