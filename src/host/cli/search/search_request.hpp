#pragma once

#include <array>
#include <cxxopts.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/mapping/constraint.hpp"
#include "cugamma/mapping/search_space.hpp"
#include "cugamma/problem/accelerator.hpp"
#include "cugamma/problem/network.hpp"
#include "cugamma/processes/run_peers.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "cugamma/search/search_run.hpp"

namespace cugamma::cli {

/// What a command line asks `cugamma search` to do.
struct search_request {
  std::string model;
  std::vector<network_layer> layers;  ///< the chosen ones, as the model gives them
  accelerator machine;
  space_options space;
  std::optional<mapping_constraint> constraint;
  std::string flexibility;          ///< as --flex gave it, four bits; empty: not given
  bool search_pes = false;          ///< PEs up to those of the machine
  double area_budget_mm2 = 0;       ///< 0: none
  std::vector<named_mapping> init;  ///< mappings to start from
  search_options search;
  stop_rule stop;
  std::string algorithm;
  int islands = 0;  ///< 0: as many as islands_for finds
  std::int64_t migration_interval = 10;
  std::string back_end;
  std::vector<int> devices;    ///< of the back end; empty: its fastest
  run_peers* peers = nullptr;  ///< processes that search together; nothing: this one alone
  int threads = 0;
  std::string out;  ///< folder for result files, empty: none
  std::string format;
  int log_level = 1;
  std::string command;                 ///< the line that repeats the search
  std::vector<std::string> arguments;  ///< its options, "--name=value"
  std::string checkpoint;              ///< folder for checkpoints, empty: none
  double checkpoint_every = 60;        ///< seconds
  std::string resume;                  ///< checkpoint to go on from, empty: none
};

/// The layer that a request maps in place of a given one: of unit stride, as its constraint asks.
layer mapped_layer(const search_request& request, const layer& given);

/// The islands of each of so many layers: those asked for, or as many as keep every process and
/// device busy; at least two for a population whose breeding is worth hiding behind its scoring.
int islands_for(const search_request& request, std::size_t layers);

/// What a request searches for a mapped layer.
search_space space_for(const search_request& request, const layer& mapped);

/// The options of the command, in our spelling and in GAMMA's.
cxxopts::Options make_search_options();

/// The options that were given, in their order, as "--name=value".
std::vector<std::string> arguments_of(const cxxopts::ParseResult& given);

/// What --format may be, where a command says nothing else.
inline constexpr std::array<std::string_view, 2> result_formats{"table", "json"};

/// Throws input_error naming the option for a value that cannot be used.
search_request read_search_request(const cxxopts::ParseResult& given,
                                   std::span<const std::string_view> formats = result_formats);

}  // namespace cugamma::cli
