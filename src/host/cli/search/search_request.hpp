#pragma once

#include <array>
#include <cxxopts.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/search/network_search.hpp"

namespace cugamma::cli {

/// What a command line asks `cugamma search` to do.
struct search_request {
  network_search_request network;   ///< complete
  std::string out;                  ///< folder for result files, empty: none
  std::vector<std::string> inputs;  ///< the files that it is read from
  std::string format;
  int log_level = 1;
  bool is_verbose = false;            ///< print everything of every layer
  std::vector<std::string> warnings;  ///< of the files that were read
};

/// The options of the command, in our spelling and in GAMMA's.
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

/// The options that were given, in their order, as "--name=value".
std::vector<std::string> arguments_of(const cxxopts::ParseResult& given);

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

/// What --format may be, where a command says nothing else.
inline constexpr std::array<std::string_view, 2> result_formats{"table", "json"};

/// Throws input_error naming the option for a value that cannot be used.
search_request read_search_request(const cxxopts::ParseResult& given,
                                   std::span<const std::string_view> formats = result_formats);

/// The layers of a network that a list of numbers from 1 and names asks for, or all. Throws
/// input_error naming --layer.
std::vector<network_layer> chosen_layers(const network& net, const std::string& choices);

}  // namespace cugamma::cli
