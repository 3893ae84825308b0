#include <fmt/format.h>

#include <cxxopts.hpp>

#include "cli/commands.hpp"
#include "cli/options/values.hpp"
#include "cli/output/places.hpp"
#include "cli/output/terminal.hpp"
#include "cli/timeloop/scored_mappings.hpp"
#include "cli/timeloop/timeloop_commands.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "files/whole_file.hpp"

namespace cugamma::cli {
namespace {

cxxopts::Options evaluate_timeloop_options() {
  cxxopts::Options options(
      "cugamma evaluate --cost-model timeloop",
      "Prints Timeloop's figures of mappings in its YAML files: architecture, problem, mapping, "
      "ERT, ART, constraints, in any number of files. Exit status: 0 all mappings evaluated, 1 bad "
      "input, 3 a mapping was rejected.\n");
  options.positional_help("ARCHITECTURE PROBLEM MAPPING...");
  auto add = options.add_options();
  add("file", "YAML files", cxxopts::value<std::vector<std::string>>());
  add("cost-model", "timeloop", cxxopts::value<std::string>(), "NAME");
  add("format", "table or json", cxxopts::value<std::string>()->default_value("table"), "FORMAT");
  add("o,output", "write there instead of to the terminal", cxxopts::value<std::string>(), "FILE");
  add("h,help", "print this help");
  options.parse_positional("file");
  return options;
}

}  // namespace

int run_timeloop_evaluate(int argc, char** argv) {
  cxxopts::Options options = evaluate_timeloop_options();
  const cxxopts::ParseResult given = parse_command(options, argc, argv);
  if (given.count("help") > 0) {
    put_text(options.help());
    return exit_ok;
  }
  if (given.count("file") == 0) {
    throw input_error(
        "evaluate --cost-model timeloop: no file given, expected YAML files with architecture, "
        "problem and mapping");
  }
  const auto paths = given["file"].as<std::vector<std::string>>();
  const std::string output = given.count("output") > 0 ? text_of(given, "output") : "";
  if (given.count("output") > 0) try_output(output, paths);
  const scored_files files = score_files(paths);
  const std::string text = format_scores(files, text_of(given, "format"));
  print_warnings(files.contents.warnings);
  if (output.empty()) {
    put_text(text);
  } else {
    write_whole(output, text);
  }
  return files.all_ok() ? exit_ok : exit_rejected;
}

}  // namespace cugamma::cli
