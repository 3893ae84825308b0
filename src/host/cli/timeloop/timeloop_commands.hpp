#pragma once

namespace cugamma::cli {

// The commands in their forms for the cost model timeloop: each as command::run.
int run_timeloop_evaluate(int argc, char** argv);
int run_timeloop_search(int argc, char** argv);
int run_timeloop_certify(int argc, char** argv);
int run_timeloop_compare(int argc, char** argv);
int run_timeloop_validate(int argc, char** argv);
int run_timeloop_bench(int argc, char** argv);

}  // namespace cugamma::cli
