#include "cli/timeloop/given_problem.hpp"

#include <fmt/format.h>

#include "cli/output/terminal.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/evaluate/timeloop_back_ends.hpp"

namespace cugamma::cli {

timeloop::file_contents read_given_problem(const cxxopts::ParseResult& given,
                                           std::string_view command) {
  timeloop::file_contents c;
  if (given.count("file") > 0) {
    c = timeloop::read_files(given["file"].as<std::vector<std::string>>());
  }
  if (!c.machine || !c.layer) {
    throw input_error(
        fmt::format("{} --cost-model timeloop: expected YAML files with architecture and problem",
                    command));
  }
  print_warnings(c.warnings);
  return c;
}

std::vector<std::string> back_ends_asked_for(const cxxopts::ParseResult& given) {
  if (given.count("backends") > 0) return given["backends"].as<std::vector<std::string>>();
  std::vector<std::string> names;
  for (const std::string& name : timeloop::back_ends()) {
    const auto obstacle = timeloop::back_end_obstacle(name);
    if (!obstacle) names.push_back(name);
    if (obstacle) say("back end {} cannot run here: {}\n", name, *obstacle);
  }
  return names;
}

}  // namespace cugamma::cli
