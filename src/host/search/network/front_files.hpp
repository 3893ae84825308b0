#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "cugamma/search/network_search.hpp"

namespace cugamma {

/// Where a member of a layer's front is written, beside the layer's best.m: front/0001.m.
std::string front_file(std::size_t member);

/// Writes the mappings of a layer's front beside its best.m. Throws input_error if one cannot be
/// written.
void write_front_mappings(const std::filesystem::path& folder, const searched_layer& l);

/// Removes the mappings beyond the first `kept` that an earlier run wrote there, and the folder
/// that they were in if it is empty then.
void remove_front_mappings(const std::filesystem::path& folder, std::size_t kept);

/// One row a layer and member: layer,mapping (see front_file), a column for each objective, then
/// runtime_cycles, energy_nj, maestro_energy_nj (as MAESTRO's CSV has it), l1_size_elems,
/// l2_size_elems, num_pes.
std::string front_csv(const network_search_result& result);

/// One row a choice of the network's front: choice (from 1), the same columns of the network, then
/// for each layer, under its name, the file of the member that it takes, from the folder of --out.
std::string network_front_csv(const network_search_result& result);

/// Adds to a layer of result.json, if a front was asked for, "front":[{"objectives":[],
/// "mapping_file":,"runtime_cycles":,...}], the columns of front_csv, "hypervolume" and
/// "reference".
void add_front(nlohmann::ordered_json& layer,
               const searched_layer& l,
               const network_search_request& r);

/// Adds to result.json, if the network has a front, "front":[{"objectives":[],"members":[],
/// "runtime_cycles":,...}]: figures of the network, and for each layer the number of the member of
/// its front, 1 for front/0001.m.
void add_network_front(nlohmann::ordered_json& result, const network_search_result& found);

}  // namespace cugamma
