#include "cli/processes.hpp"

#include <dlfcn.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "cugamma/error.hpp"

namespace cugamma::cli {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<process_group> processes;

/// Open MPI's mpirun, launchers that speak PMIx (srun among them), MPICH's.
bool is_launched() {
  return std::ranges::any_of(std::array{"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"},
                             [](const char* name) { return std::getenv(name) != nullptr; });
}

/// MPI is in a module of its own, so that a program that needs no other process does not load it.
process_group* load_group() {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  std::string tried;
  for (const fs::path& at : {folder / "cugamma_mpi.so", folder / CUGAMMA_MPI_MODULE}) {
    if (void* const module = dlopen(at.c_str(), RTLD_NOW | RTLD_GLOBAL)) {
      return reinterpret_cast<join_function>(dlsym(module, join_function_name))();
    }
    tried += fmt::format("; {}", dlerror());
  }
  throw backend_error(
      fmt::format("started by an MPI launcher, but this program's MPI cannot be used{}", tried));
}

}  // namespace

process_group* join_processes() {
  if (!processes && is_launched()) processes.reset(load_group());
  return processes.get();
}

bool hand_over_error(const char* message) { return processes && processes->hand_over(message); }

void leave_processes(int code, bool is_error) {
  if (processes && is_error) processes->end_all(code);
  processes.reset();
}

}  // namespace cugamma::cli
