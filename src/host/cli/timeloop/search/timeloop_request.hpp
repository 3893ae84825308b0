#pragma once

#include <cxxopts.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/search/search_request.hpp"
#include "cugamma/search/network_search.hpp"
#include "cugamma/search/timeloop_search.hpp"
#include "search/timeloop/jobs.hpp"

namespace cugamma::cli {

/// What `cugamma search --cost-model timeloop` was asked.
struct timeloop_request {
  timeloop::architecture machine;
  std::vector<timeloop::search_job> jobs;  ///< different ones
  timeloop::search_options options;
  std::vector<std::string> files;  ///< that were read
  std::vector<std::string> warnings;
  checkpoint_plan checkpoints;
  std::string out;            ///< folder of results; empty: none
  std::string report_folder;  ///< of files in Gamma-Timeloop's form; empty: none
  std::string format;         ///< one of those that are allowed
  std::string back_end = "cpu";
  bool is_verbose = false;
  bool is_network = false;
};

cxxopts::Options make_timeloop_search_options();

/// ends_in_time: whether --time-limit is for the search. Throws input_error for what is no search:
/// files or figures that are missing or contradict each other, options that Timeloop's model does
/// not have.
timeloop_request read_timeloop_request(const cxxopts::ParseResult& given,
                                       std::span<const std::string_view> formats = result_formats,
                                       bool ends_in_time = true);

/// What the files of timeloop-mapper ask for: its metrics and search_size, bypass searched where
/// constraints leave it open. Throws input_error.
timeloop_request read_mapper_request(const std::vector<std::string>& files);

}  // namespace cugamma::cli
