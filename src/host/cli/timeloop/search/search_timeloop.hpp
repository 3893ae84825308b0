#pragma once

namespace cugamma::cli {

/// `cugamma search --cost-model timeloop`: as command::run.
int run_timeloop_search(int argc, char** argv);

}  // namespace cugamma::cli
