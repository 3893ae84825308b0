#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/evaluate/evaluator.hpp"
#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/models/cost_model.hpp"
#include "cugamma/models/second_opinion.hpp"
#include "cugamma/problem/accelerator.hpp"

namespace cugamma::cli {

/// What became of one layer of a mapping file.
struct layer_result {
  named_mapping given;
  std::string_view status = "ok";  ///< "ok", "illegal", or "unsupported" by the back end
  std::vector<std::string> reasons;
  std::vector<std::string> warnings;
  std::int64_t layer_macs = 0;              ///< 0 if the filter does not fit the input
  report figures;                           ///< only if the status is "ok"
  std::vector<second_opinion> others = {};  ///< of the other cost models
};

struct evaluation {
  std::string network;
  accelerator machine;
  const cost_model* model = nullptr;
  std::string back_end;
  /// Columns that the back end does not score and the model's reference filled; none if the back
  /// end is the reference.
  std::vector<std::string_view> from_reference;
  std::vector<layer_result> layers;
  std::vector<std::int64_t> counts = {};  ///< of each layer in its network; empty: not known
  bool all_ok() const;
};

/// Evaluates every layer by itself, with all columns of the model. The back end's scoring gives the
/// cost and each column that follows from it; the others are the reference's. "reference" takes any
/// mapping; the others leave a mapping that a genome cannot express "unsupported". `back_end` must
/// score with `model`.
evaluation evaluate_file(const mapping_file& file,
                         const accelerator& machine,
                         const cost_model& model,
                         evaluator& back_end);

/// The warnings of all layers, each with the layer's name.
std::vector<std::string> layer_warnings(const evaluation& e);

/// What a model's test of plausibility says of a layer: "pass", "fail" or "off".
std::string_view verdict(const doubt& test, const layer_result& result);

}  // namespace cugamma::cli
