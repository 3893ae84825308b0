#pragma once

#include <string>
#include <vector>

#include "cugamma/models/timeloop/architecture.hpp"
#include "cugamma/models/timeloop/figures.hpp"
#include "cugamma/models/timeloop/mapping.hpp"
#include "cugamma/models/timeloop/problem.hpp"

namespace cugamma::cli {

/// The command line of timeloop-model and timeloop-mapper.
struct drop_in_arguments {
  std::vector<std::string> files;
  std::string folder = ".";  ///< of the results
  bool wants_help = false;
};

/// Throws input_error for options that Timeloop's programs do not have, and where no file is given.
drop_in_arguments drop_in_arguments_from(int argc, char** argv);

/// Prints warnings on stdout: scripts take anything on stderr for a failure.
void print_drop_in_warnings(const std::vector<std::string>& warnings);

/// Prints the line that Timeloop's programs print of a mapping. precondition: the figures are valid
void print_summary(const timeloop::figures& f);

/// Writes PREFIX.stats.txt, .map.txt, .map.yaml and .map+stats.xml into a folder, which must be
/// there. precondition: the figures are valid
void write_results(const std::string& folder,
                   const std::string& prefix,
                   const timeloop::architecture& a,
                   const timeloop::problem& p,
                   const timeloop::mapping& m,
                   const timeloop::figures& f);

}  // namespace cugamma::cli
