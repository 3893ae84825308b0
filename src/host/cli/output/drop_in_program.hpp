#pragma once

namespace cugamma::cli {

/// The main function of a program that stands in for another one: runs it, and says on stderr what
/// it throws. The exit status.
int run_drop_in(const char* program, int (*run)(int argc, char** argv), int argc, char** argv);

}  // namespace cugamma::cli
