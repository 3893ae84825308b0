#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/timeloop/search/timeloop_request.hpp"
#include "cugamma/models/timeloop/figures.hpp"

namespace cugamma::cli {

/// What was found for a job.
struct timeloop_found {
  timeloop::search_result search;
  std::optional<timeloop::mapping> loops;  ///< of the best
  timeloop::figures figures;               ///< of the best, by the plain reference
};

/// Throws std::logic_error if the reference does not confirm what the search says of its best.
timeloop_found found_of(const timeloop_request& r,
                        const timeloop::search_job& job,
                        timeloop::search_result search);

std::string timeloop_result_table(const timeloop_request& r,
                                  const std::vector<timeloop_found>& found);
std::string timeloop_result_json(const timeloop_request& r,
                                 const std::vector<timeloop_found>& found);

/// The folder of a job's files inside of --out: none if it is the only one, else a name that can be
/// a folder's, with the number so that no two are equal.
std::string folder_of(const timeloop_request& r, std::size_t job);

/// Files of --out: result.json, report.html, history.csv, front.csv if one was asked for, and for
/// each problem the four files that timeloop-mapper writes. json: the result's. Throws input_error
/// if one cannot be written.
void write_timeloop_results(const timeloop_request& r,
                            const std::vector<timeloop_found>& found,
                            const std::string& json);

/// Files of --report-dir, as Gamma-Timeloop names them. precondition: one job, a mapping was found
void write_gamma_timeloop_report(const timeloop_request& r, const timeloop_found& found);

}  // namespace cugamma::cli
