#pragma once

#include <span>
#include <string_view>

#include "cugamma/models/cost_model.hpp"

namespace cugamma::cli {

/// What a program returns to the shell.
enum exit_code : int {
  exit_ok = 0,
  exit_bad_input = 1,
  exit_failure = 2,        ///< a back end cannot run here
  exit_rejected = 3,       ///< some layer has no legal mapping
  exit_different = 4,      ///< back ends disagree
  exit_unproven = 4,       ///< an optimum is not proven to the gap that was asked for
  exit_reader_left = 141,  ///< stdout's reader left, as a shell says of a program that SIGPIPE ends
};

/// A subcommand of cugamma: argv[0] is its name, the rest its arguments. It throws input_error,
/// backend_error or what cxxopts throws; main prints that.
struct command {
  std::string_view name;
  std::string_view summary;
  int (*run)(int argc, char** argv);
  bool takes_cost_model = false;
};

int run_evaluate(int argc, char** argv);
int run_search(int argc, char** argv);
int run_sweep(int argc, char** argv);
int run_certify(int argc, char** argv);
int run_compare(int argc, char** argv);
int run_flexibility(int argc, char** argv);
int run_report(int argc, char** argv);
int run_validate(int argc, char** argv);
int run_bench(int argc, char** argv);
int run_models(int argc, char** argv);
int run_networks(int argc, char** argv);
int run_accelerators(int argc, char** argv);

/// All subcommands, in the order of --help.
std::span<const command> commands();

/// The commands that serve a cost model with files of its own, in their form for it.
std::span<const command> commands_of(const file_cost_model& model);

}  // namespace cugamma::cli
