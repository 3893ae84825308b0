#include <cxxopts.hpp>

#include "commands.hpp"
#include "cugamma/error.hpp"

namespace cugamma::cli {

int run_evaluate(int argc, char** argv) {
  cxxopts::Options options("cugamma evaluate", "Evaluates the mappings of a MAESTRO mapping file.");
  options.add_options()("h,help", "print this help");
  const cxxopts::ParseResult given = options.parse(argc, argv);
  if (given.count("help") > 0) return exit_ok;
  throw input_error("evaluate: no mapping file given");
}

}  // namespace cugamma::cli
