#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/evaluate/evaluation.hpp"

namespace cugamma::cli {

/// A network in one dataflow on one accelerator.
struct styled_total {
  std::string network;
  std::string accelerator;  ///< its name; empty: not one of several
  std::string style;
  std::string obstacle;  ///< why there are no figures; empty: there are
  double cycles = 0;
  double energy_nj = 0;
  std::int64_t doubtful_layers =
      0;  ///< whose figures a test of the model doubts, or that do not fit
};

/// What an evaluation comes to, each layer as often as its network runs it.
styled_total total_of(const evaluation& e, std::string style);

/// The rows that a model priced, for people or as JSON or CSV. Throws input_error for another
/// format.
std::string format_totals(const std::vector<styled_total>& rows,
                          const cost_model& model,
                          std::string_view format);

}  // namespace cugamma::cli
