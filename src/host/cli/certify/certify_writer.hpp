#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cugamma/certify/certify.hpp"
#include "cugamma/certify/machines.hpp"

namespace cugamma::cli {

/// "optimum in [4867000, 4867357] cycles, gap 0.0073 %".
std::string bounds_text(double lower, double upper, std::string_view unit);

/// For people: what is proved of each layer and the best mapping as a loop nest; of several layers
/// the sums.
std::string proofs_as_table(const std::vector<certified_layer>& layers,
                            const network_search_request& request);

/// What goes below the table of the search that the proofs began with: the same, a layer's mapping
/// only where it is another one than the search's.
std::string proofs_beside(const std::vector<certified_layer>& layers,
                          const network_search_result& found);

/// For people: the accelerator, what is proved of it, and the figures of each layer on it.
std::string machine_as_table(const certified_machine& found, const network_search_request& request);

}  // namespace cugamma::cli
