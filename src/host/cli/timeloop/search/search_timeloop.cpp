#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "cli/commands.hpp"
#include "cli/interrupt_guard.hpp"
#include "cli/options/values.hpp"
#include "cli/output/places.hpp"
#include "cli/output/terminal.hpp"
#include "cli/search/checkpoint_options.hpp"
#include "cli/timeloop/search/timeloop_results.hpp"
#include "cli/timeloop/timeloop_commands.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "search/threads/thread_limit.hpp"
#include "search/timeloop/job_checkpoints.hpp"

namespace cugamma::cli {
namespace {

/// Takes the places that the search will write to, before it begins.
void claim_places(folder_lock& lock, const timeloop_request& r) {
  expect_stdout(r.out.empty() ? r.report_folder : r.out);
  if (!r.checkpoints.folder.empty()) claim_folder(lock, "checkpoint", r.checkpoints.folder);
  if (!r.out.empty()) claim_folder(lock, "out", r.out);
  if (r.report_folder.empty()) return;
  if (r.jobs.size() > 1) throw input_error("--report-dir: found a network, expected one problem");
  claim_folder(lock, "report-dir", r.report_folder);
}

/// Writes and prints what was found, each as far as it can be; the exit status.
int put_out(const timeloop_request& r, const std::vector<timeloop_found>& found) {
  const std::string text = timeloop_result_json(r, found);
  bool has_files = true;
  if (!r.out.empty()) has_files = is_written([&] { write_timeloop_results(r, found, text); });
  if (!r.report_folder.empty() && found.front().loops) {
    has_files &= is_written([&] { write_gamma_timeloop_report(r, found.front()); });
  }
  const bool is_printed = put_text(r.format == "json" ? text : timeloop_result_table(r, found));
  if (!has_files || (!is_printed && r.out.empty())) rescue(text);
  if (!has_files) return exit_bad_input;
  const bool all_found =
      std::ranges::all_of(found, [](const auto& f) { return f.loops.has_value(); });
  return all_found ? exit_ok : exit_rejected;
}

/// Searches a job, from where a checkpoint has it.
timeloop_found search_job(const timeloop_request& r,
                          timeloop::job_checkpoints& checkpoints,
                          std::size_t i) {
  const timeloop::search_job& job = r.jobs[i];
  try {
    return found_of(
        r,
        job,
        timeloop::search_mappings(r.machine,
                                  job.work,
                                  job.space,
                                  checkpoints.with_checkpoints(r.options, i),
                                  timeloop::make_back_end(r.back_end, r.machine, job.work)));
  } catch (const input_error& error) {
    throw checkpoints.named(error, i);
  }
}

/// Searches all jobs, as many at once as there are cores; what was found, in their order.
std::vector<timeloop_found> search_jobs(const timeloop_request& r,
                                        timeloop::job_checkpoints& checkpoints) {
  std::vector<timeloop_found> found(r.jobs.size());
  std::atomic<std::size_t> done = 0;
  const bool shows = r.log_level > 0 && isatty(STDERR_FILENO) == 1;
  tbb::parallel_for(std::size_t{0}, r.jobs.size(), [&](std::size_t i) {
    found[i] = search_job(r, checkpoints, i);
    const std::size_t count = ++done;
    if (shows) show_line(fmt::format("{} of {} problems searched", count, r.jobs.size()));
  });
  if (shows) show_line("");
  checkpoints.finish();
  return found;
}

}  // namespace

int run_timeloop_search(int argc, char** argv) {
  cxxopts::Options options = make_timeloop_search_options();
  cxxopts::ParseResult given = parse_command(options, argc, argv);
  if (given.count("help") > 0) {
    put_text(options.help());
    return exit_ok;
  }
  if (given.count("checkpoint-every") > 0 &&
      given.count("checkpoint") + given.count("resume") == 0) {
    say("cugamma: --checkpoint-every has no effect without --checkpoint or --resume\n");
  }
  given = with_resumed_options(options, given);
  timeloop_request r = read_timeloop_request(given);
  const thread_limit limit(r.threads);
  const interrupt_guard guard;
  r.options.interrupted = &interrupt_guard::was_interrupted;
  folder_lock lock;
  claim_places(lock, r);
  print_warnings(r.warnings);
  r.checkpoints.warn = [](const std::string& problem) {
    say("cugamma: {}; the search goes on\n", problem);
  };
  timeloop::job_checkpoints checkpoints(r.checkpoints, r.jobs);
  const std::vector<timeloop_found> found = search_jobs(r, checkpoints);
  const int status = put_out(r, found);
  const bool was_interrupted =
      std::ranges::any_of(found, [](const auto& f) { return f.search.was_interrupted; });
  return can_go_on(was_interrupted, checkpoints.problem()) ? status : exit_bad_input;
}

}  // namespace cugamma::cli
