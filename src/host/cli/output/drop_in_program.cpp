#include "cli/output/drop_in_program.hpp"

#include <exception>

#include "cli/commands.hpp"
#include "cli/output/terminal.hpp"

namespace cugamma::cli {

int run_drop_in(const char* program, int (*run)(int argc, char** argv), int argc, char** argv) {
  try {
    prepare_streams();
    return finish_streams(program, run(argc, argv));
  } catch (const std::exception& e) {
    say("{}: {}\n", program, e.what());
    return exit_bad_input;
  }
}

}  // namespace cugamma::cli
