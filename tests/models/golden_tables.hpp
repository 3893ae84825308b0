#pragma once

#include <cstddef>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "cugamma/formats/mapping_file.hpp"
#include "cugamma/problem/accelerator.hpp"

/// What the golden tables of all cost models have in common: one case in JSON a line.
namespace cugamma {

struct golden_table {
  const char* name;
  std::size_t case_count;
};

/// Names a test after the table that it is over.
inline constexpr auto table_name = [](const auto& test) { return std::string(test.param.name); };

/// One case out of `step` of a table. Throws std::runtime_error if the table lacks cases.
inline std::vector<nlohmann::json> read_golden_lines(const std::string& folder,
                                                     const golden_table& table,
                                                     std::size_t step = 1) {
  std::ifstream in(folder + table.name + ".jsonl");
  std::vector<nlohmann::json> lines;
  std::size_t count = 0;
  for (std::string line; std::getline(in, line); ++count) {
    if (count % step == 0) lines.push_back(nlohmann::json::parse(line));
  }
  if (count != table.case_count) {
    throw std::runtime_error("golden table " + std::string(table.name) + " has " +
                             std::to_string(count) + " cases, expected " +
                             std::to_string(table.case_count));
  }
  return lines;
}

/// The accelerator of a case, with buffers without limit.
inline accelerator golden_machine(const nlohmann::json& hardware) {
  accelerator a;
  a.num_pes = hardware.at("num_pes");
  a.noc_bw = hardware.at("noc_bw");
  a.noc_hops = hardware.at("noc_hops");
  a.noc_hop_latency = hardware.at("noc_hop_latency");
  a.offchip_bw = hardware.at("offchip_bw");
  a.simd_lanes = hardware.at("simd_lanes");
  return a;
}

/// The layer and its mapping. Throws std::runtime_error unless the text holds exactly one mapping.
inline named_mapping golden_mapping(const std::string& mapping_text, const std::string& id) {
  const mapping_file file = parse_mapping_file(mapping_text, id);
  if (file.layers.size() != 1 || !file.layers[0].m) {
    throw std::runtime_error(id + ": expected one layer with a mapping");
  }
  return file.layers[0];
}

}  // namespace cugamma
