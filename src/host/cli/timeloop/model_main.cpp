#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/output/drop_in_program.hpp"
#include "cli/output/terminal.hpp"
#include "cli/timeloop/drop_in.hpp"
#include "cli/timeloop/scored_mappings.hpp"
#include "cugamma/error.hpp"

namespace cugamma::cli {
namespace {

constexpr std::string_view help =
    "cugamma-timeloop-model: Timeloop's figures of one mapping\n\n"
    "usage: cugamma-timeloop-model FILE.yaml... [-o FOLDER]\n\n"
    "Takes what timeloop-model takes: architecture, problem, mapping, ERT, ART, constraints in "
    "any\n"
    "number of YAML files. Writes timeloop-model.stats.txt, .map.txt, .map.yaml and "
    ".map+stats.xml\n"
    "into the folder, else into the working folder. Exit status: 0 evaluated, 1 bad input or a\n"
    "mapping that is rejected.\n";

int run(int argc, char** argv) {
  const drop_in_arguments given = drop_in_arguments_from(argc, argv);
  if (given.wants_help) {
    put_text(help);
    return exit_ok;
  }
  const scored_files files = score_files(given.files);
  print_drop_in_warnings(files.contents.warnings);
  if (files.mappings.size() != 1) {
    throw input_error(fmt::format("{}: found a second mapping in the files, expected one",
                                  files.mappings.back().given.file));
  }
  const scored_mapping& m = files.mappings.front();
  if (!m.reasons.empty()) {
    throw input_error(fmt::format("couldn't map: {}", fmt::join(m.reasons, "; ")));
  }
  const timeloop::file_contents& c = files.contents;
  write_results(given.folder, "timeloop-model", *c.machine, *c.layer, m.given.loops, m.figures);
  print_summary(m.figures);
  return exit_ok;
}

}  // namespace
}  // namespace cugamma::cli

int main(int argc, char** argv) {
  return cugamma::cli::run_drop_in("cugamma-timeloop-model", cugamma::cli::run, argc, argv);
}
