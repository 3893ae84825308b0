#pragma once

#include <string>

#include "cli/bench/model_errors.hpp"

namespace cugamma::cli {

/// What was compared and how far the figures are apart, for people; correlations as the least and
/// the greatest of all layers.
std::string errors_table(const error_plan& plan, const model_errors& found);

/// The same with the correlations of each layer.
std::string errors_json(const error_plan& plan, const model_errors& found);

/// One number a row: layer,draw,subset,mappings,figure,statistic,value.
std::string errors_csv(const error_plan& plan, const model_errors& found);

}  // namespace cugamma::cli
