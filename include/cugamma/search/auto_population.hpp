#pragma once

#include <cstdint>

#include "cugamma/search/genetic_search.hpp"

namespace cugamma {

/// The population that came within 1 % of the best soonest (tables of bench/RESULTS.md): 32
/// individuals, 64 where test 4 rejects as well; twice as many where a device scores them.
std::int64_t auto_population(belief trust, bool runs_on_host);

}  // namespace cugamma
