#pragma once

#include <array>

#include "cugamma/models/report.hpp"
#include "models/maestro/reference/maestro_report.hpp"

namespace cugamma {

/// One of MAESTRO's columns and where its value is.
struct maestro_column {
  report_column column;
  double (*value)(const maestro_report&);
};

/// MAESTRO's 49 columns in the order of its CSV, then energy_nj. Whole numbers below 2^53 are
/// exact.
inline constexpr int maestro_column_count = 49;
extern const std::array<maestro_column, maestro_column_count + 1> maestro_columns;

}  // namespace cugamma
