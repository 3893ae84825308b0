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
#include "cli/timeloop/search/timeloop_results.hpp"
#include "cli/timeloop/timeloop_commands.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"

namespace cugamma::cli {
namespace {

cxxopts::ParseResult parse(cxxopts::Options& options, int argc, char** argv) {
  try {
    return options.parse(argc, argv);
  } catch (const cxxopts::exceptions::no_such_option& e) {
    throw input_error(
        fmt::format("search --cost-model timeloop: {}; --help lists its options", e.what()));
  }
}

/// Takes the places that the search will write to, before it begins.
void claim_places(folder_lock& lock, const timeloop_request& r) {
  expect_stdout(r.out.empty() ? r.report_folder : r.out);
  if (!r.out.empty()) claim_folder(lock, "out", r.out);
  if (r.report_folder.empty()) return;
  if (r.jobs.size() > 1) throw input_error("--report-dir: found a network, expected one problem");
  claim_folder(lock, "report-dir", r.report_folder);
}

/// Writes and prints what was found, each as far as it can be; the exit status.
int put_out(const timeloop_request& r, const std::vector<timeloop_found>& found) {
  bool has_files = true;
  if (!r.out.empty()) has_files = is_written([&] { write_timeloop_results(r, found); });
  if (!r.report_folder.empty() && found.front().loops) {
    has_files &= is_written([&] { write_gamma_timeloop_report(r, found.front()); });
  }
  const std::string text =
      r.format == "json" ? timeloop_result_json(r, found) : timeloop_result_table(r, found);
  const bool is_printed = put_text(text);
  if (!has_files || (!is_printed && r.out.empty())) rescue(timeloop_result_json(r, found));
  if (!has_files) return exit_bad_input;
  const bool all_found =
      std::ranges::all_of(found, [](const auto& f) { return f.loops.has_value(); });
  return all_found ? exit_ok : exit_rejected;
}

/// Searches all jobs, as many at once as there are cores; what was found, in their order.
std::vector<timeloop_found> search_jobs(const timeloop_request& r) {
  std::vector<timeloop_found> found(r.jobs.size());
  std::atomic<std::size_t> done = 0;
  const bool shows = isatty(STDERR_FILENO) == 1;
  tbb::parallel_for(std::size_t{0}, r.jobs.size(), [&](std::size_t i) {
    const timeloop::search_job& job = r.jobs[i];
    found[i] = found_of(
        r,
        job,
        timeloop::search_mappings(r.machine,
                                  job.work,
                                  job.space,
                                  r.options,
                                  timeloop::make_back_end(r.back_end, r.machine, job.work)));
    const std::size_t count = ++done;
    if (shows) show_line(fmt::format("{} of {} problems searched", count, r.jobs.size()));
  });
  if (shows) show_line("");
  return found;
}

}  // namespace

int run_timeloop_search(int argc, char** argv) {
  cxxopts::Options options = make_timeloop_search_options();
  const cxxopts::ParseResult given = parse(options, argc, argv);
  if (given.count("help") > 0) {
    put_text(options.help());
    return exit_ok;
  }
  timeloop_request r = read_timeloop_request(given);
  const interrupt_guard guard;
  r.options.interrupted = &interrupt_guard::was_interrupted;
  folder_lock lock;
  claim_places(lock, r);
  print_warnings(r.warnings);
  return put_out(r, search_jobs(r));
}

}  // namespace cugamma::cli
