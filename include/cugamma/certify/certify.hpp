#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cugamma/evaluate/objective.hpp"
#include "cugamma/mapping/genome.hpp"
#include "cugamma/models/report.hpp"
#include "cugamma/search/network_search.hpp"

namespace cugamma {

/// How far optima are to be proved.
struct certify_options {
  double gap = 0;  ///< how far above the optimum is close enough, 0.01 for 1 %
  /// For all layers together. Each shape gets a quarter of an equal share; what is left goes to
  /// those that are not proven then, in equal shares.
  double seconds = std::numeric_limits<double>::infinity();
  std::function<bool()> interrupted;  ///< asked now and then; may be empty
  bool wants_certificate = false;     ///< see certified_layer::certificate
};

/// What is proved of one layer: no mapping of its space that counts has a figure below `lower`, and
/// the best mapping known has `upper`. A mapping counts if it is legal, fits the buffers and passes
/// every test of its cost model.
struct certified_layer {
  std::string name;
  layer mapped;  ///< as the cost model searches it
  std::int64_t count = 1;
  objective goal = objective::latency;
  double lower = 0;        ///< infinite where it is proved that no mapping counts
  double upper = 0;        ///< infinite where no mapping is known
  bool is_proven = false;  ///< to the gap that was asked for
  double seconds = 0;
  std::int64_t subtrees = 0;  ///< parts into which the space was cut
  std::int64_t opened = 0;    ///< of them, those whose bound did not settle them
  std::optional<genome> best;
  report figures;           ///< of the best, all columns
  std::string mapping;      ///< the best as MAESTRO writes mappings
  std::string certificate;  ///< JSON lines, docs/certify.md; empty unless asked for

  /// (upper - lower) / lower; infinite while either is unknown, 0 where they meet.
  double gap() const;
  std::optional<double> optimum() const;
};

/// Told what is proved of a layer, each time that it gets better.
using certify_observer = std::function<void(const std::string& layer, double lower, double upper)>;

/// Throws input_error for a complete request whose optima cannot be proved, naming the layer and
/// the reason: before any work.
void expect_certifiable(const network_search_request& request);

/// Proves the optima of the first objective for the layers that a search has been through, equal
/// ones once, beginning with the mappings that it found. precondition: expect_certifiable passed
std::vector<certified_layer> certify(const network_search_result& found,
                                     const certify_options& options = {},
                                     const certify_observer& observe = {});

/// {"layers":[{"layer","objective","optimum","lower_bound","upper_bound","gap","proven","seconds",
/// "subtrees","opened","mapping","metrics"}]}; what is not known, or not finite, is null.
std::string certify_json(const std::vector<certified_layer>& layers, const cost_model& model);

/// Writes certify.json into a folder, making it if need be, and for each layer certificate.jsonl
/// and best.m, of several layers in LAYER/. Throws input_error naming what cannot be written.
void write_certificates(const network_search_request& request,
                        const std::vector<certified_layer>& layers,
                        const std::string& folder);

}  // namespace cugamma
