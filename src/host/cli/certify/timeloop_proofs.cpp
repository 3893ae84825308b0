#include "cli/certify/timeloop_proofs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.hpp"
#include "cugamma/error.hpp"

namespace cugamma::cli {
namespace {

proved_job prove_job(const timeloop_request& r,
                     const timeloop::search_job& job,
                     const timeloop::proof_options& options,
                     const bounds_teller& tell) {
  const auto score = timeloop::make_back_end(r.back_end, r.machine, job.work);
  const auto found = search_mappings(r.machine, job.work, job.space, r.options, score);
  const auto observe = [&](double lower, double upper) { tell("layer " + job.name, lower, upper); };
  proved_job proved;
  proved.bounds = prove_optimum(r.machine, job.work, job.space, options, found.best, observe);
  if (!proved.bounds.best) return proved;
  const auto shape = timeloop::make_genome_shape(r.machine, job.work);
  proved.loops = timeloop::decode(*proved.bounds.best, shape);
  const timeloop::scorer all(r.machine, job.work);
  timeloop::cost scored;
  all.score({&*proved.bounds.best, 1}, {&scored, 1});
  proved.figures = timeloop::confirmed_figures(r.machine, job.work, *proved.loops, scored);
  return proved;
}

}  // namespace

void expect_provable(const timeloop_request& r) {
  if (r.options.explores_bypass) {
    throw input_error(
        "--explore-bypass: optima by Timeloop's model are proved of mappings in which every level "
        "keeps every tensor that constraints let it keep; to choose, name levels in a constraint "
        "(type: datatype, bypass)");
  }
  if (!r.options.limits.empty()) {
    throw input_error("--limit: optima by Timeloop's model are proved without limits");
  }
  for (const timeloop::search_job& job : r.jobs) {
    const auto found = proof_obstacle(r.machine, job.work, job.space, r.options.objectives.front());
    if (!found) continue;
    throw input_error(
        fmt::format("{}: its optimum under timeloop cannot be proved: {}", job.name, *found));
  }
}

std::vector<proved_job> prove_jobs(const timeloop_request& r, const certify_options& how) {
  const bounds_teller tell = make_bounds_teller(r.log_level, unit_of(r.options.objectives.front()));
  timeloop::proof_options options;
  options.goal = r.options.objectives.front().what;
  options.gap = how.gap;
  options.interrupted = how.interrupted;
  options.wants_certificate = how.wants_certificate;
  double left = how.seconds;
  std::vector<proved_job> proved;
  for (std::size_t i = 0; i < r.jobs.size(); ++i) {
    options.seconds = std::max(0.0, left) / static_cast<double>(r.jobs.size() - i);
    proved.push_back(prove_job(r, r.jobs[i], options, tell));
    left -= proved.back().bounds.seconds;
  }
  return proved;
}

int exit_code_of(const std::vector<proved_job>& proved) {
  const auto is_open = [](const proved_job& p) { return !p.bounds.is_proven; };
  if (std::ranges::any_of(proved, is_open)) return exit_unproven;
  const auto is_empty = [](const proved_job& p) { return !p.loops; };
  return std::ranges::any_of(proved, is_empty) ? exit_rejected : exit_ok;
}

}  // namespace cugamma::cli
