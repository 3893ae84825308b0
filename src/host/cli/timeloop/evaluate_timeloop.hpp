#pragma once

namespace cugamma::cli {

/// `cugamma evaluate --cost-model timeloop`: as command::run.
int run_timeloop_evaluate(int argc, char** argv);

}  // namespace cugamma::cli
