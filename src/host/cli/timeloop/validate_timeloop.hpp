#pragma once

namespace cugamma::cli {

/// `cugamma validate --cost-model timeloop`: as command::run.
int run_timeloop_validate(int argc, char** argv);

}  // namespace cugamma::cli
