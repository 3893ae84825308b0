#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/search/search_request.hpp"
#include "cugamma/evaluate/network_figures.hpp"
#include "cugamma/models/bounds.hpp"
#include "cugamma/models/report.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "cugamma/search/search_run.hpp"

namespace cugamma::cli {

/// What the first objective is in a classic dataflow over what the search found, 2 for twice.
struct style_gain {
  std::string style;
  double gain = 1;
};

/// What a search found for one layer.
struct searched_layer {
  std::string name;
  layer given;
  layer mapped;  ///< the given one, or its unit-stride form
  std::int64_t count = 1;
  std::optional<candidate> best;
  pareto_front front;  ///< empty unless the request asks for one
  report figures;      ///< of the best, all columns
  cycle_bounds bounds;
  std::int64_t evaluations = 0;
  rejection_counts rejected;
  search_log log;
  /// Over the styles that are feasible on the machine. Empty without a best.
  std::vector<style_gain> gains;

  bool is_strided() const { return !(given == mapped); }
  /// How far the best's runtime is above the larger bound, 0.01 for 1 %. precondition: best
  double above_bound() const;
};

/// What a run of `cugamma search` found.
struct search_outcome {
  search_request request;
  std::string back_end;  ///< the one that ran
  std::vector<searched_layer> layers;
  run_summary run;
  std::size_t distinct_shapes = 0;  ///< layers searched; equal ones are searched once
  std::int64_t machines = 0;        ///< that a co-design of the network tried

  /// Gains of the network's first objective; empty for a single layer.
  std::vector<style_gain> gains;

  bool all_found() const;
  /// Limits that a co-design holds the network to and that it breaks; 0: none.
  double beyond_limits() const;
  /// precondition: all_found()
  network_figures network() const;
  double mappings_per_second() const;
};

/// Sees a run after every generation, and the stage it is in ("" unless it has several).
using search_observer = std::function<void(const run_summary&, const std::string& stage)>;

/// Searches all layers of a request. Of several processes only the first gets the layers.
search_outcome search(const search_request& request, const search_observer& observe);

}  // namespace cugamma::cli
