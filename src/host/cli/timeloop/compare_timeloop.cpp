#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <limits>

#include "cli/certify/proof_options.hpp"
#include "cli/certify/timeloop_proofs.hpp"
#include "cli/commands.hpp"
#include "cli/compare/contest_options.hpp"
#include "cli/compare/contest_writer.hpp"
#include "cli/interrupt_guard.hpp"
#include "cli/options/values.hpp"
#include "cli/output/places.hpp"
#include "cli/output/terminal.hpp"
#include "cli/search/search_options.hpp"
#include "cli/timeloop/search/timeloop_request.hpp"
#include "cli/timeloop/timeloop_commands.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/evaluate/timeloop_back_ends.hpp"
#include "search/threads/thread_limit.hpp"

namespace cugamma::cli {
namespace {

using name_list = std::vector<std::string>;

/// gamma breeds; random draws every proposal as gamma draws its first ones.
constexpr std::array<std::string_view, 2> algorithms{"gamma", "random"};

struct contest {
  timeloop_request request;
  name_list algorithms;
  contest_size size;
};

contest read_contest(const cxxopts::ParseResult& given) {
  contest c{read_timeloop_request(given, contest_formats, false),
            {algorithms.begin(), algorithms.end()},
            contest_size_from(given)};
  if (given.count("algorithms") > 0) c.algorithms = given["algorithms"].as<name_list>();
  for (const std::string& name : c.algorithms) {
    if (std::ranges::find(algorithms, name) != algorithms.end()) continue;
    refuse_value("algorithms", name, fmt::format("{}", fmt::join(algorithms, ", ")));
  }
  return c;
}

contest_heading heading_of(const contest& c) {
  const auto& r = c.request;
  return {r.machine.name,
          name_of(r.options.objectives[0]),
          std::string(unit_of(r.options.objectives[0])),
          [](double value) { return value; },
          c.size.seeds,
          r.options.evaluations,
          c.size.seconds};
}

/// The best values of a search after each share of its budget.
contest_search sampled(const timeloop::search_result& found, contest_budget budget, double whole) {
  contest_search done;
  done.best.fill(std::numeric_limits<double>::infinity());
  done.evaluations = found.evaluations;
  done.seconds = found.seconds;
  for (const timeloop::improvement& step : found.history) {
    const double spent =
        budget == contest_budget::seconds ? step.seconds : static_cast<double>(step.evaluations);
    for (std::size_t s = 0; s < contest_shares.size(); ++s) {
      if (spent <= contest_shares[s] * whole) done.best[s] = step.found.values[0];
    }
  }
  // Whatever the clock said of the last step, the search ends with it.
  if (found.best) done.best.back() = found.best->values[0];
  return done;
}

/// All searches of one job by one algorithm: at equal evaluations side by side, at equal time one
/// after the other.
contestant run_one(const contest& c,
                   const timeloop::search_job& job,
                   contest_budget budget,
                   const std::string& algorithm) {
  const auto& r = c.request;
  const bool is_timed = budget == contest_budget::seconds;
  const auto score = timeloop::make_back_end(r.back_end, r.machine, job.work);
  contestant all{job.name, budget, algorithm, std::vector<contest_search>(c.size.seeds), {}};
  const auto run = [&](std::size_t i) {
    timeloop::search_options o = r.options;
    o.seed += i;
    o.draws_only = algorithm == "random";
    if (is_timed) {
      o.seconds = c.size.seconds;
      o.evaluations = std::numeric_limits<std::int64_t>::max() / 2;
    }
    all.searches[i] = sampled(timeloop::search_mappings(r.machine, job.work, job.space, o, score),
                              budget,
                              is_timed ? c.size.seconds : static_cast<double>(o.evaluations));
  };
  if (!is_timed) {
    tbb::parallel_for(std::size_t{0}, all.searches.size(), run);
  } else {
    for (std::size_t i = 0; i < all.searches.size(); ++i) run(i);
  }
  return all;
}

/// An interrupt leaves out the contestant under way and those after it.
std::vector<contestant> hold(const contest& c) {
  std::vector<contest_budget> budgets{contest_budget::evaluations};
  if (c.size.seconds > 0) budgets.push_back(contest_budget::seconds);
  std::vector<contestant> all;
  for (const timeloop::search_job& job : c.request.jobs) {
    for (const contest_budget budget : budgets) {
      for (const std::string& algorithm : c.algorithms) {
        contestant one = run_one(c, job, budget, algorithm);
        if (interrupt_guard::was_interrupted()) return all;
        if (c.request.log_level > 0) {
          say("{}, equal {}: {} is done\n", job.name, name_of(budget), algorithm);
        }
        all.push_back(std::move(one));
      }
    }
  }
  return all;
}

}  // namespace

int run_timeloop_compare(int argc, char** argv) {
  cxxopts::Options options = make_timeloop_search_options();
  add_contest_options(options, "of gamma and random, both by default", "problem");
  const cxxopts::ParseResult given = parse_command(options, argc, argv);
  if (given.count("help") > 0) {
    put_text(own_help(
        options,
        "compare --cost-model timeloop",
        "Runs the genetic search of Timeloop's mappings and a random one at equal evaluations and "
        "at equal time and tells how good their results are (docs/timeloop-search.md).",
        "Compare",
        "  cugamma compare --cost-model timeloop arch.yaml problem.yaml --seeds 10 --seconds 5\n"));
    return exit_ok;
  }
  refuse_search_options(given,
                        {"epochs",
                         "checkpoint",
                         "checkpoint-every",
                         "resume",
                         "pareto",
                         "report-dir",
                         "verbose",
                         "out"});
  contest c = read_contest(given);
  print_warnings(c.request.warnings);
  const bool proves = given.count("prove") > 0;
  if (proves) expect_provable(c.request);
  expect_stdout("");
  const thread_limit limit(c.request.threads);
  const interrupt_guard guard;
  c.request.options.interrupted = &interrupt_guard::was_interrupted;
  std::vector<contestant> all = hold(c);
  std::vector<proved_job> proved;
  if (proves) proved = prove_jobs(c.request, certify_options_from(given));
  for (std::size_t i = 0; i < proved.size(); ++i) {
    const timeloop::proved_optimum& bounds = proved[i].bounds;
    add_optima(c.request.jobs[i].name, {bounds.lower, bounds.upper}, all);
  }
  const contest_heading heading = heading_of(c);
  if (!put_text(contest_text(heading, all, c.request.format))) rescue(contest_json(heading, all));
  return proves ? exit_code_of(proved) : exit_ok;
}

}  // namespace cugamma::cli
