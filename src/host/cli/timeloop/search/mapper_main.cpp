#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/interrupt_guard.hpp"
#include "cli/output/drop_in_program.hpp"
#include "cli/output/terminal.hpp"
#include "cli/timeloop/drop_in.hpp"
#include "cli/timeloop/search/timeloop_request.hpp"
#include "cli/timeloop/search/timeloop_results.hpp"
#include "cugamma/error.hpp"

namespace cugamma::cli {
namespace {

constexpr std::string_view help =
    "cugamma-timeloop-mapper: the best mapping by Timeloop's model\n\n"
    "usage: cugamma-timeloop-mapper FILE.yaml... [-o FOLDER]\n\n"
    "Takes what timeloop-mapper takes: architecture, problem, constraints, mapspace, mapper, ERT,\n"
    "ART in any number of YAML files. Of the mapper's settings, optimization_metrics and\n"
    "search_size count; without search_size 100000 valid mappings are scored. Writes\n"
    "timeloop-mapper.stats.txt, .map.txt, .map.yaml and .map+stats.xml into the folder, else into\n"
    "the working folder. Exit status: 0 found, 1 bad input or no valid mapping.\n";

int run(int argc, char** argv) {
  const drop_in_arguments given = drop_in_arguments_from(argc, argv);
  if (given.wants_help) {
    put_text(help);
    return exit_ok;
  }
  timeloop_request r = read_mapper_request(given.files);
  print_drop_in_warnings(r.warnings);
  const interrupt_guard guard;
  r.options.interrupted = &interrupt_guard::was_interrupted;
  const timeloop::search_job& job = r.jobs.front();
  const timeloop_found found =
      found_of(r, job, timeloop::search_mappings(r.machine, job.work, job.space, r.options));
  if (!found.loops) throw input_error("no valid mapping was found");
  write_results(given.folder, "timeloop-mapper", r.machine, job.work, *found.loops, found.figures);
  print_summary(found.figures);
  return exit_ok;
}

}  // namespace
}  // namespace cugamma::cli

int main(int argc, char** argv) {
  return cugamma::cli::run_drop_in("cugamma-timeloop-mapper", cugamma::cli::run, argc, argv);
}
