#include <fmt/core.h>

#include <cxxopts.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/options/values.hpp"
#include "cli/output/places.hpp"
#include "cli/output/terminal.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/result_page.hpp"
#include "files/read_file.hpp"
#include "files/whole_file.hpp"

namespace cugamma::cli {
namespace {

/// What a run is shown as: the folder of its result.json, else the file.
std::string result_name(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.parent_path().filename();
  return path.filename() == "result.json" && !folder.empty() ? folder.string() : path.string();
}

result_file read_result(const std::string& path) { return {result_name(path), read_file(path)}; }

cxxopts::Options report_options() {
  cxxopts::Options options(
      "cugamma report",
      "Makes one self-contained page of a search, or one that compares several.");
  options.add_options()("h,help", "print this help")(
      "o,output",
      "page to write",
      cxxopts::value<std::string>()->default_value(
          "report.html"))("results", "results to show", cxxopts::value<std::vector<std::string>>());
  options.parse_positional("results");
  options.positional_help("result.json [more.json ...]");
  return options;
}

}  // namespace

int run_report(int argc, char** argv) {
  cxxopts::Options options = report_options();
  const cxxopts::ParseResult given = parse_command(options, argc, argv);
  if (given.count("help") > 0) {
    put_text(help_text(options,
                       {},
                       "  cugamma report out/result.json -o page.html\n"
                       "  cugamma report small/result.json large/result.json -o compared.html\n"));
    return exit_ok;
  }
  if (given.count("results") == 0) throw input_error("report: no result.json given");
  const auto results = given["results"].as<std::vector<std::string>>();
  const auto output = given["output"].as<std::string>();
  try_output(output, results);
  std::vector<result_file> files;
  for (const std::string& path : results) files.push_back(read_result(path));
  write_whole(output, report_html(files));
  return exit_ok;
}

}  // namespace cugamma::cli
