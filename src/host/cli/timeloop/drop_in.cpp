#include "cli/timeloop/drop_in.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <string_view>

#include "cli/output/terminal.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/timeloop_output.hpp"
#include "files/whole_file.hpp"

namespace cugamma::cli {

drop_in_arguments drop_in_arguments_from(int argc, char** argv) {
  drop_in_arguments given;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "-h" || argument == "--help") {
      given.wants_help = true;
    } else if (argument == "-o") {
      if (++i == argc) throw input_error("-o: found nothing, expected a folder");
      given.folder = argv[i];
    } else if (argument.starts_with('-') && argument != "-") {
      throw input_error(
          fmt::format("unknown option \"{}\", expected files and -o FOLDER", argument));
    } else {
      given.files.emplace_back(argument);
    }
  }
  if (given.wants_help) return given;
  if (given.files.empty()) throw input_error("no file given, expected Timeloop's YAML files");
  std::error_code error;
  if (!std::filesystem::is_directory(given.folder, error)) {
    throw input_error(fmt::format("-o: found \"{}\", expected a folder", given.folder));
  }
  return given;
}

void print_drop_in_warnings(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) put("WARNING: {}\n", warning);
}

void print_summary(const timeloop::figures& f) {
  put("Utilization = {:.2f} | pJ/Compute = {:8.3f} | Cycles = {}\n",
      f.utilization,
      f.energy_pj / static_cast<double>(f.macs),
      f.cycles);
}

void write_results(const std::string& folder,
                   const std::string& prefix,
                   const timeloop::architecture& a,
                   const timeloop::problem& p,
                   const timeloop::mapping& m,
                   const timeloop::figures& f) {
  const std::string start = (std::filesystem::path(folder) / prefix).string();
  write_whole(start + ".stats.txt", timeloop::statistics_text(a, p, f));
  write_whole(start + ".map.txt", timeloop::nest_text(a, p, m, f));
  write_whole(start + ".map.yaml", timeloop::mapping_yaml(a, p, m));
  write_whole(start + ".map+stats.xml", timeloop::statistics_xml(a, p, f));
}

}  // namespace cugamma::cli
