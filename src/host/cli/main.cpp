#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "cli/output/terminal.hpp"
#include "cli/processes.hpp"
#include "cli/version.hpp"
#include "cugamma/error.hpp"
#include "files/did_you_mean.hpp"

namespace cugamma::cli {
namespace {

void print_help() {
  put("cugamma: mapping search for DNN accelerators on MAESTRO's cost model\n\n"
      "usage: cugamma COMMAND [ARGUMENTS]\n       cugamma COMMAND --help\n"
      "       cugamma --version\n\n");
  for (const command& c : commands()) put("  {:<14}{}\n", c.name, c.summary);
  put("\nexamples:\n"
      "    cugamma search --model resnet50 --accelerator eyeriss --objective EDP --out out\n"
      "    cugamma search --model vgg16 --layer 1 --accelerator edge --prove\n"
      "    cugamma evaluate --style dla --model vgg16 --accelerator nvdla\n");
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const command& c : commands()) names.emplace_back(c.name);
  return names;
}

int run(int argc, char** argv) {
  const std::string_view name = argc > 1 ? argv[1] : "";
  if (name.empty() || name == "--help" || name == "-h" || name == "help") {
    print_help();
    return exit_ok;
  }
  if (name == "--version") {
    put_text(version_text());
    return exit_ok;
  }
  const auto found = std::ranges::find(commands(), name, &command::name);
  if (found == commands().end()) {
    const std::vector<std::string> names = command_names();
    throw input_error(fmt::format(
        "unknown command \"{}\"{}",
        name,
        did_you_mean(name, names, fmt::format(", expected one of: {}", fmt::join(names, ", ")))));
  }
  return found->run(argc - 1, argv + 1);
}

}  // namespace
}  // namespace cugamma::cli

int main(int argc, char** argv) {
  using namespace cugamma;
  const auto fail = [](const std::exception& e, int code) {
    if (!cli::hand_over_error(e.what())) cli::say("cugamma: {}\n", e.what());
    cli::leave_processes(code, true);
    return code;
  };
  try {
    cli::prepare_streams();
    const int code = cli::finish_streams("cugamma", cli::run(argc, argv));
    cli::leave_processes(code, false);
    return code;
  } catch (const backend_error& e) {
    return fail(e, cli::exit_failure);
  } catch (const std::bad_alloc&) {
    return fail(backend_error("out of memory"), cli::exit_failure);
  } catch (const std::exception& e) {
    return fail(e, cli::exit_bad_input);
  }
}
