#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "cli/cost_model_option.hpp"
#include "cli/output/terminal.hpp"
#include "cli/processes.hpp"
#include "cli/version.hpp"
#include "cugamma/error.hpp"
#include "files/did_you_mean.hpp"

namespace cugamma::cli {
namespace {

void print_help() {
  put("cugamma: mapping search for DNN accelerators\n\n"
      "usage: cugamma COMMAND [ARGUMENTS]\n       cugamma COMMAND --help\n"
      "       cugamma --version\n\n");
  for (const command& c : commands()) put("  {:<14}{}\n", c.name, c.summary);
  put("\nexamples:\n"
      "    cugamma search --model resnet50 --accelerator eyeriss --objective EDP --out out\n"
      "    cugamma search --model vgg16 --layer 1 --accelerator edge --prove\n"
      "    cugamma evaluate --style dla --model vgg16 --accelerator nvdla\n");
}

std::vector<std::string> names_of(std::span<const command> all) {
  std::vector<std::string> names;
  for (const command& c : all) names.emplace_back(c.name);
  return names;
}

std::string model_names() {
  std::vector<std::string_view> names;
  for (const cost_model* m : cost_models()) names.push_back(m->name);
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The form of a command for the cost model that its arguments name. Throws input_error if the
/// command does not serve it.
const command& form_of(const command& asked, int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const file_cost_model* const model = find_file_cost_model(cost_model_name(words));
  if (model == nullptr || !asked.takes_cost_model) return asked;
  const std::span<const command> forms = commands_of(*model);
  const auto form = std::ranges::find(forms, asked.name, &command::name);
  if (form != forms.end()) return *form;
  throw input_error(fmt::format("{}: found the cost model {}, expected one of: {}; {} serves {}",
                                asked.name,
                                model->name,
                                model_names(),
                                model->name,
                                fmt::join(names_of(forms), ", ")));
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
    const std::vector<std::string> names = names_of(commands());
    throw input_error(fmt::format(
        "unknown command \"{}\"{}",
        name,
        did_you_mean(name, names, fmt::format(", expected one of: {}", fmt::join(names, ", ")))));
  }
  return form_of(*found, argc - 1, argv + 1).run(argc - 1, argv + 1);
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
