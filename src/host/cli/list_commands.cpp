#include <fmt/format.h>

#include <string>
#include <vector>

#include "cli/accelerator_options.hpp"
#include "cli/commands.hpp"
#include "cli/output/terminal.hpp"
#include "cli/warnings.hpp"
#include "cugamma/error.hpp"
#include "cugamma/formats/accelerator_file.hpp"
#include "cugamma/formats/network_file.hpp"
#include "cugamma/models/cost_model.hpp"

namespace cugamma::cli {
namespace {

/// True if --help is asked for, which it prints. Throws input_error for any other argument.
bool is_help(int argc, char** argv, std::string_view about) {
  if (argc < 2) return false;
  const std::string_view argument = argv[1];
  if (argument != "--help" && argument != "-h") {
    throw input_error(fmt::format("{}: found \"{}\", expected no argument", argv[0], argument));
  }
  put("{}\n\nusage:\n  cugamma {}\n", about, argv[0]);
  return true;
}

/// The commands that take a model where none is named.
std::string_view uses_of(std::string_view model) {
  if (model == default_search_model) return " (default of searches and bench)";
  return model == default_cost_model ? " (default of evaluate and validate)" : "";
}

}  // namespace

int run_models(int argc, char** argv) {
  if (is_help(argc, argv, "Lists the cost models that --cost-model takes.")) return exit_ok;
  for (const cost_model* m : cost_models()) {
    put("{:<12}{}{}\n", m->name, m->about, uses_of(m->name));
    for (const extra_objective& o : m->objectives) {
      put("{:<12}  objective {}: {}\n", "", o.name, o.about);
    }
    for (const doubt& d : m->doubts) {
      put("{:<12}  test {}: {}\n", "", d.name, d.passes);
    }
    for (const mapping_format& f : m->formats) {
      put("{:<12}  mappings: {} ({})\n", "", f.name, f.extension);
    }
  }
  for (const file_cost_model* m : file_cost_models()) {
    put("{:<12}{}\n{:<12}  reads {}\n", m->name, m->about, "", m->files);
    std::vector<std::string_view> names;
    for (const command& c : commands_of(*m)) names.push_back(c.name);
    put("{:<12}  commands: {}\n", "", fmt::join(names, ", "));
  }
  return exit_ok;
}

int run_networks(int argc, char** argv) {
  if (is_help(argc, argv, "Lists the networks that --model knows by name.")) return exit_ok;
  for (const std::string& name : model_names()) {
    put("{:<20}{} layers\n", name, read_network(find_model(name)).layers.size());
  }
  return exit_ok;
}

int run_accelerators(int argc, char** argv) {
  if (is_help(argc, argv, "Lists the accelerators that --accelerator knows by name.")) {
    return exit_ok;
  }
  for (const std::string& name : accelerator_names()) {
    const std::string file = find_accelerator(name);
    std::vector<std::string> warnings;
    const accelerator a = read_accelerator_file(file, usual_accelerator(), &warnings);
    put("{:<12}{}\n{:<12}{}\n", name, about_accelerator(file), "", describe(a));
    print_warnings(warnings);
  }
  return exit_ok;
}

}  // namespace cugamma::cli
