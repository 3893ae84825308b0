#pragma once

#include <optional>
#include <vector>

#include "cli/certify/proof_options.hpp"
#include "cli/timeloop/search/timeloop_request.hpp"
#include "cugamma/certify/timeloop_proof.hpp"
#include "cugamma/models/timeloop/figures.hpp"

namespace cugamma::cli {

/// What is proved of a job of a search by Timeloop's model.
struct proved_job {
  timeloop::proved_optimum bounds;
  std::optional<timeloop::mapping> loops;  ///< of the best mapping known
  timeloop::figures figures;               ///< of the same, by the plain reference
};

/// Throws input_error if the optimum of the first objective cannot be proved for some job.
void expect_provable(const timeloop_request& r);

/// Proves the optima of the first objective, job after job, with a line on stderr now and then. Of
/// the time each job gets an equal share of what is left. precondition: expect_provable passed
std::vector<proved_job> prove_jobs(const timeloop_request& r, const certify_options& how);

/// As exit_code_of(certified layers).
int exit_code_of(const std::vector<proved_job>& proved);

}  // namespace cugamma::cli
