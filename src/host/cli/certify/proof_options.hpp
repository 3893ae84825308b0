#pragma once

#include <cxxopts.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cugamma/certify/certify.hpp"
#include "cugamma/certify/machines.hpp"

namespace cugamma::cli {

/// Adds --prove.
void add_prove_option(cxxopts::Options& options);

/// Adds --gap to a group of options.
void add_gap_option(cxxopts::Options& options, const std::string& group = "Proof");

/// How far a command line asks optima to be proved. Throws input_error.
certify_options certify_options_from(const cxxopts::ParseResult& given);

/// Says on stderr what is proved of a layer, or of the accelerator, in a unit: when one begins and
/// ends, and now and then between. For one thread at a time.
using bounds_teller = std::function<void(const std::string& of, double lower, double upper)>;
bounds_teller make_bounds_teller(int log_level, std::string_view unit);

/// Proves the optima of what a search found, with a line on stderr now and then.
std::vector<certified_layer> prove_optima(const network_search_result& found,
                                          const certify_options& options,
                                          int log_level);

/// 0 if all layers are proven to the gap that was asked for, 3 if it is proved of one that it has
/// no mapping, else 4.
int exit_code_of(const std::vector<certified_layer>& layers);

/// The same for the best machine.
certified_machine prove_machine(const network_search_request& request,
                                const certify_options& options,
                                int log_level);
int exit_code_of(const certified_machine& found);

}  // namespace cugamma::cli
