#pragma once

#include <cstddef>
#include <functional>

#include "cugamma/search/co_design.hpp"

namespace cugamma {

/// How the searches of a heat report, are interrupted and saved: as the contest of `options`, which
/// must outlive the run, on so many accelerators. save: the contest after a summary. When the run
/// stops is left open.
run_options heat_options(const co_design_options& options,
                         int heat,
                         std::size_t machines,
                         std::function<co_design_state(const run_summary&)> save);

}  // namespace cugamma
