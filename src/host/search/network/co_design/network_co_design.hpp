#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cugamma/search/co_design.hpp"
#include "cugamma/search/islands.hpp"
#include "cugamma/search/network_search.hpp"
#include "search/network/checkpoint_keeper.hpp"
#include "search/network/shape_searches.hpp"

namespace cugamma {

/// Searches one accelerator for all layers, which becomes the result's. Throws input_error for a
/// request that cannot have one.
shape_searches co_design_network(network_search_result& result,
                                 const layer_shapes& shapes,
                                 evaluator& score,
                                 const search_observer& observe);

/// Searches the front of the network over accelerators, each choice with one for all layers, and
/// what every shape's front has for these choices: mappings with PEs of their own. The result gets
/// the choices, the accelerator of the first one, and how the run went. Throws as
/// co_design_network.
std::vector<search_result> co_design_front(network_search_result& result,
                                           const layer_shapes& shapes,
                                           evaluator& score,
                                           const search_observer& observe);

/// Whether the co-design of a request searches the smallest accelerator that keeps its limits; its
/// layers minimise the limited figures then.
bool searches_smallest_machine(const network_search_request& request);

/// Gives what such a layer's search found the values of the request's objectives; its history,
/// which is of other objectives, has no best any more.
void rank_by_request(search_result& found, const network_search_request& request);

/// What a co-design of a request needs, and where it goes on from.
struct co_design_setting {
  std::vector<weighted_layer> layers;
  accelerator base;
  space_maker make_space;
  co_design_options options;
  std::optional<co_design_state> resumed;

  /// precondition: this setting outlives it
  co_design_problem problem(evaluator& score) const { return {layers, base, make_space, score}; }
};

/// All of them must outlive it. Throws input_error for a request that cannot be co-designed.
co_design_setting co_design_setting_of(const network_search_request& request,
                                       const layer_shapes& shapes,
                                       checkpoint_keeper& keeper,
                                       const search_observer& observe);

}  // namespace cugamma
