#pragma once

#include "processes/process_group.hpp"

namespace cugamma::cli {

/// The processes that mpirun or srun started this one with; null if it was started alone. The first
/// call joins them. Throws backend_error if it cannot.
process_group* join_processes();

/// Whether another process prints an error of this one.
bool hand_over_error(const char* message);

/// Leaves the group, if this process is in one: at its end, when all have ended, or with an error,
/// which ends them all with its code.
void leave_processes(int code, bool is_error);

}  // namespace cugamma::cli
