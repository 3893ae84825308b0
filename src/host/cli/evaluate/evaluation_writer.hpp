#pragma once

#include <string>
#include <string_view>

#include "cli/evaluate/evaluation.hpp"

namespace cugamma::cli {

/// A table for people, with what needs saying about single layers below it.
std::string as_table(const evaluation& e);

/// {"layers":[{"layer":,"status":,"reasons":[],"warnings":[],"layer_macs":,"metrics":{},
/// "plausibility":{}}]}; numbers read back to the same bits, non-finite ones are strings.
std::string as_json(const evaluation& e);

/// One row a layer, all columns, 17 significant digits.
std::string as_csv(const evaluation& e);

/// By name: "table", "json" or "csv". Throws input_error for another.
std::string format_evaluation(const evaluation& e, std::string_view format);

}  // namespace cugamma::cli
