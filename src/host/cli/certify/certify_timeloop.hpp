#pragma once

namespace cugamma::cli {

/// `cugamma certify --cost-model timeloop`: as command::run.
int run_timeloop_certify(int argc, char** argv);

}  // namespace cugamma::cli
