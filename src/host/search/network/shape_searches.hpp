#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cugamma/mapping/genome.hpp"
#include "cugamma/mapping/search_space.hpp"
#include "cugamma/problem/layer.hpp"
#include "cugamma/search/genetic_search.hpp"
#include "cugamma/search/network_search.hpp"

namespace cugamma {

/// The distinct layers of a request, in the form that is mapped.
struct layer_shapes {
  std::vector<layer> layers;          ///< each shape once
  std::vector<std::string> names;     ///< of the first layer of each shape
  std::vector<std::size_t> shape_of;  ///< of every layer of the request
};

layer_shapes list_shapes(const network_search_request& request);

/// What a request searches for a layer on one accelerator, with that one's PEs.
search_space space_on(const network_search_request& request,
                      const layer& mapped,
                      const accelerator& machine);

/// The request's known mappings as first individuals of a layer's search.
std::vector<genome> first_individuals(const network_search_request& request,
                                      const std::string& name,
                                      const search_space& space);

/// What the searches of all shapes came to.
struct shape_searches {
  std::vector<genetic_search> searches;  ///< the islands of each shape that this process runs
  run_summary run;
  std::string checkpoint_problem;  ///< see network_search_result
};

}  // namespace cugamma
