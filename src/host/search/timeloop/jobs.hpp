#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cugamma/formats/timeloop_files.hpp"
#include "cugamma/models/timeloop/figures.hpp"
#include "cugamma/problem/network.hpp"
#include "cugamma/search/timeloop_search.hpp"

namespace cugamma::timeloop {

/// A problem to map, and how often a network has it.
struct search_job {
  std::string name;
  problem work;
  constraints space;
  std::int64_t count = 1;
  std::vector<std::string> layers;  ///< of the network: names of the equal ones
};

/// Reads the files of a search, with a problem for those without one, or none.
using file_reader = std::function<file_contents(const problem*)>;

/// What is to be searched.
struct job_list {
  file_contents contents;        ///< of the files, for the first job
  std::vector<search_job> list;  ///< different ones
};

/// The layers of a network as jobs, equal ones once; without layers the files' own problem. Throws
/// input_error for files without an architecture or, without layers, without a problem, and what
/// `read` throws.
job_list jobs_of(std::span<const network_layer> layers, const file_reader& read);

/// All figures of a mapping that a search found, by the plain reference. Throws std::logic_error if
/// it does not confirm the search's own.
figures confirmed_figures(const architecture& a,
                          const problem& p,
                          const mapping& loops,
                          const cost& found);

}  // namespace cugamma::timeloop
